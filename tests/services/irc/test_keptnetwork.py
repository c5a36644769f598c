# Copyright the carryall authors.  See LICENSE.
"""A network that is kept: users that stay, and all that a start brings back."""
from __future__ import absolute_import, division, print_function

from carryall.core.auth.checkers import MemoryChecker
from carryall.protocols.irc import KLINE
from tests.services.irc.keptscene import KeptScene

CAPABILITIES = (b'server-time', b'message-tags', b'batch')


def words(lines):
    """The commands of lines, with tags or without."""
    return [line.split(b' ')[2 if line[:1] == b'@' else 1] for line in lines]


def kept():
    """A user that stays, in a channel with another."""
    scene = KeptScene()
    ann = scene.owner(b'ann', *CAPABILITIES)
    scene.ask(ann, b'NickServ', b'SET ALWAYS-ON ON')
    ann.send(b'JOIN #tea')
    ben = scene.owner(b'ben', *CAPABILITIES)
    ben.send(b'JOIN #tea')
    return scene, ann, ben


def test_a_user_stays_when_its_connection_is_gone():
    scene, ann, ben = kept()
    ben.take()
    ann.wire.lose()
    assert (ben.take(), len(scene.network.channel_of(b'#tea').members)) == ([], 2)


def test_a_user_that_quits_stays():
    scene, ann, _ = kept()
    ann.send(b'QUIT')
    assert scene.network.user_of(b'ann') is not None


def test_a_user_that_is_killed_does_not_stay():
    scene, ann, _ = kept()
    ann.server.end(b'Killed')
    assert scene.network.user_of(b'ann') is None


def test_a_client_comes_back_into_its_channels():
    scene, ann, _ = kept()
    ann.wire.lose()
    ann.take()
    again = scene.owner(b'ann', *CAPABILITIES)
    assert (again.server.user.nick, sorted(again.server.user.channels)) == (b'ann', [b'#tea'])


def test_a_client_is_sent_what_was_said_meanwhile():
    scene, ann, ben = kept()
    ann.wire.lose()
    ann.take()
    scene.loop.advance(1.0)
    ben.send(b'PRIVMSG #tea :missed', b'PRIVMSG ann :secret')
    again = scene.connect()
    lines = again.send(b'PASS ann:secret', b'NICK ann', b'USER a 0 * :A')
    lines += scene.settle(again)
    texts = [line.rpartition(b' :')[2] for line in lines if b' PRIVMSG ' in line]
    assert texts == [b'missed', b'secret']


def test_a_second_client_takes_the_place_of_the_first():
    scene, ann, _ = kept()
    again = scene.owner(b'ann', *CAPABILITIES)
    assert (ann.wire.is_closing(), again.server.user.connection is again.server,
            len(scene.network.channel_of(b'#tea').members)) == (True, True, 2)


def test_a_client_without_the_account_does_not_take_the_place():
    scene, ann, _ = kept()
    ann.wire.lose()
    ann.take()
    lines = scene.connect().send(b'NICK ann', b'USER a 0 * :A')
    assert lines[0].split(b' ')[1] == b'433'


def test_another_account_does_not_take_the_place():
    scene, ann, ben = kept()
    ann.wire.lose()
    ben.send(b'QUIT')
    client = scene.connect()
    client.send(b'CAP LS 302', b'PASS ben:secret', b'NICK ann', b'USER a 0 * :A')
    scene.settle(client, b'CAP END')
    assert scene.network.user_of(b'ann').connection is None


# -- a start -------------------------------------------------------------------------------

def test_users_that_stay_are_there_after_a_start():
    scene, _, _ = kept()
    scene.start()
    assert (scene.network.user_of(b'ann').account,
            list(scene.network.user_of(b'ann').channels)) == (b'ann', [b'#tea'])


def test_accounts_are_there_after_a_start():
    scene = KeptScene()
    scene.owner(b'ann')
    scene.start()
    client = scene.owner(b'ann')
    assert client.server.user.account == b'ann'


def test_messages_and_markers_are_there_after_a_start():
    scene = KeptScene()
    ann = scene.owner(b'ann', b'draft/read-marker', *CAPABILITIES)
    ann.send(b'JOIN #tea', b'PRIVMSG #tea :two \xe9',
             b'MARKREAD #tea timestamp=2026-01-02T03:04:05.678Z')
    scene.start()
    message = scene.network.archive.select(b'#tea')[0]
    assert (message.event.line, message.sender, scene.network.archive.marker(b'ann', b'#tea')) == (
        b':ann!~ann@192.0.2.1 PRIVMSG #tea :two \xe9\r\n', b'ann', 1767323045.678)


def test_values_are_there_after_a_start():
    scene = KeptScene()
    ann = scene.owner(b'ann', b'draft/metadata-2')
    ann.send(b'METADATA * SET url :x')
    scene.start()
    assert scene.network.metadata.values(b'+ann') == {b'url': b'x'}


def test_channels_are_there_after_a_start():
    scene = KeptScene()
    ann = scene.owner(b'ann')
    ann.send(b'JOIN #Tea')
    scene.ask(ann, b'ChanServ', b'REGISTER #tea')
    ann.send(b'TOPIC #tea :two lumps')
    scene.start()
    again = scene.owner(b'ann')
    again.send(b'JOIN #tea')
    channel = scene.network.channel_of(b'#tea')
    assert (channel.name, channel.topic) == (b'#Tea', b'two lumps')


def test_bans_are_there_after_a_start():
    scene = KeptScene()
    scene.network.bans.add(KLINE, b'*@10.0.0.0/8', b'spam', b'op', 600)
    scene.start()
    assert [ban.mask for ban in scene.network.bans.rows()] == [b'*@10.0.0.0/8']


def test_bots_and_memos_are_there_after_a_start():
    scene = KeptScene()
    root = scene.owner(b'root')
    scene.settle(root, b'OPER root secret')
    root.send(b'JOIN #tea')
    scene.ask(root, b'ChanServ', b'REGISTER #tea')
    scene.ask(root, b'BotServ', b'ADD teabot')
    scene.ask(root, b'BotServ', b'ASSIGN #tea teabot')
    scene.ask(root, b'MemoServ', b'SEND root hello')
    scene.start()
    assert (list(scene.network.user_of(b'teabot').channels),
            scene.network.memos.unread(scene.network.accounts.get(b'root'))) == ([b'#tea'], 1)


# -- what is told only when it is safe -----------------------------------------------------

def test_a_mode_of_a_registered_channel_is_told_when_it_is_safe():
    scene = KeptScene()
    ann = scene.owner(b'ann')
    ann.send(b'JOIN #tea')
    scene.ask(ann, b'ChanServ', b'REGISTER #tea')
    waits = scene.book.wait()
    early = ann.send(b'MODE #tea +b spam!*@*')
    waits.set_result(None)
    assert (early, words(ann.take())) == ([], [b'MODE'])


def test_a_ban_of_the_server_is_told_when_it_is_safe():
    scene = KeptScene()
    root = scene.owner(b'root')
    scene.settle(root, b'OPER root secret')
    waits = scene.book.wait()
    early = root.send(b'KLINE *@10.0.0.0/8 :spam')
    waits.set_result(None)
    assert (early, words(root.take())) == ([], [b'NOTICE'])


def test_a_ban_of_the_server_that_goes_is_told_when_it_is_safe():
    scene = KeptScene()
    root = scene.owner(b'root')
    scene.settle(root, b'OPER root secret')
    root.send(b'KLINE *@10.0.0.0/8 :spam')
    waits = scene.book.wait()
    early = root.send(b'UNKLINE *@10.0.0.0/8')
    waits.set_result(None)
    assert (early, words(root.take())) == ([], [b'NOTICE'])


def test_a_start_never_keeps_a_part_of_the_channels_of_a_user():
    scene, ann, _ = kept()
    ann.send(b'JOIN #milk')
    before = len(scene.book.writes)
    scene.start()
    assert [kind for kind, _ in scene.book.writes[before:] if kind == 'accounts'] == []


# -- whose nick, whose place ---------------------------------------------------------------

def test_a_nick_in_other_letters_is_taken_away_all_the_same():
    scene = KeptScene()
    ann = scene.owner(b'ann')
    scene.ask(ann, b'NickServ', b'SET ENFORCE ON')
    ann.send(b'QUIT')
    thief = scene.enter(b'ann')
    scene.loop.advance(59.0)
    thief.send(b'NICK Ann')
    scene.loop.advance(2.0)
    assert thief.server.user.nick == b'Guest1'


def test_one_that_comes_back_is_no_operator():
    scene = KeptScene()
    root = scene.owner(b'root')
    scene.ask(root, b'NickServ', b'SET ALWAYS-ON ON')
    scene.settle(root, b'OPER root secret')
    root.wire.lose()
    root.take()
    again = scene.owner(b'root')
    assert (again.server.user.operator, scene.network.operators_online) == (None, 0)


def test_one_that_comes_back_has_its_present_address():
    scene, ann, _ = kept()
    ann.wire.lose()
    ann.take()
    again = scene.connect()
    again.server.set_address('198.51.100.7')
    again.send(b'CAP LS 302', b'PASS ann:secret', b'NICK ann', b'USER a 0 * :A')
    scene.settle(again, b'CAP END')
    user = scene.network.user_of(b'ann')
    assert (user.connection is again.server, user.address, user.host) == (
        True, b'198.51.100.7', b'198.51.100.7')


def test_a_name_of_another_checker_is_not_registered():
    scene = KeptScene()
    scene.checkers = [MemoryChecker({u'Ben': b'password'})]
    scene.start()
    answers = scene.ask(scene.enter(b'ben'), b'NickServ', b'REGISTER secret')
    assert answers == [b'This name is registered already']


def test_the_name_of_an_operator_is_not_registered():
    scene = KeptScene()
    answers = scene.ask(scene.enter(b'Root'), b'NickServ', b'REGISTER secret')
    assert answers == [b'This name cannot be registered']


def test_one_that_takes_the_name_of_an_account_that_was_dropped_gets_nothing_of_it():
    scene = KeptScene()
    ann = scene.owner(b'ann', b'draft/metadata-2')
    ben = scene.owner(b'ben')
    ann.send(b'JOIN #tea', b'METADATA * SET url :x')
    scene.ask(ann, b'ChanServ', b'REGISTER #tea')
    ben.send(b'PRIVMSG ann :private')
    scene.ask(ben, b'MemoServ', b'SEND ann private')
    scene.ask(ann, b'NickServ', b'DROP ann')
    scene.ask(ann, b'NickServ', b'REGISTER secret')
    account = scene.network.accounts.get(b'ann')
    assert (scene.network.archive.partners(b'ann'), scene.network.registered.get(b'#tea'),
            scene.network.memos.unread(account), scene.network.metadata.values(b'+ann'),
            sorted(kind for kind, _ in scene.book.records)) == (
                [], None, 0, {}, ['accounts', 'accounts'])


# -- what was said where not everybody could come in -----------------------------------------

def said_in_closed():
    scene = KeptScene()
    ann = scene.enter(b'ann')
    ann.send(b'JOIN #tea', b'MODE #tea +k key', b'PRIVMSG #tea :private')
    return scene, ann


def test_messages_of_a_closed_channel_end_with_it():
    scene, ann = said_in_closed()
    ann.send(b'PART #tea')
    assert (scene.network.archive.select(b'#tea'), scene.book.rows) == ([], [])


def test_messages_of_a_closed_channel_end_with_the_server():
    scene, _ = said_in_closed()
    scene.start()
    assert (scene.network.archive.select(b'#tea'), scene.book.rows) == ([], [])


def test_messages_of_an_open_channel_stay():
    scene = KeptScene()
    scene.enter(b'ann').send(b'JOIN #tea', b'PRIVMSG #tea :public', b'PART #tea')
    assert len(scene.network.archive.select(b'#tea')) == 1


# -- what is told is kept ----------------------------------------------------------------

def test_a_user_that_stays_is_told_of_its_join_when_it_is_kept():
    scene, ann, ben = kept()
    ann.take()
    safe = scene.book.wait()
    before = ann.send(b'JOIN #mint')
    safe.set_result(None)
    after = ann.take()
    assert (before, words(after)[:1]) == ([], [b'JOIN'])


def test_others_are_told_of_it_then_too():
    scene, ann, ben = kept()
    ben.send(b'JOIN #mint')
    safe = scene.book.wait()
    ann.send(b'JOIN #mint')
    before = ben.take()
    safe.set_result(None)
    assert (before, words(ben.take())) == ([], [b'JOIN'])


def test_a_join_that_is_refused_meanwhile_is_not_kept():
    scene, ann, ben = kept()
    ben.send(b'JOIN #mint')
    safe = scene.book.wait()
    ann.send(b'JOIN #mint')
    ben.send(b'MODE #mint +i')
    safe.set_result(None)
    lines = ann.take()
    presence = scene.network.accounts.get(b'ann').settings['presence']
    assert (words(lines), presence['channels']) == ([b'473'], [u'#tea'])


def test_a_client_that_is_gone_meanwhile_does_not_enter():
    scene, ann, ben = kept()
    safe = scene.book.wait()
    ann.send(b'JOIN #mint')
    ann.wire.lose()
    scene.loop.advance()
    safe.set_result(None)
    scene.loop.advance()
    assert sorted(scene.network.user_of(b'ann').channels) == [b'#tea']


def test_several_channels_are_entered_one_behind_the_other():
    scene, ann, _ = kept()
    safe = scene.book.wait()
    ann.send(b'JOIN #a,#b')
    safe.set_result(None)
    assert [line.split(b' ')[3] for line in ann.take() if b' JOIN ' in line] == [b'#a', b'#b']


# -- channels that are registered, and empty -----------------------------------------------

def empty(*changes):
    """A scene whose channel #tea is registered, with changed modes, and empty."""
    scene = KeptScene()
    ann = scene.owner(b'ann')
    ann.send(b'JOIN #tea')
    scene.ask(ann, b'ChanServ', b'REGISTER #tea')
    ann.send(*[b'MODE #tea ' + change for change in changes])
    ann.send(b'PART #tea')
    return scene, ann


def test_bans_hold_in_a_registered_channel_that_is_empty():
    scene, _ = empty(b'+b bob!*@*')
    assert words(scene.enter(b'bob').send(b'JOIN #tea')) == [b'474']


def test_the_founder_may_enter_its_empty_channel_in_spite_of_its_modes():
    scene, ann = empty(b'+ik lemon')
    assert words(ann.send(b'JOIN #tea'))[:1] == [b'JOIN']
