# Copyright the carryall authors.  See LICENSE.
"""The findings that are allowed for the time being, as a count for each check and file, in ``allowed.txt``.

A count may fall and never rises.  A line reads ``CHECK PATH COUNT``.  Git merges the file by union, so two lines may
name the same check and file: then the lower count holds.  A file that was moved keeps its allowance: the counts of a
check's files that are gone may be used by files that have no line.
"""
import collections
import os

ALLOWED = 'admin/checks/allowed.txt'
HEAD = '# Findings allowed for the time being: check, file, count.  Written by: admin/check --ratchet\n'

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
    """Write the counts that are not 0, sorted."""
    with open(tree.full(ALLOWED), 'w', encoding='utf-8') as file:
        file.write(HEAD)
        for (check, path), count in sorted(counts.items()):
            if count:
                file.write('%s %s %d\n' % (check, path, count))


def judge(check, findings, allowed, there):
    """The findings of a check that nothing allows, and the paths that have fewer than allowed."""
    by_path = collections.defaultdict(list)
    for finding in findings:
        by_path[finding.path].append(finding)
    spare = sum(count for (name, path), count in allowed.items() if name == check and path not in there)
    wrong = []
    for path, group in sorted(by_path.items()):
        if (check, path) not in allowed and len(group) <= spare:
            spare -= len(group)
        elif len(group) > allowed[check, path]:
            wrong += group
    lower = [path for (name, path), count in sorted(allowed.items())
             if name == check and count > len(by_path.get(path, ()))]
    return Verdict(wrong, lower)


def lowered(check, findings, allowed):
    """The new counts of a check as (path, count) pairs; None if there are more findings than allowed in all.

    Findings may move from one file to another, since code does.
    """
    before = sum(count for (name, _), count in allowed.items() if name == check)
    if len(findings) > before:
        return None
    return collections.Counter(finding.path for finding in findings)
