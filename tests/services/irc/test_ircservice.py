# Copyright the carryall authors.  See LICENSE.
"""The service type ``irc``."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.commands.catalogue import known_types
from carryall.core.errors import ConnectFailed, ConnectionLost, UsageError
from carryall.core.testing import VirtualLoop
from carryall.protocols.irc import ClientSettings, IRCError, connect
from carryall.services.irc.service import TYPE


def started(*words):
    loop = VirtualLoop()
    service = TYPE.make(TYPE.options.parse(['-p', '7000'] + list(words)))
    service.start(loop)
    return loop, service


def entered(loop, nick=b'ann', **settings):
    chosen = ClientSettings(**settings)
    return loop.run_until(connect(loop, '127.0.0.1', 7000, nick, settings=chosen))


def test_the_registry_has_the_type():
    assert known_types().get('irc') is TYPE


@pytest.mark.parametrize('words, endpoints', [
    ([], [u'tcp:6667:interface=127.0.0.1']),
    (['-p', '7000', '-p', '7001'], [u'tcp:7000:interface=127.0.0.1',
                                    u'tcp:7001:interface=127.0.0.1']),
    (['--interface', '192.0.2.1'], [u'tcp:6667:interface=192.0.2.1'])])
def test_the_service_listens_on_this_machine_unless_told_otherwise(words, endpoints):
    assert TYPE.endpoints(TYPE.options.parse(words)) == endpoints


@pytest.mark.parametrize('words', [
    ['--name', 'a b'], ['--name', '.x'], ['--network', ''],
    ['--burst', '0'], ['--clear-logins'], ['--ping', '0']])
def test_a_wrong_option_is_an_error(words):
    with pytest.raises(UsageError):
        TYPE.options.parse(words)


def test_two_clients_talk():
    loop, _ = started()
    heard = []
    ann = entered(loop)
    ben = loop.run_until(connect(loop, '127.0.0.1', 7000, b'ben',
                                 received=lambda client, message: heard.append(message.params)))
    for each in (ann, ben):
        loop.run_until(each.join(b'#tea'))
    ann.say(b'#tea', b'two lumps')
    loop.advance(0.01)
    assert heard[-1] == [b'#tea', b'two lumps']


def test_the_names_are_those_of_the_options():
    loop, service = started('--name', 'irc.example', '--network', 'Example')
    assert (service.network.name, service.network.network) == (b'irc.example', b'Example')


def test_the_message_of_the_day_comes_from_a_file(tmp_path):
    path = tmp_path / 'motd.txt'
    path.write_bytes(b'Tea is ready.\n')
    loop, service = started('--motd', str(path))
    assert service.network.motd == [b'Tea is ready.']


def test_the_message_of_the_day_is_read_again(tmp_path):
    path = tmp_path / 'motd.txt'
    path.write_bytes(b'Tea.\n')
    loop, service = started('--motd', str(path))
    path.write_bytes(b'Milk.\n')
    service.reload()
    assert service.network.motd == [b'Milk.']


def test_a_long_message_of_the_day_is_an_error(tmp_path):
    path = tmp_path / 'motd.txt'
    path.write_bytes(b'x\n' * 201)
    with pytest.raises(UsageError):
        started('--motd', str(path))


def test_an_account_logs_in():
    loop, service = started('--user', 'ann=secret', '--clear-logins')
    entered(loop, account=u'ann', account_password=b'secret', clear_auth=True)
    assert service.network.user_of(b'ann').account == b'ann'


def test_a_wrong_password_does_not_log_in():
    loop, _ = started('--user', 'ann=secret', '--clear-logins')
    with pytest.raises(IRCError):
        entered(loop, account=u'ann', account_password=b'wrong', clear_auth=True)


def test_one_address_has_a_bounded_number_of_connections():
    loop, _ = started('--max-per-address', '1')
    entered(loop)
    with pytest.raises((ConnectFailed, ConnectionLost)):
        entered(loop, b'ben')


def test_clients_of_other_networks_are_refused():
    loop, _ = started('--allow', '10.0.0.0/8')
    with pytest.raises(ConnectionLost):
        entered(loop)


def test_a_stop_ends_the_sessions():
    loop, service = started()
    client = entered(loop)
    service.stop(1.0)
    loop.advance(2.0)
    assert client.transport.is_closing()
