# Copyright the carryall authors.  See LICENSE.
"""The service ``telnet``: options, warnings, and a console on each backend, plain and TLS."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.app.optionvalues import plain
from carryall.core.errors import ListenFailed, UsageError
from carryall.core.future import Return, coroutine
from carryall.commands.catalogue import known_types
from carryall.core.testing import VirtualLoop
from carryall.core.tls import TLSContext, connect_tls
from carryall.core.tls.authority import self_signed
from carryall.protocols.telnet.client import TelnetClient
from carryall.services.console.service import TYPE
from tests.support import interpreter
from tests.support.activity import watch

LOGIN = ['-u', 'username', '-w', 'password']


def made(*words):
    return TYPE.make(TYPE.options.parse(list(words)))


def test_the_registry_knows_it():
    assert known_types().get('telnet') is TYPE


def test_the_line_of_the_readme():
    """``mktap telnet -p 8023 -u username -w password``."""
    values = TYPE.options.parse(['-p', '8023', '-u', 'username', '-w', 'password'])
    assert (values.port, values.username, values.password) == (u'tcp:8023', u'username',
                                                               u'password')
    assert TYPE.endpoints(values) == [u'tcp:8023:interface=127.0.0.1'], \
        'for this machine alone, unless told otherwise'
    assert TYPE.options.parse(TYPE.options.words(values)) == values and TYPE.options.complete(
        plain(values)) == values


def test_the_defaults_of_old():
    values = TYPE.options.parse([])
    assert (values.port, values.username, values.password) == (u'tcp:4040', u'admin', u'changeme')


@pytest.mark.parametrize('words, logged', [
    ([], 'everybody knows'), (['-w', 'x', '-i', '0.0.0.0'], 'go in clear'),
    (['-w', 'x', '-p', 'tcp:4040:interface=[::]'], 'go in clear')])
def test_a_risky_option_is_warned_of(words, logged, expect_log):
    expect_log(logged)
    loop = VirtualLoop()
    service = made(*words)
    service.start(loop)
    loop.run_until(service.stop())


@pytest.mark.parametrize('words', [['-p', 'x'], ['--idle', '0'], ['--max-connections', '100'],
                                   ['-w', ''], ['-u', '']])
def test_bad_words_are_refused(words):
    with pytest.raises(UsageError):
        TYPE.options.parse(words)


def test_a_port_that_is_taken():
    loop = VirtualLoop()
    first = made('-p', '4040', *LOGIN)
    first.start(loop)
    with pytest.raises(ListenFailed):
        made('-p', '4040', *LOGIN).start(loop)
    assert first.listening() == ['telnet on 127.0.0.1:4040']
    loop.run_until(first.stop())
    assert first.listening() == []


@coroutine
def logged_in(client):
    yield client.read_until(b'username: ')
    client.write(b'username\n')
    yield client.read_until(b'password: ')
    client.write(b'password\n')
    greeting = yield client.read_until(b'>>> ')
    raise Return(greeting)


@coroutine
def answer(client, line):
    client.write(line + b'\n')
    shown = yield client.read_until(b'>>> ')
    raise Return(shown.partition(b'\n')[2])


def connect(loop, service, context=None):
    port = service.server.listeners[0].address.port
    if context is not None:
        return loop.run_until(connect_tls(loop, context, TelnetClient, '127.0.0.1', port,
                                          'localhost'))[1]
    return loop.run_until(loop.connect_tcp(TelnetClient, '127.0.0.1', port))[1]


def test_a_console_answers_over_telnet(loop):
    service = made('-p', '0', *LOGIN)
    service.start(loop)
    client = connect(loop, service)
    assert b'Python' in loop.run_until(logged_in(client))
    assert loop.run_until(answer(client, b'6 * 7')) == b'42\n>>> '
    assert loop.run_until(answer(client, b'call(service.listening)[0][:19]')).replace(
        b'u', b'') == b"'telnet on 127.0.0.1'\n>>> "
    if interpreter.JYTHON:
        assert loop.run_until(answer(
            client, b'import java.util.ArrayList as A; A([1, 2]).size()')) == b'2\n>>> '
    client.write(b'while True: pass\n\n')
    loop.call_later(0.2, client.write, b'\x03')
    assert loop.run_until(client.read_until(b'KeyboardInterrupt\n>>> '))
    loop.run_until(service.stop())


def test_sessions_share_a_namespace_on_request(loop):
    for words, shared in (([], False), (['--shared'], True)):
        service = made('-p', '0', *(LOGIN + words))
        service.start(loop)
        clients = [connect(loop, service) for _ in range(2)]
        for client in clients:
            loop.run_until(logged_in(client))
        loop.run_until(answer(clients[0], b'x = 5'))
        shown = loop.run_until(answer(clients[1], b'x'))
        assert (shown == b'5\n>>> ') == shared and (b'NameError' in shown) != shared
        loop.run_until(service.stop())


def test_a_console_runs_over_tls(loop, tmpdir):
    if not loop.caps.tls:
        pytest.skip(loop.caps.why_not('tls'))
    pem = tmpdir.join('both.pem')
    pair = self_signed([u'localhost'], loop.wall())
    pem.write_binary(pair.certificate + pair.key)
    service = made('-p', 'tls:0:certificate=%s:interface=127.0.0.1' % pem, *LOGIN)
    service.start(loop)
    client = connect(loop, service, TLSContext(trust=pair.certificate))
    assert b'Python' in loop.run_until(logged_in(client))
    assert loop.run_until(answer(client, b'6 * 7')) == b'42\n>>> '
    loop.run_until(service.stop())


def test_a_transcript_and_too_many_sessions(loop, tmpdir):
    path = tmpdir.join('transcript')
    service = made('-p', '0', '--transcript', str(path), '--max-connections', '1', *LOGIN)
    service.start(loop)
    assert os.name == 'nt' or os.stat(str(path)).st_mode & 0o777 == 0o600, \
        'what was typed is nobody else\'s affair'
    client = connect(loop, service)
    loop.run_until(logged_in(client))
    service.reload()
    loop.run_until(answer(client, b'6 * 7'))
    other = connect(loop, service)
    assert loop.run_until(other.read()) == b'Too many sessions.\n'
    loop.run_until(service.stop())
    lines = path.read_binary().splitlines()
    assert b'username| 6 * 7' in lines and b'username| 42' in lines \
        and b'password\n' not in path.read_binary()


def test_a_missing_password_file_admits_no_user(loop, tmpdir, expect_log, short_delay):
    expect_log('could not be judged|cannot be read')
    service = made('-p', '0', '--password-file', str(tmpdir.join('none')), *LOGIN)
    service.start(loop)
    client = connect(loop, service)
    loop.run_until(client.read_until(b'username: '))
    client.write(b'username\npassword\n')
    assert loop.run_until(client.read_until(b'Logins cannot be checked now'))
    loop.run_until(service.stop())


def test_started_by_hand_it_makes_up_a_password():
    values = TYPE.options.parse([])
    lines = TYPE.started_by_hand(values)
    assert lines == [u'user admin, password %s' % values.password] and len(values.password) == 16
    assert TYPE.started_by_hand(TYPE.options.parse([])) != lines, 'another each time'
    given = TYPE.options.parse(['-w', 'mine'])
    assert TYPE.started_by_hand(given) == [] and given.password == u'mine'


def test_logins_and_sessions_are_told_to_the_activity(loop):
    told = watch(loop)
    service = made('-p', '0', *LOGIN)
    service.start(loop)
    client = connect(loop, service)
    loop.run_until(logged_in(client))
    loop.run_until(service.stop())
    assert [row[1:4] for row in told.rows] == [
        (u'127.0.0.1', u'login username', u'success'),
        (u'username@127.0.0.1', u'session', u'ended')]


def test_a_user_of_the_command_line_logs_in(loop):
    service = made('-p', '0', '--user', 'username=password')
    service.start(loop)
    assert b'Python' in loop.run_until(logged_in(connect(loop, service)))
    loop.run_until(service.stop())


def test_no_password_is_made_up_for_admin_beside_users():
    assert TYPE.started_by_hand(TYPE.options.parse(['--user', 'ann=b'])) == []
