# Copyright the carryall authors.  See LICENSE.
"""``admin/runtests``: the suite on every runtime, and one matrix at the end.

options       the command line
interpreters  which runtimes this machine has, and how each is started
pins          which pytest each of them gets
setup         installing what is missing
preparation   installing while what is ready is tested
classarchive  the quick start of Jython
run           one runtime's run, from its start to its last line
quick         the tests of --quick
results       what a run reports, counted
times         where the time went
progress      what is shown while they run
events        the same, as JSON lines for the window (admin/window)
matrix        what is shown at the end
main          the order of all that
"""
import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ENVIRONMENTS = os.path.join(ROOT, 'build', 'test-env')
LOGS = os.environ.get('CARRYALL_TEST_LOGS') or os.path.join(ROOT, 'build', 'test-logs')


class Trouble(Exception):
    """A message to the user of one sentence; the command ends with status 2."""
