# Copyright the carryall authors.  See LICENSE.
"""The IRC client, against lines of a server and against our own server."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.auth.checkers import MemoryChecker
from carryall.core.auth.portal import Portal, Realm
from carryall.core.errors import ConnectionLost, LocalProtocolError, TimedOut
from carryall.core.testing import FakeTransport, VirtualLoop, pump
from carryall.protocols.irc import (ClientSettings, IRCClient, IRCError, IRCServer, Network,
                                    Settings, STSUpgrade)


class Talk(object):
    """A client, and what a server would send it."""

    def __init__(self, settings=None, received=None, nick=b'ann'):
        self.loop = VirtualLoop()
        self.wire = FakeTransport(self.loop)
        self.client = IRCClient(self.loop, nick, settings, received)
        self.wire.connect(self.client)

    def hear(self, *lines):
        """The server sends lines; those that the client has sent since are returned."""
        for line in lines:
            self.wire.feed(line + b'\r\n')
            self.loop.advance()
        return self.take()

    def take(self):
        """The lines that the client has sent since the last call."""
        self.loop.advance()
        return self.wire.take().split(b'\r\n')[:-1]

    def lose(self):
        """The connection is gone."""
        self.wire.lose()
        self.loop.advance()

    def register(self):
        """The client is online as ann; what it has sent is dropped."""
        self.hear(b':s CAP * LS :', b':s 001 ann :Welcome')
        return self


def outcome(future):
    """The result of a Future, or the text of its error."""
    assert future.done()
    return future.result() if future.exception() is None else str(future.exception())


# -- registration ------------------------------------------------------------------------

def test_a_client_registers():
    assert Talk().take() == [b'CAP LS 302', b'NICK ann', b'USER carryall 0 * carryall']


def test_a_password_is_sent_first():
    assert Talk(ClientSettings(password=b'x')).take()[1] == b'PASS x'


def test_a_welcome_makes_it_ready():
    talk = Talk()
    talk.hear(b':s CAP * LS :', b':s 001 anna :Welcome')
    assert (outcome(talk.client.ready), talk.client.nick) == (talk.client, b'anna')


def test_a_server_without_capabilities_is_enough():
    talk = Talk()
    talk.hear(b':s 421 * CAP :Unknown command', b':s 001 ann :Welcome')
    assert talk.client.ready.done()


def test_capabilities_in_several_lines_are_asked_for_once():
    talk = Talk()
    talk.take()
    assert talk.hear(b':s CAP * LS * :batch nonsense', b':s CAP * LS :setname=x') == [
        b'CAP REQ :batch setname']


@pytest.mark.parametrize('answer', [b'ACK', b'NAK'])
def test_the_negotiation_ends_with_the_answer(answer):
    talk = Talk()
    talk.hear(b':s CAP * LS :batch')
    assert talk.hear(b':s CAP * ' + answer + b' :batch') == [b'CAP END']


def test_capabilities_come_and_go():
    talk = Talk()
    talk.hear(b':s CAP * LS :batch', b':s CAP * ACK :batch', b':s 001 ann :x')
    asked = talk.hear(b':s CAP ann NEW :setname')
    talk.hear(b':s CAP ann ACK :setname', b':s CAP ann DEL :batch')
    assert (asked, talk.client.capabilities) == ([b'CAP REQ setname'], {b'setname'})


def test_a_nick_that_is_taken_gets_an_underline():
    talk = Talk()
    talk.take()
    assert talk.hear(b':s 433 * ann :in use', b':s 433 * ann_ :in use') == [b'NICK ann_',
                                                                           b'NICK ann__']


def test_a_nick_is_not_tried_for_ever():
    talk = Talk(ClientSettings(max_nick_tries=1))
    talk.hear(b':s 433 * ann :in use', b':s 433 * ann_ :in use')
    assert outcome(talk.client.ready) == 'the server refuses: ann_ in use'


def test_a_refusal_ends_the_registration():
    talk = Talk()
    talk.hear(b':s 464 * :Password incorrect')
    assert outcome(talk.client.ready) == 'the server refuses: Password incorrect'


def test_the_reason_of_the_server_is_told():
    talk = Talk()
    talk.hear(b'ERROR :Closing Link: too many')
    talk.lose()
    assert outcome(talk.client.ready) == (
        'the server has ended the session: Closing Link: too many')


# -- what is sent -------------------------------------------------------------------------

def test_ping_is_answered():
    assert Talk().register().hear(b'PING :a b') == [b'PONG :a b']


def test_a_long_text_is_several_messages():
    talk = Talk(ClientSettings(burst=100)).register()
    talk.client.say(b'#tea', b'x' * 1000)
    assert [len(line) < 420 for line in talk.take()] == [True] * 3


def test_the_own_source_leaves_more_room():
    talk = Talk(ClientSettings(burst=100)).register()
    talk.hear(b':ann!a@h JOIN #tea')
    talk.client.say(b'#tea', b'x ' * 500)
    assert max(len(b':ann!a@h ' + line) for line in talk.take()) == 510


def test_an_action_has_its_marks():
    talk = Talk().register()
    talk.client.act(b'#tea', b'waves')
    assert talk.take() == [b'PRIVMSG #tea :\x01ACTION waves\x01']


def test_lines_go_at_a_pace():
    talk = Talk(ClientSettings(burst=2, rate=1.0)).register()
    for number in range(5):
        talk.client.say(b'#tea', b'%d' % number)
    first = talk.take()
    talk.loop.advance(1.1)
    second = talk.take()
    talk.loop.advance(5.0)
    assert [len(first), len(second), len(talk.take())] == [2, 1, 2]


def test_a_pong_does_not_wait():
    talk = Talk(ClientSettings(burst=1, rate=0.1)).register()
    talk.client.say(b'#tea', b'1')
    talk.client.say(b'#tea', b'2')
    assert talk.hear(b'PING x') == [b'PRIVMSG #tea 1', b'PONG x']


def test_the_lines_that_wait_are_bounded():
    talk = Talk(ClientSettings(burst=1, rate=0.1, max_waiting=2)).register()
    for number in range(3):
        talk.client.say(b'#tea', b'x')
    with pytest.raises(LocalProtocolError):
        talk.client.say(b'#tea', b'x')


@pytest.mark.parametrize('target', [b'a b', b'', b'a\r\nQUIT'])
def test_a_target_that_breaks_the_grammar_is_not_sent(target):
    with pytest.raises(LocalProtocolError):
        Talk().register().client.say(target, b'x')


@pytest.mark.parametrize('query, reply', [
    (b'VERSION', b'VERSION carryall'), (b'PING 1 2', b'PING 1 2'),
    (b'CLIENTINFO', b'CLIENTINFO ACTION CLIENTINFO DCC ERRMSG FINGER PING SOURCE TIME '
                    b'USERINFO VERSION')])
def test_a_ctcp_query_is_answered(query, reply):
    lines = Talk().register().hear(b':ben!b@h PRIVMSG ann :\x01' + query + b'\x01')
    assert [line.replace(b':', b'') for line in lines] == [b'NOTICE ben \x01' + reply + b'\x01']


@pytest.mark.parametrize('line', [
    b':ben!b@h PRIVMSG ann :\x01SOUND\x01', b':ben!b@h PRIVMSG ann :VERSION',
    b':ben!b@h NOTICE ann :\x01VERSION\x01', b':ann!b@h PRIVMSG ann :\x01VERSION\x01',
    b'PRIVMSG ann :\x01VERSION\x01'])
def test_another_text_is_not_answered(line):
    assert Talk().register().hear(line) == []


@pytest.mark.parametrize('source', [b'ben!' + b'b' * 480, b':ben!b@h', b'b' * 600 + b'!b@h'],
                         ids=['long source', 'colon', 'long nick'])
def test_a_source_that_breaks_the_grammar_does_no_harm(source):
    talk = Talk().register()
    talk.hear(b':' + source + b' PRIVMSG ann :\x01VERSION\x01')
    assert not talk.wire.is_closing()


def test_a_nick_with_a_colon_gets_no_reply():
    assert Talk().register().hear(b'::ben!b@h PRIVMSG ann :\x01VERSION\x01') == []


def test_a_reply_to_ctcp_is_never_in_two_pieces():
    query = b':ben!b@h PRIVMSG ann :\x01PING ' + b'x' * 600 + b'\x01'
    assert Talk().register().hear(query) == []


def test_ctcp_is_not_answered_while_too_many_lines_wait():
    talk = Talk(ClientSettings(burst=1, max_waiting=1)).register()
    talk.client.say(b'ben', b'one\ntwo')
    talk.hear(b':ben!b@h PRIVMSG ann :\x01VERSION\x01')
    assert not talk.wire.is_closing()


def test_a_ping_too_long_for_an_answer_ends_the_session():
    talk = Talk().register()
    talk.hear(b'PING :' + b'x' * 600)
    assert u'cannot be answered' in str(talk.client._fault)


def test_a_flood_of_ctcp_is_not_answered_for_long():
    talk = Talk(ClientSettings(burst=100)).register()
    assert len(talk.hear(*[b':ben!b@h PRIVMSG ann :\x01VERSION\x01'] * 50)) == 5


# -- answers -----------------------------------------------------------------------------

def test_join_gives_the_room():
    talk = Talk().register()
    future = talk.client.join(b'#tea')
    talk.hear(b':ann!a@h JOIN :#Tea', b':s 332 ann #tea :two lumps',
              b':s 353 ann = #tea :@+ben cat!c@h ann')
    room = outcome(future)
    assert (room.name, room.topic, list(room.members.values())) == (
        b'#Tea', b'two lumps', [(b'', b'ann'), (b'@+', b'ben'), (b'', b'cat')])


@pytest.mark.parametrize('number', [b'403', b'405', b'471', b'473', b'474', b'475', b'477'])
def test_a_refused_join_is_an_error(number):
    talk = Talk().register()
    future = talk.client.join(b'#tea')
    talk.hear(b':s ' + number + b' ann #tea :no')
    assert (future.exception().code, outcome(future)) == (
        int(number), 'the server refuses: #tea no')


def test_a_refusal_of_another_channel_is_none():
    talk = Talk().register()
    future = talk.client.join(b'#tea')
    talk.hear(b':s 403 ann #milk :no', b':ben!b@h JOIN #tea')
    assert not future.done()


def test_part_leaves_the_room():
    talk = Talk().register()
    talk.hear(b':ann!a@h JOIN #tea')
    future = talk.client.part(b'#tea', b'bye')
    talk.hear(b':ann!a@h PART #tea :bye')
    assert (outcome(future), list(talk.client.rooms)) == (None, [])


@pytest.mark.parametrize('line, members', [
    (b':ben!b@h PART #tea', []), (b':ben!b@h QUIT :x', []), (b':cat!c@h KICK #tea ben :x', []),
    (b':ben!b@h NICK bob', [b'bob']), (b':ben!b@h PART #milk', [b'ben']),
    (b':cat!c@h JOIN #tea', [b'ben', b'cat'])])
def test_the_members_of_a_room_come_and_go(line, members):
    talk = Talk().register()
    talk.hear(b':ann!a@h JOIN #tea', b':ben!b@h JOIN #tea', line)
    assert list(talk.client.rooms[b'#tea'].members)[1:] == members


def test_one_that_is_kicked_is_out():
    talk = Talk().register()
    talk.hear(b':ann!a@h JOIN #tea', b':ben!b@h KICK #tea ANN :x')
    assert list(talk.client.rooms) == []


def test_rename_takes_the_new_nick():
    talk = Talk().register()
    future = talk.client.rename(b'anna')
    talk.hear(b':ann!a@h NICK anna')
    assert (outcome(future), talk.client.nick) == (None, b'anna')


def test_a_refused_rename_is_an_error():
    talk = Talk().register()
    future = talk.client.rename(b'ben')
    talk.hear(b':s 433 ann ben :in use')
    assert future.exception().code == 433


def test_whois_gives_the_numerics():
    talk = Talk().register()
    future = talk.client.whois(b'ben')
    talk.hear(b':s 311 ann ben b h * :Ben', b':s 311 ann cat c h * :Cat', b':s 318 ann ben :End')
    assert [message.params[1] for message in outcome(future)] == [b'ben']


def test_list_gives_the_channels():
    talk = Talk().register()
    future = talk.client.list()
    talk.hear(b':s 321 ann Channel :x', b':s 322 ann #tea 2 :two lumps', b':s 323 ann :End')
    assert outcome(future) == [(b'#tea', b'2', b'two lumps')]


def test_an_answer_without_end_is_bounded():
    talk = Talk(ClientSettings(max_rows=2)).register()
    future = talk.client.list()
    talk.hear(*[b':s 322 ann #tea 2 :x'] * 3)
    assert outcome(future) == 'the answer has more than 2 lines'


def test_an_answer_that_does_not_come_is_an_error():
    talk = Talk(ClientSettings(answer_seconds=10.0)).register()
    future = talk.client.whois(b'ben')
    talk.loop.advance(11.0)
    assert isinstance(future.exception(), TimedOut)


def test_a_lost_connection_fails_what_waits():
    talk = Talk().register()
    future = talk.client.whois(b'ben')
    talk.lose()
    assert isinstance(future.exception(), ConnectionLost)


def test_after_the_end_nothing_is_asked():
    talk = Talk().register()
    talk.lose()
    assert isinstance(talk.client.whois(b'ben').exception(), ConnectionLost)


def test_quit_ends_without_an_error():
    talk = Talk().register()
    future = talk.client.quit(b'bye')
    sent = talk.hear(b'ERROR :Closing Link')
    talk.lose()
    assert (sent, outcome(future)) == ([b'QUIT bye'], None)


# -- time and bad lines -------------------------------------------------------------------

def test_a_silent_server_is_asked():
    talk = Talk(ClientSettings(ping_seconds=120.0)).register()
    talk.loop.advance(121.0)
    assert talk.take() == [b'PING carryall']


def test_a_server_that_does_not_answer_is_left():
    talk = Talk(ClientSettings(ping_seconds=120.0, pong_seconds=60.0)).register()
    future = talk.client.whois(b'ben')
    talk.loop.advance(59.0)
    talk.loop.advance(130.0)
    assert future.done() and talk.wire.is_closing()


@pytest.mark.parametrize('line', [
    b'', b':', b':s', b'@a', b'12 x', b'JOIN', b'PART', b'KICK', b'KICK #tea', b'NICK', b'QUIT',
    b'TOPIC', b'353 ann', b'332', b'CAP', b'CAP x', b'PRIVMSG', b'PRIVMSG ann', b'001', b'005',
    b'AUTHENTICATE', b'903', b'904', b'900', b'433', b'ERROR'])
def test_a_line_of_no_use_does_no_harm(line):
    talk = Talk().register()
    talk.hear(line)
    assert talk.hear(b'PING x') == [b'PONG x'] and not talk.loop.failures


def test_a_program_that_fails_does_not_end_the_session(expect_log):
    def fail(client, message):
        raise RuntimeError('a fault of the program')

    expect_log('the program failed at PING')
    assert Talk(received=fail).hear(b'PING x')[-1:] == [b'PONG x']


def test_a_program_hears_every_message():
    heard = []
    talk = Talk(received=lambda client, message: heard.append(message.command)).register()
    talk.hear(b':ben!b@h PRIVMSG ann :x')
    assert heard == [b'CAP', b'001', b'PRIVMSG']


def test_a_line_that_is_too_long_ends_the_session():
    talk = Talk().register()
    talk.wire.feed(b'x' * 20000)
    assert talk.wire.is_closing()


# -- both sides --------------------------------------------------------------------------

def logged_in(password, settings=None, clear=True):
    """The Future ``ready`` of a client that logs in at our server."""
    loop = VirtualLoop()
    portal = Portal(Realm(), [MemoryChecker({u'ann': b'secret'})])
    network = Network(loop, b'irc.example', portal=portal)
    client = IRCClient(loop, b'ann', ClientSettings(account=u'ann', account_password=password,
                                                    clear_auth=clear))
    server = IRCServer(network, loop, Settings(clear_auth=clear, **(settings or {})))
    pump(client, server, loop)
    return client.ready


@pytest.mark.parametrize('mechanism', [u'PLAIN', u'SCRAM-SHA-256'])
def test_a_client_logs_in(mechanism):
    ready = logged_in(b'secret', {'mechanisms': (mechanism,)})
    assert ready.exception() is None


def test_a_wrong_password_is_an_error():
    assert isinstance(logged_in(b'wrong').exception(), IRCError)


def test_a_password_is_not_shown_without_tls():
    ready = logged_in(b'secret', {'mechanisms': (u'PLAIN',)}, clear=False)
    assert ready.exception() is not None


# -- bounds against a hostile server -----------------------------------------------------

def test_a_server_with_too_many_channels_loses_the_client():
    talk = Talk(ClientSettings(max_rooms=2)).register()
    future = talk.client.whois(b'x')
    talk.hear(*[b':ann!a@h JOIN #%d' % number for number in range(3)])
    assert (outcome(future), talk.wire.is_closing()) == (
        'the server puts us into more than 2 channels', True)


def test_a_server_with_too_many_members_loses_the_client():
    talk = Talk(ClientSettings(max_members=4)).register()
    future = talk.client.whois(b'x')
    talk.hear(b':ann!a@h JOIN #tea', b':s 353 ann = #tea :a b c', b':s 353 ann = #tea :d e f')
    assert outcome(future) == 'the channels have more than 4 members'


def test_members_that_have_left_do_not_count():
    talk = Talk(ClientSettings(max_members=3)).register()
    talk.hear(b':ann!a@h JOIN #tea', b':b!b@h JOIN #tea', b':c!c@h JOIN #tea', b':b!b@h PART #tea',
              b':c!c@h QUIT', b':ann!a@h PART #tea', b':ann!a@h JOIN #tea', b':d!d@h JOIN #tea',
              b':d!d@h NICK e', b':f!f@h JOIN #tea', b':ann!a@h JOIN #tea')
    assert (talk.wire.is_closing(), list(talk.client.rooms[b'#tea'].members)) == (False, [b'ann'])


@pytest.mark.parametrize('line', [b':s CAP * LS * :%s', b':s 005 ann %s :are supported'])
def test_a_server_with_too_many_offers_loses_the_client(line):
    talk = Talk(ClientSettings(max_offers=20)).register()
    future = talk.client.whois(b'x')
    talk.hear(line % b' '.join(b'A%d' % number for number in range(21)))
    assert outcome(future) == 'the server names more than 20 capabilities or tokens'


def test_capabilities_that_were_not_offered_are_not_on():
    talk = Talk().register()
    talk.hear(b':s CAP ann ACK :batch nonsense')
    assert talk.client.capabilities == set()


# -- labels ------------------------------------------------------------------------------

LABELS = b':s CAP ann ACK :labeled-response batch message-tags'


def labelled():
    """A talk with a server that knows labels."""
    talk = Talk().register()
    talk.hear(b':s CAP ann NEW :labeled-response batch message-tags', LABELS)
    return talk


def test_a_command_has_a_label_if_the_server_knows_them():
    talk = labelled()
    talk.client.whois(b'ben')
    assert talk.take() == [b'@label=1 WHOIS ben']


def test_an_answer_goes_to_the_command_whose_label_it_has():
    talk = labelled()
    first = talk.client.who(b'#tea')
    second = talk.client.who(b'#tea')
    talk.hear(b'@label=2 :s BATCH +x labeled-response',
              b'@batch=x :s 352 ann #tea u h s ben H :0 B', b'@batch=x :s 315 ann #tea :End',
              b':s BATCH -x')
    assert (first.done(), len(outcome(second))) == (False, 1)


def test_a_message_of_others_is_for_all_commands_that_wait():
    talk = labelled()
    joined = talk.client.join(b'#tea')
    talk.hear(b':ann!a@h JOIN #tea')
    assert outcome(joined).name == b'#tea'


def test_a_label_that_was_not_given_is_none():
    talk = labelled()
    joined = talk.client.join(b'#tea')
    talk.hear(b'@label=99 :ann!a@h JOIN #tea')
    assert joined.done()


# -- certificates and policies -------------------------------------------------------------

def test_a_server_without_the_certificate_that_is_expected_is_left():
    talk = Talk(ClientSettings(pins=(u'00' * 32,)))
    assert (talk.take(), outcome(talk.client.ready)) == (
        [], 'the certificate of the server is not one that is expected')


def test_a_policy_counts_if_it_is_asked_for():
    talk = Talk()
    talk.hear(b':s CAP * LS :sts=port=6697 batch')
    assert not talk.wire.is_closing()


def test_a_server_with_a_policy_is_left_in_clear():
    loop = VirtualLoop()
    wire = FakeTransport(loop)
    client = IRCClient(loop, b'ann', note_sts=lambda port, seconds: None)
    wire.connect(client)
    wire.feed(b':s CAP * LS :sts=port=6697 batch\r\n')
    loop.advance()
    wire.lose()
    loop.advance()
    exc = client.ready.exception()
    assert (type(exc), exc.port) == (STSUpgrade, 6697)
