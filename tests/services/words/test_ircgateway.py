# Copyright the carryall authors.  See LICENSE.
"""The chat space on IRC: logins, groups as channels, and participants of other protocols."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.auth.checkers import MemoryChecker
from carryall.core.auth.guard import LoginGuard
from carryall.core.auth.portal import Portal, Realm
from carryall.core.testing import FakeTransport
from carryall.protocols.irc import IRCServer, Settings
from carryall.services.words.chaterrors import NotAllowedError
from carryall.services.words.chatspace import AWAY, ONLINE, Group, Limits
from carryall.services.words.ircgateway import IRCGateway
from tests.services.words.chatscene import ChatScene


class IRCScene(ChatScene):
    """A chat space with a gateway, and clients of it."""

    def __init__(self, names=(u'ann', u'bob'), **options):
        ChatScene.__init__(self, names, **options)
        checker = MemoryChecker(dict((name, b'secret') for name in names))
        self.gateway = IRCGateway(self.loop, self.space, b'irc.example', b'Example',
                                  Portal(Realm(), [checker]), LoginGuard(self.loop, delay=0.0),
                                  shows_clear=True)

    def connect(self):
        """A client that has said nothing yet."""
        return IRCPeer(self)

    def log_in(self, nick, *capabilities):
        """A client that has logged in by PASS; what it was sent is dropped."""
        peer = self.connect()
        if capabilities:
            peer.send(b'CAP REQ :' + b' '.join(capabilities), b'CAP END')
        peer.send(b'PASS secret', b'NICK ' + nick, b'USER x 0 * :X')
        return peer


class IRCPeer(object):
    """One client: sends lines, and takes those that the server has sent."""

    def __init__(self, scene):
        self._loop = scene.loop
        self.server = IRCServer(scene.gateway, scene.loop, Settings(burst=1000))
        self.wire = FakeTransport(scene.loop)
        self.wire.connect(self.server)

    def send(self, *lines):
        """Sends lines; those that came back since the last call."""
        for line in lines:
            self.wire.feed(line + b'\r\n')
            self._loop.advance()
        return self.take()

    def take(self):
        """The lines that have come since the last call."""
        self._loop.advance()
        return self.wire.take().split(b'\r\n')[:-1]

    def lose(self):
        """Ends the connection."""
        self.wire.lose()
        self._loop.advance()


def codes(lines):
    """The numerics and verbs of lines."""
    return [line.split(b' ')[1] for line in lines if line[:1] == b':']


# -- logins ------------------------------------------------------------------------

def test_a_client_logs_in_by_pass():
    scene = IRCScene()
    peer = scene.connect()
    lines = peer.send(b'PASS secret', b'NICK ann', b'USER x 0 * :X')
    assert (codes(lines)[0], scene.space.participant(u'ann').status) == (b'001', ONLINE)


def test_a_wrong_password_of_pass_ends_the_connection():
    lines = IRCScene().connect().send(b'PASS wrong', b'NICK ann', b'USER x 0 * :X')
    assert (codes(lines)[:1], lines[-1][:5]) == ([b'464'], b'ERROR')


def test_nickserv_asks_for_the_password():
    lines = IRCScene().connect().send(b'NICK ann', b'USER x 0 * :X')
    assert lines[-1] == b':NickServ!NickServ@services PRIVMSG ann :Password?'


@pytest.mark.parametrize('text', [b'secret', b'IDENTIFY secret', b'identify ann secret'])
def test_a_client_logs_in_by_nickserv(text):
    scene = IRCScene()
    peer = scene.connect()
    peer.send(b'NICK ann', b'USER x 0 * :X')
    lines = peer.send(b'PRIVMSG NickServ :' + text)
    assert lines == [b':NickServ!NickServ@services PRIVMSG ann :Hello, ann.']
    assert scene.space.participant(u'ann').status == ONLINE


def test_nickserv_takes_three_passwords():
    scene = IRCScene()
    peer = scene.connect()
    peer.send(b'NICK ann', b'USER x 0 * :X')
    again = peer.send(b'PRIVMSG NickServ :wrong')
    lines = peer.send(b'PRIVMSG NickServ :wrong', b'PRIVMSG NickServ :wrong')
    assert b'Password?' in again[0]
    assert lines[-1] == b'ERROR :Closing Link: 192.0.2.1 (Password incorrect)'


def test_a_client_that_has_not_logged_in_is_not_there():
    scene = IRCScene()
    peer = scene.connect()
    peer.send(b'NICK ann', b'USER x 0 * :X')
    assert codes(peer.send(b'PRIVMSG bob :hello', b'WHO x')) == [b'451', b'451']
    assert (scene.gateway.users, scene.space.online) == ({}, 0)


def test_channels_that_are_asked_for_before_the_login_are_entered_behind_it():
    peer = IRCScene().connect()
    peer.send(b'NICK ann', b'USER x 0 * :X', b'JOIN #tea')
    assert b'JOIN' in codes(peer.send(b'PRIVMSG NickServ :secret'))


def test_a_client_may_go_before_its_login():
    scene = IRCScene()
    peer = scene.connect()
    peer.send(b'NICK ann', b'USER x 0 * :X')
    peer.lose()
    assert scene.log_in(b'ann').server.state == 'online'


def test_the_nick_is_that_of_the_account():
    scene = IRCScene([u'Ann Lee'])
    peer = scene.connect()
    lines = peer.send(b'PASS secret', b'NICK Ann|20Lee', b'USER x 0 * :X')
    assert lines[0].split()[2] == b'Ann|20Lee'


def test_a_nick_cannot_be_changed():
    peer = IRCScene().log_in(b'ann')
    assert codes(peer.send(b'NICK eve')) == [b'447']


def test_the_nick_of_a_service_is_taken():
    gateway = IRCScene()
    assert codes(gateway.connect().send(b'NICK nickserv')) == []
    assert codes(gateway.connect().send(b'PASS secret', b'NICK nickserv', b'USER x 0 * :X'))[
        0] == b'464'


def test_a_second_login_takes_the_place_of_the_first():
    scene = IRCScene()
    first = scene.log_in(b'ann')
    second = scene.log_in(b'ann')
    assert first.take()[-1] == b'ERROR :Closing Link: 192.0.2.1 (Logged in from elsewhere)'
    assert len(scene.space.participant(u'ann').sessions) == 1
    assert codes(second.send(b'PING x')) == [b'PONG']


def test_a_client_that_is_lost_is_offline():
    scene = IRCScene()
    scene.log_in(b'ann').lose()
    assert (scene.space.online, scene.gateway.users) == (0, {})


# -- groups ---------------------------------------------------------------------------

def _met():
    """ann by IRC and bob by another protocol, in one group."""
    scene = IRCScene()
    peer = scene.log_in(b'ann')
    peer.send(b'JOIN #tea')
    bob, session = scene.enter(u'bob')
    scene.space.join(bob, u'tea')
    session.take()
    return scene, peer, bob, session


def test_a_channel_is_a_group():
    scene = IRCScene()
    scene.log_in(b'ann').send(b'JOIN #Tea|20Room')
    assert list(scene.space.groups) == [u'tea room']


def test_a_client_sees_one_that_joins_by_another_protocol():
    scene = IRCScene()
    peer = scene.log_in(b'ann')
    peer.send(b'JOIN #tea')
    bob, _ = scene.enter(u'bob')
    scene.space.join(bob, u'tea')
    assert peer.take() == [b':bob!~test@words JOIN #tea']


def test_a_client_sees_one_that_leaves_by_another_protocol():
    scene, peer, bob, _ = _met()
    peer.take()
    scene.space.leave(bob, u'tea')
    assert peer.take() == [b':bob!~test@words PART #tea']


def test_a_client_sees_one_that_goes_offline():
    scene, peer, bob, session = _met()
    peer.take()
    scene.space.detach(bob, session)
    assert peer.take() == [b':bob!~test@words PART #tea']
    assert sorted(scene.gateway.users) == [b'ann']


def test_another_protocol_sees_a_client_that_joins_and_leaves():
    scene = IRCScene()
    bob, session = scene.enter(u'bob')
    scene.space.join(bob, u'tea')
    session.take()
    peer = scene.log_in(b'ann')
    peer.send(b'JOIN #TEA', b'PART #tea')
    assert session.take() == [('joined', u'ann', u'tea'), ('left', u'ann', u'tea')]


def test_a_quit_is_seen_as_leaving():
    _, peer, _, session = _met()
    peer.send(b'QUIT :bye')
    assert session.take() == [('left', u'ann', u'tea')]


def test_a_kick_puts_one_of_another_protocol_out():
    scene, peer, bob, session = _met()
    peer.send(b'KICK #tea bob :out')
    assert (session.take(), list(bob.groups)) == ([('left', u'bob', u'tea')], [])


def test_the_names_of_a_channel_have_all_members():
    _, peer, _, _ = _met()
    names = [line for line in peer.send(b'NAMES #tea') if b' 353 ' in line]
    assert names == [b':irc.example 353 ann = #tea :@ann bob']


def test_a_client_finds_itself_in_the_groups_of_its_other_sessions():
    scene = IRCScene()
    ann, _ = scene.enter(u'ann')
    scene.space.join(ann, u'tea')
    peer = scene.connect()
    lines = peer.send(b'PASS secret', b'NICK ann', b'USER x 0 * :X')
    assert [line for line in lines if b' JOIN ' in line] == [b':ann!~x@192.0.2.1 JOIN #tea']


def test_a_client_that_goes_leaves_its_other_session_in_the_group():
    scene = IRCScene()
    ann, session = scene.enter(u'ann')
    scene.space.join(ann, u'tea')
    bob = scene.log_in(b'bob')
    bob.send(b'JOIN #tea')
    scene.log_in(b'ann').lose()
    assert (session in ann.sessions, list(ann.groups)) == (True, [u'tea'])
    assert b'ann' in bob.send(b'NAMES #tea')[-2]


def test_a_name_that_is_no_group_is_refused():
    peer = IRCScene().log_in(b'ann')
    assert codes(peer.send(b'JOIN #', b'JOIN #|ff', b'JOIN #\xe2\x80\xae')) == [b'476'] * 3


def test_a_ban_of_the_space_keeps_a_client_out():
    scene, _, bob, session = _met()
    scene.space.ban(u'tea', bob)
    scene.space.detach(bob, session)
    assert codes(scene.log_in(b'bob').send(b'JOIN #tea')) == [b'474']


def test_a_ban_of_a_channel_keeps_other_protocols_out():
    scene, peer, bob, _ = _met()
    peer.send(b'MODE #tea +b bob')
    scene.space.leave(bob, u'tea')
    with pytest.raises(Exception) as caught:
        scene.space.join(bob, u'tea')
    assert type(caught.value).__name__ == 'BannedError'


def test_a_channel_for_invited_users_is_closed_to_other_protocols():
    scene, peer, bob, _ = _met()
    scene.space.leave(bob, u'tea')
    peer.send(b'MODE #tea +i')
    with pytest.raises(Exception) as caught:
        scene.space.join(bob, u'tea')
    assert type(caught.value).__name__ == 'NotAllowedError'


@pytest.mark.parametrize('mode, act', [
    (b'+m', lambda scene, bob: scene.space.group_message(bob, u'tea', u'x')),
    (b'+t', lambda scene, bob: scene.space.change_metadata(bob, u'tea', {u'topic': u'x'}))])
def test_modes_of_a_channel_count_for_other_protocols(mode, act):
    scene, peer, bob, _ = _met()
    peer.send(b'MODE #tea ' + mode)
    with pytest.raises(Exception) as caught:
        act(scene, bob)
    assert type(caught.value).__name__ == 'NotAllowedError'


# -- messages ---------------------------------------------------------------------------

def test_a_message_of_a_client_is_heard_by_another_protocol():
    _, peer, _, session = _met()
    peer.send(b'PRIVMSG #tea :\x02hello\x02', b'PRIVMSG #tea :\x01ACTION waves\x01')
    assert session.take() == [
        (u'group', u'tea', u'ann', u'hello', {}),
        (u'group', u'tea', u'ann', u'waves', {u'style': u'emote'})]


def test_a_message_of_another_protocol_is_heard_by_a_client():
    scene, peer, bob, _ = _met()
    peer.take()
    scene.space.group_message(bob, u'tea', u'one\ntwo')
    scene.space.group_message(bob, u'tea', u'waves', {u'style': u'emote'})
    assert peer.take() == [b':bob!~test@words PRIVMSG #tea :one',
                           b':bob!~test@words PRIVMSG #tea :two',
                           b':bob!~test@words PRIVMSG #tea :\x01ACTION waves\x01']


def test_a_long_message_of_another_protocol_comes_in_pieces():
    scene, peer, bob, _ = _met()
    peer.take()
    scene.space.group_message(bob, u'tea', u'\u8336' * 400)
    lines = peer.take()
    said = b''.join(line.split(b' :', 1)[1] for line in lines).decode('utf-8')
    assert (said, max(map(len, lines)) <= 510, len(lines)) == (u'\u8336' * 400, True, 3)


def test_direct_messages_go_both_ways():
    scene, peer, bob, session = _met()
    peer.take()
    peer.send(b'PRIVMSG bob :hello')
    scene.space.direct_message(bob, u'ann', u'hello too', None, session)
    assert session.take() == [(u'direct', u'bob', u'ann', u'hello', {})]
    assert peer.take() == [b':bob!~test@words PRIVMSG ann :hello too']


def test_clients_hear_each_other_once():
    scene = IRCScene()
    ann = scene.log_in(b'ann')
    bob = scene.log_in(b'bob')
    ann.send(b'JOIN #tea')
    bob.send(b'JOIN #tea')
    ann.send(b'PRIVMSG #tea :hello', b'PRIVMSG bob :psst')
    assert [line.split(b' ', 1)[1] for line in bob.take()] == [b'PRIVMSG #tea :hello',
                                                              b'PRIVMSG bob :psst']


def test_ctcp_other_than_action_stays_between_clients():
    _, peer, _, session = _met()
    peer.send(b'PRIVMSG bob :\x01DCC SEND x 1 2 3\x01', b'NOTICE bob :\x01PING 1\x01')
    assert session.take() == []


def test_a_message_for_one_that_is_offline_waits():
    scene = IRCScene()
    assert scene.log_in(b'ann').send(b'PRIVMSG bob :hello') == []
    peer = scene.connect()
    lines = peer.send(b'PASS secret', b'NICK bob', b'USER x 0 * :X')
    assert lines[-1].startswith(b':ann!~x@192.0.2.1 PRIVMSG bob :[')
    assert lines[-1].endswith(b' UTC] hello')


def test_a_message_to_an_unknown_nick_is_refused():
    assert codes(IRCScene().log_in(b'ann').send(b'PRIVMSG eve :hello')) == [b'401']


def test_a_client_that_sends_too_fast_is_told():
    scene = IRCScene(limits=Limits(burst=1, rate=0.1))
    peer = scene.log_in(b'ann')
    peer.send(b'JOIN #tea')
    lines = peer.send(b'PRIVMSG #tea :one', b'PRIVMSG #tea :two')
    assert lines == [b':irc.example 400 ann * :You are sending too fast.']


# -- topics and presence -------------------------------------------------------------------

def test_a_topic_of_a_client_is_seen_by_another_protocol():
    scene, peer, _, session = _met()
    peer.send(b'TOPIC #tea :green')
    assert session.take() == [('metadata', u'tea', {u'topic': u'green', u'topic_author': u'ann'})]


def test_a_topic_of_another_protocol_is_seen_by_a_client():
    scene, peer, bob, _ = _met()
    peer.take()
    scene.space.change_metadata(bob, u'tea', {u'topic': u'green'})
    assert peer.take() == [b':bob!~test@words TOPIC #tea :green']


def test_a_topic_is_there_when_all_have_left():
    scene, peer, bob, session = _met()
    peer.send(b'TOPIC #tea :green', b'PART #tea')
    scene.space.detach(bob, session)
    lines = peer.send(b'JOIN #tea')
    assert b':irc.example 332 ann #tea :green' in lines


def test_an_absence_goes_both_ways():
    scene, peer, bob, session = _met()
    ann = scene.space.participant(u'ann')
    peer.send(b'AWAY :lunch')
    scene.space.change_status(bob, AWAY, u'tea')
    assert (ann.status, ann.away) == (AWAY, u'lunch')
    assert peer.send(b'PRIVMSG bob :x')[-1] == b':irc.example 301 ann bob :tea'


def test_contactserv_tells_of_contacts():
    scene = IRCScene()
    peer = scene.log_in(b'ann')
    added = peer.send(b'PRIVMSG ContactServ :ADD bob')
    scene.enter(u'bob')
    listed = peer.send(b'PRIVMSG ContactServ :LIST')
    texts = [line.split(b' :', 1)[1] for line in added + listed]
    assert texts == [b'bob is a contact now.', b'bob is online', b'bob (online)']


def test_contactserv_removes_a_contact():
    peer = IRCScene().log_in(b'ann')
    peer.send(b'PRIVMSG ContactServ :ADD bob')
    lines = peer.send(b'PRIVMSG ContactServ :REMOVE bob', b'PRIVMSG ContactServ :REMOVE bob',
                      b'PRIVMSG ContactServ :LIST')
    texts = [line.split(b' :', 1)[1] for line in lines]
    assert texts == [b'bob is no contact now.', b"'bob' is not a contact.",
                     b'You have no contacts.']


def test_memoserv_finds_messages():
    _, peer, _, _ = _met()
    peer.send(b'PRIVMSG #tea :Green tea')
    lines = peer.send(b'PRIVMSG MemoServ :SEARCH green', b'PRIVMSG MemoServ :HISTORY #tea 5',
                      b'PRIVMSG MemoServ :SEARCH coffee')
    assert [line.rpartition(b'> ')[2] for line in lines[:2]] == [b'Green tea', b'Green tea']
    assert lines[2].endswith(b'Nothing was found.')


@pytest.mark.parametrize('service', [b'NickServ', b'ContactServ', b'MemoServ'])
def test_a_service_tells_of_its_commands(service):
    lines = IRCScene().log_in(b'ann').send(b'PRIVMSG ' + service + b' :HELP')
    assert codes(lines) == [b'NOTICE']


def test_an_account_that_is_barred_loses_its_connection():
    scene = IRCScene()
    peer = scene.log_in(b'ann')
    ann = scene.space.participant(u'ann')
    ann.is_barred = True
    scene.space.keep_participant(ann)
    assert peer.take()[-1] == b'ERROR :Closing Link: 192.0.2.1 (This account is barred.)'


# -- modes outlive the channel ------------------------------------------------------------

def empty_room(*changes):
    """A scene in which ann has made a group, changed its modes and left."""
    scene = IRCScene()
    ann = scene.log_in(b'ann')
    ann.send(b'JOIN #tea', *[b'MODE #tea ' + change for change in changes])
    ann.send(b'PART #tea')
    return scene, ann


def test_a_ban_outlives_the_channel():
    scene, _ = empty_room(b'+b bob!*@*')
    lines = scene.log_in(b'bob').send(b'JOIN #tea')
    assert [line.split(b' ')[1] for line in lines] == [b'474']


def test_a_key_outlives_the_channel():
    scene, _ = empty_room(b'+k lemon')
    bob = scene.log_in(b'bob')
    refused = bob.send(b'JOIN #tea sugar')
    entered = bob.send(b'JOIN #tea lemon')
    assert (refused[0].split(b' ')[1], entered[0].split(b' ')[1]) == (b'475', b'JOIN')


def test_modes_are_there_again_with_the_channel():
    scene, ann = empty_room(b'+mt')
    ann.send(b'JOIN #tea')
    assert b':irc.example 324 ann #tea +mnt' in ann.send(b'MODE #tea')


def test_the_maker_of_an_empty_group_may_enter_in_spite_of_its_modes():
    scene, ann = empty_room(b'+ik lemon', b'+b *!*@*')
    assert ann.send(b'JOIN #tea')[0].split(b' ')[1] == b'JOIN'


def test_an_empty_group_is_closed_for_other_protocols_too():
    scene, _ = empty_room(b'+i')
    bob, _ = scene.enter(u'bob')
    with pytest.raises(NotAllowedError):
        scene.space.join(bob, u'tea')


def test_modes_outlive_the_server():
    scene, _ = empty_room(b'+b bob!*@*')
    rules = scene.space.groups[u'tea'].rules
    again = IRCScene()
    group = Group(u'tea', u'ann')
    group.rules = rules
    again.space.groups[u'tea'] = group
    assert again.log_in(b'bob').send(b'JOIN #tea')[0].split(b' ')[1] == b'474'
