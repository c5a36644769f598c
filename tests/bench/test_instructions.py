# Copyright the carryall authors.  See LICENSE.
"""Tests of the instruction counts of bench/instructions.py, without valgrind."""
from __future__ import absolute_import, division, print_function

import os

from bench import instructions


def test_the_start_of_a_server_does_not_count(monkeypatch):
    monkeypatch.setattr(instructions, 'total', lambda tree, kind, count: 5000000 + 70 * count)
    assert instructions.per_answer('tree', 'hello', 300) == 70.0


def test_every_kind_has_a_server_script():
    for _, script, _ in instructions.KINDS.values():
        assert os.path.isfile(os.path.join(instructions.sides.SERVERS, script))


def test_an_unknown_kind_is_refused(capsys):
    assert instructions.main(['nonesuch']) == 2
    assert 'unknown kind: nonesuch' in capsys.readouterr().err


def test_a_kind_that_grew_too_much_fails(monkeypatch, tmpdir, capsys):
    trees = {instructions.sides.ROOT: 103.0}
    monkeypatch.setattr(instructions, 'checkout', lambda revision: str(tmpdir.mkdir(revision)))
    monkeypatch.setattr(instructions, 'per_answer', lambda tree, kind, count: trees.get(
        tree, 100.0))
    assert instructions.main(['--against', 'before', '--most', '2', 'echo']) == 1
    assert '1.0300' in capsys.readouterr().out
    assert not tmpdir.join('before').check()


def test_a_kind_within_the_bound_passes(monkeypatch, tmpdir):
    trees = {instructions.sides.ROOT: 101.0}
    monkeypatch.setattr(instructions, 'checkout', lambda revision: str(tmpdir.mkdir(revision)))
    monkeypatch.setattr(instructions, 'per_answer', lambda tree, kind, count: trees.get(
        tree, 100.0))
    assert instructions.main(['--against', 'before', '--most', '2', 'echo']) == 0
