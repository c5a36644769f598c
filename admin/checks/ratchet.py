# Copyright the carryall authors.  See LICENSE.
"""The findings that are allowed for the time being, as a count for each check and file,
in ``allowed.txt``.

A count may fall, and the sum of a check never rises.  Code that moves takes its findings along, so
one file may have more if others have fewer.  A line reads ``CHECK PATH COUNT``.  Git merges the
file by union, so two lines may name the same check and file: then the lower count holds.
"""
import collections
import os

ALLOWED = 'admin/checks/allowed.txt'
HEAD = ('# Findings allowed for the time being: check, file, count.  Written by: admin/check '
        '--ratchet\n')

Verdict = collections.namedtuple('Verdict', 'wrong lower')


def read(tree):
    """The allowed counts: a Counter by (check, path)."""
    counts = {}
    if os.path.exists(tree.full(ALLOWED)):
        with open(tree.full(ALLOWED), encoding='utf-8') as file:
            for line in file:
                if line.strip() and not line.startswith('#'):
                    check, path, count = line.split()
                    counts[check, path] = min(int(count), counts.get((check, path), int(count)))
    return collections.Counter(counts)


def write(tree, counts):
    """Writes the counts that are not 0, sorted."""
    with open(tree.full(ALLOWED), 'w', encoding='utf-8') as file:
        file.write(HEAD)
        for (check, path), count in sorted(counts.items()):
            if count:
                file.write('%s %s %d\n' % (check, path, count))


def judge(check, findings, allowed):
    """The findings of the files that have more than allowed, and the paths that have fewer.

    As long as the check has no more findings than allowed in all, code has moved and none counts.
    """
    by_path = collections.defaultdict(list)
    for finding in findings:
        by_path[finding.path].append(finding)
    over = [path for path, group in sorted(by_path.items()) if len(group) > allowed[check, path]]
    if len(findings) <= total(check, allowed):
        over = []
    lower = [path for (name, path), count in sorted(allowed.items())
             if name == check and count > len(by_path.get(path, ()))]
    return Verdict([finding for path in over for finding in by_path[path]], lower)


def total(check, allowed):
    """The number of findings that a check allows in all files."""
    return sum(count for (name, _), count in allowed.items() if name == check)


def lowered(check, findings, allowed):
    """The new counts of a check as (path, count) pairs;
    None if there are more findings than allowed in all.

    Findings may move from one file to another, since code does.
    """
    if len(findings) > total(check, allowed):
        return None
    return collections.Counter(finding.path for finding in findings)
