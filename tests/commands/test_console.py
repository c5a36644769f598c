# Copyright the carryall authors.  See LICENSE.
"""How commands print, and how they end."""
from __future__ import absolute_import, division, print_function

import errno
import io
import logging
import os
import runpy
import sys

import pytest

from carryall.commands import console
from carryall.commands.console import complain, run_command, say, write_all
from carryall.core.compat import text_type
from carryall.core.errors import CarryallError, ListenFailed, UsageError
from carryall.core.logs import get_logger
from carryall.app.tapscalars import TapError

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Stream(object):
    """stdout with an encoding; keeps the bytes that reach the terminal."""

    def __init__(self, encoding):
        self.encoding = encoding
        self.data = b''

    def write(self, text):
        self.data += text.encode(self.encoding) if isinstance(text, text_type) else text

    def flush(self):
        pass


@pytest.mark.parametrize('encoding, expected', [
    ('utf-8', u'caf\xe9 \u20ac'.encode('utf-8')), ('ascii', b'caf\\xe9 \\u20ac'),
    ('latin-1', b'caf\xe9 \\u20ac'),
    (None, u'caf\xe9 \u20ac'.encode('utf-8'))])
def test_printing_works_in_every_encoding(encoding, expected):
    """Whatever the terminal's encoding is, printing does not fail."""
    stream = Stream(encoding)
    if encoding is None and str is not bytes:
        stream.encoding = 'utf-8'
    write_all(stream, u'caf\xe9 \u20ac')
    assert stream.data == expected, stream.data


def test_say_and_complain(capsys):
    """stdout and stderr; a complaint is one line whatever it holds."""
    say(u'hello')
    complain(u'mktap', u'no\nnewline\x1b[2J')
    output, errors = capsys.readouterr()
    assert output == 'hello\n'
    assert errors == 'mktap: no\\nnewline\\x1b[2J\n'


def raising(error):
    """A command that fails."""
    def command(words):
        raise error
    return command


@pytest.mark.parametrize('error, status, text', [
    (UsageError(u'no such type'), 2, 'x: no such type\n'),
    (TapError(u'not a tap'), 2, 'x: not a tap\n'),
    (CarryallError(u'broken'), 1, 'x: broken\n'), (ListenFailed(u'in use'), 1, 'x: in use\n'),
    (KeyboardInterrupt(), 130, ''), (UsageError(u'caf\xe9'), 2, None)])
def test_an_error_is_a_sentence_and_a_status(capsys, error, status, text):
    """A sentence and a status; never a traceback."""
    assert run_command(u'x', raising(error), []) == status
    output, errors = capsys.readouterr()
    assert output == '' and (text is None or errors == text), errors


def test_result_is_the_status():
    """The result of the command is the exit status."""
    assert run_command(u'x', lambda words: len(words), ['a', 'b']) == 2


def test_reader_went_away(monkeypatch):
    """`carryall types | head -1` ends quietly; other trouble with a file, unless it is the output,
    is a mistake of ours."""
    monkeypatch.setattr(console.sys, 'stdout', io.BytesIO())
    assert run_command(u'x', raising(IOError(errno.EPIPE, 'Broken pipe')), []) == 1
    with pytest.raises(IOError):
        run_command(u'x', raising(IOError(errno.ENOSPC, 'No space left on device')), [])


class Full(Stream):
    """stdout on a full disk; as a file of Python does, it fails once more when it is closed."""

    closed = 0

    def flush(self):
        raise IOError(errno.ENOSPC, 'No space left on device')

    def close(self):
        self.closed += 1
        self.flush()


def test_a_full_disk_is_a_sentence_and_status_1(monkeypatch, capsys):
    """`carryall types > FILE`: a sentence, and status 1;
    the interpreter has nothing to flush when it ends."""
    stream = Full('utf-8')
    monkeypatch.setattr(console.sys, 'stdout', stream)
    assert run_command(u'x', lambda words: say(u'hello'), []) == 1
    assert capsys.readouterr()[1] == 'x: the output cannot be written: No space left on device\n'
    assert stream.closed == 1


def test_warnings_are_printed_under_the_name_of_the_command(capsys, monkeypatch):
    monkeypatch.setattr(logging.getLogger(), 'handlers', [])
    log = get_logger('smtp.client')
    with console.Warnings(u'carryall sendmail'):
        log.warning('%s is slow, password=%s', u'caf\xe9'.encode('utf-8').decode('utf-8'), 'geheim')
        log.info('not this')
    assert capsys.readouterr()[1] in (u'carryall sendmail: caf\xe9 is slow, password=***\n',
                                      u'carryall sendmail: caf\\xe9 is slow, password=***\n')
    assert logging.getLogger('carryall').handlers == []


def test_warnings_are_left_to_a_log_if_there_is_one(capsys, monkeypatch):
    monkeypatch.setattr(logging.getLogger(), 'handlers', [logging.NullHandler()])
    with console.Warnings(u'carryall sendmail'):
        get_logger('smtp.client').warning('this')
    assert capsys.readouterr()[1] == u''


def test_nowhere_to_complain(monkeypatch):
    """stderr on a full disk, or closed: the status is all that can be told."""
    for stream in (Full('utf-8'), None):
        monkeypatch.setattr(console.sys, 'stderr', stream)
        assert run_command(u'x', raising(UsageError(u'no such type')), []) == 2


def test_a_server_runs_with_closed_output(monkeypatch):
    """`carryall web >&-`: the first line has no reader, and the server serves all the same."""
    monkeypatch.setattr(console.sys, 'stdout', None)
    assert run_command(u'x', lambda words: say(u'listening') or 0, []) == 0


def test_folder_that_is_gone(monkeypatch, capsys):
    """The current folder was removed: a sentence, where every relative path raises."""
    def getcwd():
        raise OSError(errno.ENOENT, 'No such file or directory')

    monkeypatch.setattr(console.os, 'getcwd', getcwd)
    assert run_command(u'x', lambda words: len(getcwd()), []) == 1
    assert capsys.readouterr()[1] == 'x: the folder that it was started in is not there any more\n'


class Interrupted(object):
    """A module whose import Ctrl-C breaks off."""

    def __getattr__(self, name):
        raise KeyboardInterrupt


@pytest.mark.parametrize('script, module', [
    (('bin', 'carryall'), 'main'), (('bin', 'mktap'), 'mktap'), (('bin', 'twistd'), 'twistd'),
    (('carryall', '__main__.py'), 'main')])
def test_interrupted_while_it_loads(monkeypatch, script, module):
    """Ctrl-C before the command has begun: status 130, no traceback."""
    path = os.path.join(ROOT, *script)
    if not os.path.exists(path):
        pytest.skip('only a checkout has %s' % '/'.join(script))
    monkeypatch.setattr(sys, 'path', list(sys.path))
    monkeypatch.setitem(sys.modules, 'carryall.commands.' + module, Interrupted())
    with pytest.raises(SystemExit) as caught:
        runpy.run_path(path, run_name='__main__')
    assert caught.value.code == 130
