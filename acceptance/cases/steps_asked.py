# Copyright the carryall authors.  See LICENSE.
"""admin/accepttests goes through the steps of 2002 in their order; -i asks a person, -b does not.

The person is played here: one step is run, judged and commented on, one is left out.
"""
import os
import re
import subprocess
import sys

from acceptance import steps
from acceptance.stage import ROOT

PROVES = ['TST-03']
NEEDS = []
LONG = True
EACH_RUNTIME = False

RUNNER = os.path.join(ROOT, 'admin', 'accepttests')
SECONDS = 240.0             # for a run of the runner
COMMENT = 'it says hello world'


def run(stage):
    """The list, then a person's answers, then none."""
    listed = accepttests(stage, '--steps', '--list')
    named = re.findall(r'(?m), was (\w+)$', listed)
    stage.demand(named == sorted(named, key=steps.NAMES.index), 'another order: %s', named)
    # A step is run and worked; a comment; the next one is left out.
    said = accepttests(stage, '-i', '--runtime', 'cpython', 'runExampleTest', 'runTelnetTest',
                       answers='\ny\n%s\nn\n' % COMMENT)
    asked(stage, said)
    said = accepttests(stage, '-i', '-b', '--runtime', 'cpython', 'runExampleTest')
    stage.demand('Press Enter' not in said, '-b asks:\n%s', said)
    stage.demand('1 passed, 0 failed, 0 skipped' in said, 'it did not pass:\n%s', said)


def asked(stage, said):
    """The dialogue has its parts in their order."""
    at = 0
    for part in ('[1/2] runExampleTest on cpython', 'Press Enter to run it',
                 'its own checks: passed', 'Did it work? [y/n]', 'Comments',
                 '[2/2] runTelnetTest on cpython', 'Press Enter to run it', 'Summary',
                 'passed  runExampleTest on cpython', COMMENT, 'skipped runTelnetTest on cpython',
                 '1 passed, 0 failed, 1 skipped'):
        found = said.find(part, at)
        stage.demand(found >= 0, 'it lacks %r behind %d:\n%s', part, at, said)
        at = found


def accepttests(stage, *words, answers=''):
    """Runs the runner to its good end with answers on its input; its output."""
    done = subprocess.run([sys.executable, RUNNER] + list(words), input=answers.encode('ascii'),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=stage.folder,
                          timeout=SECONDS, check=False)
    said = done.stdout.decode('utf-8', 'replace')
    stage.demand(done.returncode == 0, '%s ended with %d:\n%s', words, done.returncode, said)
    return said
