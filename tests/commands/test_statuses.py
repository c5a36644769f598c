# Copyright the carryall authors.  See LICENSE.
"""The exit status of every command, and the one line that gives its reason."""
from __future__ import absolute_import, division, print_function

import socket

import pytest

from carryall.commands.catalogue import COMMANDS, TYPES
from carryall.commands.main import main
from tests.support import interpreter

# The words after `run` are the program's; test_run.py has an option in the place of its file.
NAMES = [[]] + [[row[0]] for row in COMMANDS if row[0] != 'run'] \
    + [['serve', row[0]] for row in TYPES] + [['mktap', row[0]] for row in TYPES] \
    + [['cert', 'make'], ['cert', 'show']]


def _refused(capsys, words, status):
    assert main(words) == status
    output, errors = capsys.readouterr()
    assert output == ''
    assert errors.count('\n') == 1, errors
    assert 'Traceback' not in errors
    return errors


@pytest.mark.parametrize('words', NAMES, ids=' '.join)
def test_an_unknown_option_ends_with_2(capsys, words):
    errors = _refused(capsys, words + ['--no-such-option'], 2)
    assert '--no-such-option' in errors


@pytest.mark.parametrize('words', [
    ['get'], ['mktap'], ['serve'], ['passwd'], ['sendmail', '--server', 'x'], ['fetchmail'],
    ['whois'], ['ident'], ['completion'], ['completion', 'csh'], ['cert', 'make'],
    ['cert', 'none'], ['run'], ['run', 'none.py'], ['test-server', 'none'], ['nope'],
    ['serve', 'dict'], ['serve', 'mail'], ['web', '-p', '70000'], ['web', '--path', 'none'],
    ['web', '--https', '0', '-c', 'none.pem'], ['ftp', '--passwords', 'none'],
    ['twistd', '-nf', 'none.tap'], ['telnet', 'h', 'x'], ['web', '-i', '::1'],
    ['get', 'gopher://h/'], ['ftp-get', 'http://h/']], ids=' '.join)
def test_a_wrong_command_line_ends_with_2(capsys, words, tmpdir):
    with tmpdir.as_cwd():
        _refused(capsys, words, 2)


@pytest.fixture
def closed():
    """A port of this machine on which no program listens."""
    sock = socket.socket()
    sock.bind(('127.0.0.1', 0))
    yield sock.getsockname()[1]
    sock.close()


@pytest.mark.parametrize('words', [
    ['get', 'http://127.0.0.1:PORT/'], ['finger', 'ann@127.0.0.1', '--port', 'PORT'],
    ['whois', '-s', '127.0.0.1', '-p', 'PORT', 'x'], ['ident', '1', '2', '127.0.0.1', '-p', 'PORT'],
    ['ftp-ls', 'ftp://127.0.0.1:PORT/'], ['telnet', '127.0.0.1', 'PORT'],
    ['dict', '-h', '127.0.0.1', '-p', 'PORT', 'x']], ids=' '.join)
@pytest.mark.skipif(interpreter.JYTHON, reason='a bound socket of Jython accepts connections')
def test_a_refused_connection_ends_with_1(capsys, closed, words):
    _refused(capsys, [word.replace('PORT', '%d' % closed) for word in words], 1)


@pytest.fixture
def taken():
    """A port of this machine that is in use."""
    sock = socket.socket()
    sock.bind(('127.0.0.1', 0))
    sock.listen(1)
    yield sock.getsockname()[1]
    sock.close()


@pytest.mark.parametrize('words', [
    ['web', '-p', 'PORT'], ['ftp', '-p', 'PORT'], ['serve', 'finger', '-p', 'PORT'],
    ['socks', '-p', 'PORT'], ['pb', '-p', 'PORT'], ['serve', 'telnet', '-p', 'PORT'],
    ['mail', '-d', 'a.example=m', '--smtp', 'PORT', '--pop3', 'none']], ids=' '.join)
def test_a_port_in_use_ends_with_1_and_names_another(capsys, taken, words, tmpdir):
    with tmpdir.as_cwd():
        assert main([word.replace('PORT', '%d' % taken) for word in words]) == 1
    errors = capsys.readouterr()[1]
    assert 'cannot listen on 127.0.0.1:%d' % taken in errors
    assert '; try ' in errors, errors


@pytest.mark.parametrize('words, remedy', [
    (['web', '--https', '0', '-c', 'none.pem'], 'carryall cert make'),
    (['ftp', '-c', 'none.pem'], 'carryall cert make'),
    (['web', '-p', 'tls:0:certificate=none.pem'], 'carryall cert make'),
    (['ftp', '--passwords', 'users'], 'carryall passwd users NAME'),
    (['web', '--auth', 'users'], 'carryall passwd users NAME'),
    (['web', '-i', '0.0.0.0'], 'do you mean --interface 0.0.0.0?'),
    (['web', '-i', '[::1]:80'], 'do you mean --interface [::1]?')], ids=' '.join)
def test_the_remedy_is_named(capsys, words, remedy, tmpdir):
    with tmpdir.as_cwd():
        assert remedy in _refused(capsys, words, 2)
