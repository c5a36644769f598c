# Copyright the carryall authors.  See LICENSE.
"""Servers in processes of their own, started as another runtime or an artifact is (TST-09)."""
from __future__ import absolute_import, division, print_function

import os
import sys

import pytest

from carryall.core.errors import Unsupported, UsageError
from carryall.core.net.protocol import Protocol
from carryall.separate import SeparateServers, command_of
from tests.house.test_pytest_plugin import get


@pytest.mark.limit(120)
def test_on_this_interpreter(tmpdir):
    """A folder and a service are served by another process, which is gone afterwards."""
    tmpdir.join('a.txt').write('from afar.\n')
    with SeparateServers(sys.executable) as servers:
        url = servers.http(path=str(tmpdir))
        assert get(url, '/a.txt').endswith(b'from afar.\n')
        first, second = servers.start('web', '--path', str(tmpdir), '-p', 'tcp:0', '-p', 'tcp:0')
        assert first != second
        assert get('http://' + second, '/a.txt').endswith(b'from afar.\n')
    with pytest.raises(Exception) as refused:
        get(url, '/a.txt')
    assert 'refused' in str(refused.value).lower() or 'Refused' in type(refused.value).__name__, \
        refused.value


@pytest.mark.limit(60)
def test_a_failing_process_shows_its_words():
    """The error has the process's own words."""
    with SeparateServers(sys.executable) as servers:
        with pytest.raises(UsageError) as fault:
            servers.start('nonsense')
    assert 'there is no service type' in str(fault.value)


def test_a_protocol_cannot_move_to_another_process(tmpdir):
    """A protocol and an application cannot be carried over."""
    with SeparateServers(sys.executable) as servers:
        with pytest.raises(Unsupported):
            servers.tcp(Protocol)
        with pytest.raises(Unsupported):
            servers.http(app=lambda request: None)


def test_a_command_is_path_or_name(tmpdir, monkeypatch):
    """An artifact by its path, an interpreter by its name or path,
    and a word for what is neither."""
    for name in ('carryall.jar', 'carryall', 'jython', 'pypy3'):
        tmpdir.join(name).write('#!/bin/sh\n')
        tmpdir.join(name).chmod(0o755)
    monkeypatch.setenv('PATH', str(tmpdir))
    folder = str(tmpdir.mkdir('links'))
    jar, extra = command_of(str(tmpdir.join('carryall.jar')), folder)
    assert jar[0] == 'java' and jar[-2:] == ['-jar', str(tmpdir.join('carryall.jar'))] and not extra
    assert command_of(str(tmpdir.join('carryall')), folder) == ([str(tmpdir.join('carryall'))], {})
    words, extra = command_of('jython', folder)
    assert words == [str(tmpdir.join('jython')), '-m', 'carryall'] and list(extra) == ['JYTHONPATH']
    words, extra = command_of('pypy', folder)
    assert words == [str(tmpdir.join('pypy3')), '-m', 'carryall'] and list(extra) == ['PYTHONPATH']
    assert os.path.isdir(os.path.join(extra['PYTHONPATH'], 'carryall'))
    for nothing in ('nothing', str(tmpdir.join('nothing.jar')), str(tmpdir.join('nothing'))):
        with pytest.raises(UsageError):
            command_of(nothing, folder)
