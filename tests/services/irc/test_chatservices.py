# Copyright the carryall authors.  See LICENSE.
"""NickServ, ChanServ, HostServ, MemoServ, BotServ, as users write to them."""
from __future__ import absolute_import, division, print_function

import pytest

from tests.services.irc.keptscene import KeptScene

FINGERPRINT = b'ab' * 32


def operator(scene):
    client = scene.owner(b'root')
    scene.settle(client, b'OPER root secret')
    return client


# -- NickServ ------------------------------------------------------------------------------

def test_a_nick_is_registered_and_logged_in():
    scene = KeptScene()
    client = scene.enter(b'ann')
    answer = scene.ask(client, b'NickServ', b'REGISTER secret')
    assert (answer, client.server.user.account) == (
        [b'Account ann is registered, and you are logged in'], b'ann')


@pytest.mark.parametrize('text, right', [
    (b'IDENTIFY secret', True), (b'IDENTIFY ann secret', True), (b'IDENTIFY wrong', False),
    (b'IDENTIFY ben secret', False)])
def test_a_user_logs_in(text, right):
    scene = KeptScene()
    scene.owner(b'ann').send(b'QUIT')
    client = scene.enter(b'ann')
    scene.ask(client, b'NickServ', text)
    assert (client.server.user.account == b'ann') is right


def test_passwords_go_by_tls_alone():
    scene = KeptScene()
    scene.settings = scene.settings.replace(clear_auth=False)
    client = scene.enter(b'ann')
    assert scene.ask(client, b'NickServ', b'REGISTER secret') == [
        b'Passwords are taken over TLS alone']


@pytest.mark.parametrize('nick, text, answer', [
    (b'ann', b'REGISTER x', b'The password is too short'),
    (b'ann', b'REGISTER ' + b'x' * 2000, None), (b'ann', b'REGISTER', b'Syntax: REGISTER password'),
    (b'ann', b'NONSENSE', b'Unknown command; HELP lists them'),
    (b'ann', b'LOGOUT', b'You must log in first'), (b'ann', b'INFO ben',
                                                    b'This nick is not registered')])
def test_a_wrong_command_is_refused(nick, text, answer):
    scene = KeptScene()
    found = scene.ask(scene.enter(nick), b'NickServ', text[:400])
    assert found == [answer] or answer is None


def test_help_lists_the_commands():
    scene = KeptScene()
    assert b'REGISTER password' in scene.ask(scene.enter(b'ann'), b'NickServ', b'HELP')


def test_one_source_registers_few_accounts():
    scene = KeptScene()
    answers = [scene.ask(scene.enter(b'n%d' % number), b'NickServ', b'REGISTER secret')
               for number in range(4)]
    assert answers[-1] == [b'Too many accounts; try later']


def test_a_user_logs_out():
    scene = KeptScene()
    client = scene.owner(b'ann')
    scene.ask(client, b'NickServ', b'LOGOUT')
    assert (client.server.user.account, b'r' in client.server.user.modes) == (None, False)


def test_a_ghost_is_ended():
    scene = KeptScene()
    first = scene.owner(b'ann')
    scene.ask(first, b'NickServ', b'GROUP')
    second = scene.enter(b'other')
    scene.ask(second, b'NickServ', b'IDENTIFY ann secret')
    scene.ask(second, b'NickServ', b'GHOST ann')
    assert first.wire.is_closing()


def test_a_nick_is_grouped():
    scene = KeptScene()
    client = scene.owner(b'ann')
    client.send(b'NICK ann2')
    scene.ask(client, b'NickServ', b'GROUP')
    assert scene.network.accounts.owner_of(b'ANN2').name == b'ann'


def test_a_nick_is_protected():
    scene = KeptScene()
    owner = scene.owner(b'ann')
    scene.ask(owner, b'NickServ', b'SET ENFORCE ON')
    owner.send(b'QUIT')
    client = scene.enter(b'ann')
    scene.loop.advance(61.0)
    assert client.server.user.nick == b'Guest1'


def test_the_names_of_services_are_taken():
    scene = KeptScene()
    client = scene.connect()
    assert client.send(b'NICK nickserv')[0].split(b' ')[1] == b'433'


def test_a_password_is_changed():
    scene = KeptScene()
    client = scene.owner(b'ann')
    scene.ask(client, b'NickServ', b'SET PASSWORD another')
    client.send(b'QUIT')
    again = scene.enter(b'ann')
    scene.ask(again, b'NickServ', b'IDENTIFY another')
    assert again.server.user.account == b'ann'


def test_certificates_are_kept():
    scene = KeptScene()
    client = scene.owner(b'ann')
    scene.ask(client, b'NickServ', b'CERT ADD ' + FINGERPRINT)
    assert (scene.ask(client, b'NickServ', b'CERT LIST'),
            scene.network.accounts.by_certificate(FINGERPRINT.decode('ascii')).name) == (
                [FINGERPRINT], b'ann')


def test_an_account_is_dropped():
    scene = KeptScene()
    client = scene.owner(b'ann')
    scene.ask(client, b'NickServ', b'DROP ann')
    assert (scene.network.accounts.get(b'ann'), client.server.user.account) == (None, None)


def test_no_other_account_is_dropped():
    scene = KeptScene()
    scene.owner(b'ann')
    ben = scene.owner(b'ben')
    assert scene.ask(ben, b'NickServ', b'DROP ann') == [b'This is no account of yours']


# -- HostServ ------------------------------------------------------------------------------

def test_a_host_is_given_and_hidden():
    scene = KeptScene()
    root = operator(scene)
    ann = scene.owner(b'ann')
    scene.ask(root, b'HostServ', b'SET ann tea.example')
    given = ann.server.user.host
    scene.ask(ann, b'HostServ', b'OFF')
    assert (given, ann.server.user.host) == (b'tea.example', b'192.0.2.1')


def test_a_user_gives_no_host():
    scene = KeptScene()
    assert scene.ask(scene.owner(b'ann'), b'HostServ', b'SET ann x.example') == [
        b'You must be an operator with that right']


# -- ChanServ ------------------------------------------------------------------------------

def founded():
    scene = KeptScene()
    ann = scene.owner(b'ann')
    ann.send(b'JOIN #tea')
    scene.ask(ann, b'ChanServ', b'REGISTER #tea')
    return scene, ann


def test_a_channel_is_registered():
    scene, ann = founded()
    channel = scene.network.channel_of(b'#tea')
    assert (b'r' in channel.modes, channel.signs_of(ann.server.user, False)) == (True, b'~')


def test_a_channel_keeps_its_topic_and_modes():
    scene, ann = founded()
    ann.send(b'TOPIC #tea :two lumps', b'MODE #tea +sb *!*@evil', b'PART #tea')
    ben = scene.enter(b'ben')
    lines = ben.send(b'JOIN #tea')
    channel = scene.network.channel_of(b'#tea')
    assert (any(b':two lumps' in line for line in lines), b's' in channel.modes,
            [entry.mask for entry in channel.lists[b'b']], channel.rank(ben.server.user)) == (
                True, True, [b'*!*@evil'], 0)


def test_the_founder_comes_back_as_such():
    scene, ann = founded()
    ann.send(b'PART #tea', b'JOIN #tea')
    assert scene.network.channel_of(b'#tea').signs_of(ann.server.user, False) == b'~'


def test_an_account_has_its_standing():
    scene, ann = founded()
    ben = scene.owner(b'ben')
    scene.ask(ann, b'ChanServ', b'ACCESS #tea ADD ben o')
    ben.send(b'JOIN #tea')
    assert scene.network.channel_of(b'#tea').signs_of(ben.server.user, False) == b'@'


def test_standings_are_listed():
    scene, ann = founded()
    scene.owner(b'ben')
    scene.ask(ann, b'ChanServ', b'ACCESS #tea ADD ben v')
    assert scene.ask(ann, b'ChanServ', b'ACCESS #tea LIST') == [b'ben v']


@pytest.mark.parametrize('text', [
    b'REGISTER #tea', b'DROP #tea', b'ACCESS #tea ADD ben o', b'TRANSFER #tea ben', b'OP #tea',
    b'UNBAN #tea', b'INVITE #tea'])
def test_another_account_has_no_rights(text):
    scene, _ = founded()
    ben = scene.owner(b'ben')
    before = scene.network.registered.get(b'#tea')['founder']
    scene.ask(ben, b'ChanServ', text)
    assert (before, scene.network.registered.get(b'#tea')['access']) == (u'ann', {})


def test_a_channel_is_given_to_another():
    scene, ann = founded()
    scene.owner(b'ben')
    scene.ask(ann, b'ChanServ', b'TRANSFER #tea ben')
    assert scene.network.registered.get(b'#tea')['founder'] == u'ben'


def test_the_founder_lifts_its_ban():
    scene, ann = founded()
    ann.send(b'MODE #tea +b ann!*@*')
    scene.ask(ann, b'ChanServ', b'UNBAN #tea')
    assert not scene.network.channel_of(b'#tea').is_banned(ann.server.user)


def test_a_channel_is_dropped():
    scene, ann = founded()
    scene.ask(ann, b'ChanServ', b'DROP #tea')
    assert scene.network.registered.get(b'#tea') is None


# -- MemoServ and BotServ ----------------------------------------------------------------------

def test_a_memo_waits_for_its_account():
    scene = KeptScene()
    ann = scene.owner(b'ann')
    ben = scene.owner(b'ben')
    ben.send(b'QUIT')
    scene.ask(ann, b'MemoServ', b'SEND ben tea at five')
    again = scene.enter(b'ben')
    told = scene.settle(again, b'PRIVMSG NickServ :IDENTIFY secret')
    assert (any(b'You have 1 new memos' in line for line in told),
            scene.ask(again, b'MemoServ', b'READ 1')) == (True, [b'ann: tea at five'])


def test_memos_are_listed_and_deleted():
    scene = KeptScene()
    ann = scene.owner(b'ann')
    scene.ask(ann, b'MemoServ', b'SEND ann one')
    listed = scene.ask(ann, b'MemoServ', b'LIST')
    scene.ask(ann, b'MemoServ', b'DEL 1')
    assert (listed, scene.ask(ann, b'MemoServ', b'LIST')) == ([b'1 from ann (new)'],
                                                             [b'You have no memos'])


@pytest.mark.parametrize('text', [b'READ 1', b'READ x', b'DEL 0'])
def test_a_memo_that_is_not_there_is_refused(text):
    scene = KeptScene()
    assert scene.ask(scene.owner(b'ann'), b'MemoServ', text) == [b'There is no such memo']


def test_a_bot_sits_in_a_channel_and_speaks():
    scene, ann = founded()
    root = operator(scene)
    scene.ask(root, b'BotServ', b'ADD teabot Tea Bot')
    scene.ask(ann, b'BotServ', b'ASSIGN #tea teabot')
    lines = scene.settle(ann, b'PRIVMSG BotServ :SAY #tea hello')
    assert b':teabot!bot@services PRIVMSG #tea :hello' in lines


def test_a_bot_leaves():
    scene, ann = founded()
    root = operator(scene)
    scene.ask(root, b'BotServ', b'ADD teabot')
    scene.ask(ann, b'BotServ', b'ASSIGN #tea teabot')
    scene.ask(ann, b'BotServ', b'UNASSIGN #tea')
    assert len(scene.network.channel_of(b'#tea').members) == 1
