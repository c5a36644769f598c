# Copyright the carryall authors.  See LICENSE.
"""carryall serve irc with a store, killed a few times: the short form of irc-kill."""

from acceptance.cases.irc_kill import kill_often

PROVES = ['IRC-03', 'IRC-04']
NEEDS = []

ROUNDS = {'cpython': 5, 'pypy': 3, 'jython': 2}


def run(stage):
    """A few rounds."""
    kill_often(stage, ROUNDS[stage.runtime.kind])
