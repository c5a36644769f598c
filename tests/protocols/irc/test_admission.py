# Copyright the carryall authors.  See LICENSE.
"""The hooks of Network, by which a chat service judges clients and notes what they say."""
from __future__ import absolute_import, division, print_function

from carryall.core.future import Future
from carryall.protocols.irc import ADMITTED, HELD_BACK, Network, Numeric
from tests.protocols.irc.scene import Scene


class Noting(Network):
    """A network that notes what it is told, and answers what a test has set."""

    verdict = ADMITTED
    answer = None
    takes_absent = None

    def __init__(self, *args, **kwargs):
        Network.__init__(self, *args, **kwargs)
        self.noted = []

    def admission(self, server):
        self.noted.append(('admission', server.user.nick, server.password))
        return self.verdict

    def held_command(self, server, verb, params):
        self.noted.append((verb,) + params)
        if params[-1] == b'secret':
            server.enter()

    def spoke(self, user, verb, target, text, event):
        self.noted.append((user.nick, verb, text))
        return self.answer

    def spoke_to_absent(self, user, verb, name, text):
        self.noted.append((user.nick, verb, name, text))
        return self.takes_absent

    def topic_changed(self, user, channel):
        return self.answer

    def away_changed(self, user):
        self.noted.append((user.nick, user.away))


def _scene():
    scene = Scene()
    scene.network = Noting(scene.loop, b'irc.example', b'Example')
    return scene


def test_the_network_judges_a_client_with_its_password():
    scene = _scene()
    scene.connect().send(b'PASS word', b'NICK ann', b'USER a 0 * :Ann')
    assert scene.network.noted == [('admission', b'ann', b'word')]


def test_a_client_waits_for_a_verdict_that_comes_later():
    scene = _scene()
    scene.network.verdict = Future()
    client = scene.connect()
    assert client.send(b'NICK ann', b'USER a 0 * :Ann', b'PING x') == []
    scene.network.verdict.set_result(ADMITTED)
    lines = client.take()
    assert (lines[0].split()[1], lines[-1]) == (b'001', b':irc.example PONG irc.example :x')


def test_a_verdict_for_a_client_that_has_gone_is_dropped():
    scene = _scene()
    scene.network.verdict = Future()
    client = scene.connect()
    client.send(b'NICK ann', b'USER a 0 * :Ann')
    client.wire.lose()
    scene.loop.advance()
    scene.network.verdict.set_result(ADMITTED)
    scene.loop.advance()
    assert scene.network.users == {}


def _held():
    scene = _scene()
    scene.network.verdict = HELD_BACK
    client = scene.connect()
    client.send(b'NICK ann', b'USER a 0 * :Ann')
    return scene, client


def test_a_client_that_is_held_is_welcomed_and_not_in_the_network():
    scene, client = _held()
    assert (client.server.state, scene.network.users) == ('held', {})


def test_commands_of_a_client_that_is_held_go_to_the_network():
    scene, client = _held()
    client.send(b'PRIVMSG NickServ :word')
    assert scene.network.noted[-1] == (b'PRIVMSG', b'NickServ', b'word')


def test_a_client_that_is_held_may_ping():
    _, client = _held()
    assert client.send(b'PING x') == [b':irc.example PONG irc.example :x']


def test_a_client_that_has_proved_itself_is_let_in_without_a_second_welcome():
    scene, client = _held()
    assert client.send(b'PRIVMSG NickServ :secret') == []
    assert client.send(b'JOIN #tea')[0] == b':ann!~a@192.0.2.1 JOIN #tea'


def test_a_client_that_is_held_may_take_another_nick():
    scene, client = _held()
    assert client.send(b'NICK bob') == [b':ann!~a@192.0.2.1 NICK :bob']
    client.send(b'PRIVMSG NickServ :secret')
    assert sorted(scene.network.users) == [b'bob']


def test_a_client_that_is_held_for_too_long_is_closed():
    scene, client = _held()
    scene.loop.advance(200.0)
    assert client.take()[-1] == b'ERROR :Closing Link: 192.0.2.1 (Registration timed out)'


def test_the_network_counts_a_held_client_until_it_goes():
    scene, client = _held()
    client.wire.lose()
    scene.loop.advance()
    assert scene.network.unregistered == 0


def test_the_network_notes_messages():
    scene = _scene()
    client = scene.enter(b'ann')
    client.send(b'JOIN #tea', b'PRIVMSG #tea :hello')
    assert scene.network.noted[-1] == (b'ann', b'PRIVMSG', b'hello')


def test_an_echo_waits_until_the_network_has_noted_the_message():
    scene = _scene()
    client = scene.enter(b'ann', b'echo-message')
    client.send(b'JOIN #tea')
    scene.network.answer = Future()
    assert client.send(b'PRIVMSG #tea :hello') == []
    scene.network.answer.set_result(None)
    assert client.take() == [b':ann!~ann@192.0.2.1 PRIVMSG #tea :hello']


def test_a_message_to_a_nick_that_is_not_there_may_be_taken():
    scene = _scene()
    client = scene.enter(b'ann')
    scene.network.takes_absent = Future()
    scene.network.takes_absent.set_result(None)
    assert client.send(b'PRIVMSG bob :hello') == []


def test_a_message_that_no_network_takes_is_refused():
    client = _scene().enter(b'ann')
    assert client.send(b'PRIVMSG bob :hello') == [
        b':irc.example 401 ann bob :No such nick/channel']


def test_members_hear_of_a_topic_when_the_network_has_noted_it():
    scene = _scene()
    client = scene.enter(b'ann')
    client.send(b'JOIN #tea')
    scene.network.answer = Future()
    assert client.send(b'TOPIC #tea :green') == []
    scene.network.answer.set_result(None)
    assert client.take() == [b':ann!~ann@192.0.2.1 TOPIC #tea :green']


def test_the_network_notes_users_that_are_away():
    scene = _scene()
    scene.enter(b'ann').send(b'AWAY :tea')
    assert scene.network.noted[-1] == (b'ann', b'tea')


def test_the_network_hears_of_a_client_that_goes_before_it_is_in():
    scene, client = _held()
    dropped = []
    scene.network.dropped = dropped.append
    client.wire.lose()
    scene.loop.advance()
    assert dropped == [client.server]


def test_the_network_hears_of_a_client_behind_its_welcome():
    scene = _scene()
    heard = []
    scene.network.entered = lambda user: heard.append(user.connection.state)
    scene.enter(b'ann')
    assert heard == ['online']


def test_the_network_may_keep_a_user_out_of_a_channel():
    scene = _scene()
    scene.network.join_refusal = lambda user, name: Numeric(b'477', b'Log in first')
    assert scene.enter(b'ann').send(b'JOIN #tea') == [b':irc.example 477 ann #tea :Log in first']
