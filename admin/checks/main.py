# Copyright the carryall authors.  See LICENSE.
"""``admin/check``: run the checks, print what they find."""
import argparse
import sys

from admin.checks import CHECKS, SLOW, load
from admin.checks.tree import Tree
from admin.suite import ROOT, Trouble


def main(argv=None):
    """Run the command; returns its exit status."""
    rules = '\n'.join('  %-20s %s' % (name, load(name).__doc__.split('\n')[0]) for name in CHECKS)
    parser = argparse.ArgumentParser(prog='admin/check', description="Run the project's own checks.",
                                     epilog='checks:\n' + rules, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('names', nargs='*', metavar='CHECK', help='only these')
    parser.add_argument('--types', action='store_true', help='the types too (admin/check --types --setup gets mypy first)')
    parser.add_argument('--setup', action='store_true', help='first install what a check needs, into build/test-env')
    given = parser.parse_args(argv)
    unknown = [name for name in given.names if name not in CHECKS]
    if unknown:
        parser.error('there is no check called %s' % unknown[0])
    names = given.names or [name for name in CHECKS if name not in SLOW or given.types]
    tree = Tree(ROOT)
    wrong = 0
    try:
        for name in names:
            module = load(name)
            if given.setup and hasattr(module, 'set_up'):
                module.set_up()
            found = list(module.check(tree))
            wrong += len(found)
            for finding in found:
                print('%s:%d: [%s] %s' % (finding.path, finding.line, name, finding.message))
    except Trouble as trouble:
        print('admin/check: %s' % trouble, file=sys.stderr)
        return 2
    print('%d checks, %d findings' % (len(names), wrong), flush=True)
    return 1 if wrong else 0

