# Copyright the carryall authors.  See LICENSE.
"""How commands print, and how they end."""
from __future__ import absolute_import, division, print_function

import errno
import io

import pytest

from carryall.commands import console
from carryall.commands.console import complain, run_command, say, write_all
from carryall.core.compat import text_type
from carryall.core.errors import CarryallError, ListenFailed, UsageError
from carryall.core.tapscalars import TapError


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
    ('utf-8', u'caf\xe9 \u20ac'.encode('utf-8')), ('ascii', b'caf\\xe9 \\u20ac'), ('latin-1', b'caf\xe9 \\u20ac'),
    (None, u'caf\xe9 \u20ac'.encode('utf-8'))])
def test_write_all(encoding, expected):
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
    (UsageError(u'no such type'), 2, 'x: no such type\n'), (TapError(u'not a tap'), 2, 'x: not a tap\n'),
    (CarryallError(u'broken'), 1, 'x: broken\n'), (ListenFailed(u'in use'), 1, 'x: in use\n'),
    (KeyboardInterrupt(), 130, ''), (UsageError(u'caf\xe9'), 2, None)])
def test_status(capsys, error, status, text):
    """A sentence and a status; never a traceback."""
    assert run_command(u'x', raising(error), []) == status
    output, errors = capsys.readouterr()
    assert output == '' and (text is None or errors == text), errors


def test_result_is_the_status():
    """What the command returns."""
    assert run_command(u'x', lambda words: len(words), ['a', 'b']) == 2


def test_reader_went_away(monkeypatch):
    """`carryall types | head -1` ends quietly; other trouble with a file is a mistake of ours."""
    monkeypatch.setattr(console.sys, 'stdout', io.BytesIO())
    assert run_command(u'x', raising(IOError(errno.EPIPE, 'Broken pipe')), []) == 1
    with pytest.raises(IOError):
        run_command(u'x', raising(IOError(errno.ENOSPC, 'No space left on device')), [])
