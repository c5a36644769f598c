# Copyright the carryall authors.  See LICENSE.
"""``admin/check``: run the checks, print the findings."""
import argparse
import collections
import gc
import sys

from admin.checks import CHECKS, SLOW, load, ratchet
from admin.checks.tree import Tree
from admin.suite import ROOT, Trouble


def main(argv=None):
    """Runs the command; returns its exit status."""
    parser = _parser()
    given = parser.parse_args(argv)
    names = given.names + [name for names in given.only for name in names.split(',')]
    unknown = [name for name in names if name not in CHECKS]
    if unknown:
        parser.error('unknown check: %s' % unknown[0])
    names = names or [name for name in CHECKS if name not in SLOW or given.types]
    # Syntax trees have no cycles worth looking for: without it they are made in half of the time.
    gc.disable()
    try:
        return run(Tree(ROOT), names, given)
    except Trouble as trouble:
        print('admin/check: %s' % trouble, file=sys.stderr)
        return 2
    finally:
        gc.enable()


def run(tree, names, given):
    """Runs the named checks over a tree; returns the exit status."""
    allowed = ratchet.read(tree)
    wrong = 0
    for name in names:
        module = load(name)
        if given.setup and hasattr(module, 'set_up'):
            module.set_up()
        found = list(module.check(tree))
        if given.summary:
            _summarize(name, found)
        if given.ratchet or given.begin:
            wrong += _lower(name, found, allowed, given.begin)
            continue
        verdict = ratchet.judge(name, found, allowed)
        wrong += len(verdict.wrong)
        for finding in found if given.all else verdict.wrong:
            print('%s:%d: [%s] %s' % (finding.path, finding.line, name, finding.message))
        if verdict.wrong and [key for key in allowed if key[0] == name]:
            print('note: %s: %d findings, and %d are allowed; shown are all of each file that has '
                  'more than it may'
                  % (name, len(found), ratchet.total(name, allowed)))
        if verdict.lower and not verdict.wrong:
            print('note: %s: fewer findings than allowed in %d files; run admin/check --ratchet to '
                  'lower the counts'
                  % (name, len(verdict.lower)))
    if given.ratchet or given.begin:
        ratchet.write(tree, allowed)
    print('%d checks, %d findings, %d more allowed for now'
          % (len(names), wrong,
             sum(count for (name, _), count in allowed.items() if name in names)), flush=True)
    return 1 if wrong else 0


def _parser():
    rules = '\n'.join('  %-20s %s' % (name, load(name).__doc__.split('\n')[0]) for name in CHECKS)
    parser = argparse.ArgumentParser(prog='admin/check',
                                     description="Run the project's own checks.", epilog='checks:\n'
                                     + rules, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('names', nargs='*', metavar='CHECK', help='run these only')
    parser.add_argument('--only', action='append', default=[], metavar='CHECK,CHECK',
                        help='the same, in a list')
    parser.add_argument('--all', action='store_true', help='print the findings that %s allows too'
                        % ratchet.ALLOWED)
    parser.add_argument('--summary', action='store_true', help='count the findings by folder, '
                                                               'allowed ones too')
    parser.add_argument('--ratchet', action='store_true', help='lower the allowed counts to the '
                                                               'present ones')
    parser.add_argument('--begin', action='store_true', help='allow all present findings of checks '
                                                             'that allow none yet')
    parser.add_argument('--types', action='store_true',
                        help='check the types too; needs mypy, see --setup')
    parser.add_argument('--setup', action='store_true', help='first install the tools that a check '
                                                             'needs, into build/test-env')
    return parser


def _lower(name, found, allowed, begin):
    """Puts the present counts of a check into *allowed*;
    returns the number of findings that are too many."""
    paths = [key for key in allowed if key[0] == name]
    counts = ratchet.lowered(name, found, allowed)
    if begin and not paths:
        counts = collections.Counter(finding.path for finding in found)
    if counts is None:
        before = ratchet.total(name, allowed)
        print('%s: %d findings, and %d are allowed: mend the new ones' % (name, len(found), before))
        return len(found) - before
    for key in paths:
        del allowed[key]
    allowed.update({(name, path): count for path, count in counts.items()})
    return 0


def _summarize(name, found):
    """Prints the findings of a check by folder."""
    folders = collections.Counter('/'.join(finding.path.split('/')[:-1][:2]) for finding in found)
    print('%s: %d findings in %d files'
          % (name, len(found), len({finding.path for finding in found})))
    for folder, count in sorted(folders.items()):
        print('  %5d %s' % (count, folder or '.'))
