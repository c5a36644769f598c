# Copyright the carryall authors.  See LICENSE.
"""Redirection of output to the session that made it."""
from __future__ import absolute_import, division, print_function

import sys

from carryall.services.console import outputs


def test_only_inside_of_a_capture(capsys):
    heard = []
    values = []
    outputs.install()
    try:
        print('outside')
        with outputs.Capture(heard.append, values.append):
            print('inside')
            sys.stdout.writelines(['a', 'b'])
            sys.stdout.flush()
            sys.displayhook(7)
            assert not sys.stdout.isatty()
            with outputs.Capture(values.append, None):
                sys.stderr.write('deeper')
        print('outside again')
        sys.stdout.flush()
    finally:
        outputs.uninstall()
    assert ''.join(heard) == 'inside\nab' and values == [7, 'deeper']
    assert capsys.readouterr()[0] == 'outside\noutside again\n'


def test_foreign_streams_are_left_alone(monkeypatch):
    outputs.install()
    mine = object()
    monkeypatch.setattr(sys, 'stdout', mine)
    outputs.uninstall()
    assert sys.stdout is mine
    monkeypatch.undo()
    sys.stdout = getattr(sys.stdout, 'real', sys.stdout)
