# Copyright the carryall authors.  See LICENSE.
"""Recorded octets: logins of 2002 and of today, calls, copies, caches, failures and the distributed
web, played at every cut.

The clients' octets were recorded from Twisted, or written from its description of 2002.  The
server's answers are compared octet by octet.
"""
from __future__ import absolute_import, division, print_function

import binascii

from carryall.core.auth.checkers import AnonymousChecker, MemoryChecker
from carryall.core.auth.credentials import UsernamePassword
from carryall.core.auth.portal import Portal
from carryall.core.testing import FakeTransport, VirtualLoop, play
from carryall.protocols import pb
from carryall.protocols.pb.banana import PB, WORDS, decode, encode
from carryall.protocols.pb.challenge import respond
from tests.protocols.pb.stage import CHOICE, HELLO, VERSION

CHALLENGE = b'\0' * 16


def octets(text):
    return binascii.unhexlify(text.replace(' ', '').encode('ascii'))


USERNAME = octets('07 80 1a 87 01 81 04 82 72 6f 6f 74 08 82 75 73 65 72 6e 61 6d 65 01 81 02 80 '
                  '0b 87 05 82 67 75 65 73 74 01 80 05 87')
ECHO = octets('07 80 1a 87 02 81 04 82') + b'root' + octets('04 82') + b'echo' + octets(
    '01 81 02 80 0b 87 01 81 01 80 05 87')


def test_the_vectors_are_what_they_say():
    assert decode(USERNAME, WORDS) == [b'message', 1, b'root', b'username', 1, [b'tuple', b'guest'],
                                       [b'dictionary']], 'the old login'
    assert encode([b'message', 1, b'root', b'username', 1, [b'tuple', b'guest'], [b'dictionary']],
                  PB) == USERNAME, 'and back'
    assert HELLO == octets('02 80 02 82 70 62 04 82 6e 6f 6e 65') and CHOICE == octets(
        '02 82 70 62'), 'the handshake'
    assert binascii.hexlify(respond(CHALLENGE, b'guest')) == b'c237c58f9395c38a1616f1e984229b90', \
        'the response'


class Still(object):
    """A machine whose chance is always the same."""

    @staticmethod
    def random(count):
        return b'\0' * count


class User(pb.Avatar):
    def __init__(self, name):
        self.name = name

    def perspective_hello(self):
        return self.name


class Realm(object):
    def avatar(self, name, credentials, mind):
        return User(name)


def login_server(loop):
    loop.crypto = Still
    portal = Portal(Realm(), [MemoryChecker({u'guest': b'guest'}), AnonymousChecker()])
    return pb.Broker(loop, pb.LoginRoot(portal))


def message(number, luid, name, *args):
    return encode([b'message', number, luid, name, 1, [b'tuple'] + list(args), [b'dictionary']], PB)


def answer(number, value):
    return encode([b'answer', number, value], PB)


def test_login_of_2002():
    play(login_server,
         CHOICE + VERSION + USERNAME + message(2, 1, b'respond', respond(CHALLENGE, b'guest'))
         + message(3, 2, b'attach', b'service', b'guest', [b'None']) + encode([b'decref', 1], PB)
         + encode([b'decref', 2], PB)
         + message(4, 3, b'hello'),
         HELLO + VERSION + answer(1, [b'tuple', CHALLENGE, [b'remote', 1]]) + answer(
             2, [b'remote', 2])
         + answer(3, [b'remote', 3]) + answer(4, [b'unicode', b'guest']))


def test_a_wrong_password_in_2002():
    """No exception: the identity is None."""
    play(login_server, CHOICE + VERSION + USERNAME + message(2, 1, b'respond', b'x' * 16),
         HELLO + VERSION + answer(1, [b'tuple', CHALLENGE, [b'remote', 1]]) + answer(2, [b'None']))


def test_login_of_today():
    play(login_server,
         CHOICE + VERSION + message(1, b'root', b'login', b'guest')
         + message(2, 1, b'respond', respond(CHALLENGE, b'guest'), [b'None']) + encode(
             [b'decref', 1], PB) + message(3, 2, b'hello'),
         HELLO + VERSION + answer(1, [b'tuple', CHALLENGE, [b'remote', 1]]) + answer(
             2, [b'remote', 2])
         + answer(3, [b'unicode', b'guest']))


def test_an_anonymous_login_has_the_recorded_octets():
    play(login_server, CHOICE + VERSION + message(1, b'root', b'loginAnonymous', [b'None'])
         + message(2, 1, b'hello'),
         HELLO + VERSION + answer(1, [b'remote', 1]) + answer(2, [b'unicode', b'anonymous']))


def test_an_unknown_name_gets_a_challenge_too():
    said = play(login_server, CHOICE + VERSION + message(1, b'root', b'login', b'nobody') + message(
        2, 1, b'respond', b'y' * 16, [b'None']))
    begin = HELLO + VERSION + answer(1, [b'tuple', CHALLENGE, [b'remote', 1]])
    assert said.startswith(begin), 'the challenge'
    error = decode(said[len(begin):], WORDS)
    state = dict((key[1], value) for key, value in error[2][1][1:])
    assert error[:2] == [b'error', 2] \
        and state[b'type'] == b'twisted.cred.error.UnauthorizedLogin', 'and then: %r' % (error,)
    assert state[b'value'] == [b'unicode', b''], 'nobody says why'


class Pond(pb.Copyable):
    def getTypeToCopy(self):
        return b'copy.Pond'

    def getStateToCopy(self):
        return {u'frogs': 3}


class Duck(pb.Cacheable):
    observer = None

    def getTypeToCopy(self):
        return b'cache.Duck'

    def getStateToCacheAndObserveFor(self, perspective, observer):
        self.observer = observer
        return {u'age': 1}

    def stoppedObserving(self, perspective, observer):
        assert observer == self.observer, 'the observer of before'
        self.observer = None


class Look(pb.Viewable):
    def view_who(self, perspective):
        return perspective


class Root(pb.Root):
    def __init__(self):
        self.duck = Duck()

    def remote_echo(self, value):
        return value

    def remote_pond(self):
        return [Pond(), None]

    def remote_duck(self):
        return self.duck

    def remote_grow(self):
        self.duck.observer.call_remote('setAge', 2)

    def remote_observed(self):
        return self.duck.observer is not None

    def remote_look(self):
        return Look()

    def remote_told(self):
        raise pb.PBError(u'told')


def server(loop):
    return pb.Broker(loop, Root())


def test_a_captured_call():
    play(server, CHOICE + VERSION + ECHO, HELLO + VERSION + answer(2, 1))


def test_a_copy_has_the_recorded_octets():
    play(server, CHOICE + VERSION + message(1, b'root', b'pond'),
         HELLO + VERSION + answer(
             1, [b'list', [b'copy.Pond', [b'dictionary', [[b'unicode', b'frogs'], 3]]], [b'None']]))


def test_a_cache_has_the_recorded_octets():
    """Its state once, then its number; the change before the answer; two decaches, one uncache."""
    state = [b'dictionary', [[b'unicode', b'age'], 1]]
    play(server,
         CHOICE + VERSION + message(1, b'root', b'duck') + message(2, b'root', b'duck') + message(
             3, b'root', b'grow')
         + answer(1, [b'None']) + message(4, b'root', b'echo', [b'list', [b'lcache', 1]]) + encode(
             [b'decache', 1], PB)
         + message(5, b'root', b'observed') + encode([b'decache', 1], PB) + encode(
             [b'decache', 1], PB) + message(6, b'root', b'observed'),
         HELLO + VERSION + answer(1, [b'cache.Duck', 1, state]) + answer(2, [b'cached', 1])
         + encode([b'cachemessage', 1, 1, b'setAge', 1, [b'tuple', 2], [b'dictionary']], PB)
         + answer(3, [b'None'])
         + answer(4, [b'list', [b'cached', 1]]) + answer(5, [b'boolean', b'true'])
         + encode([b'uncache', 1], PB) + answer(6, [b'boolean', b'false']))


def test_a_viewpoint_has_the_recorded_octets():
    play(server, CHOICE + VERSION + message(1, b'root', b'look') + message(2, 1, b'who') + encode(
        [b'decref', 1], PB),
         HELLO + VERSION + answer(1, [b'remote', 1]) + answer(2, [b'None']))


def test_a_failure_has_the_recorded_octets():
    """Everything that a reader of either era looks at."""
    said = play(server, CHOICE + VERSION + message(1, b'root', b'told'))
    error = decode(said[len(HELLO + VERSION):], WORDS)
    assert error[:2] == [b'error', 1] and error[2][0] == b'twisted.spread.pb.CopyableFailure', \
        'the tag'
    state = dict((key[1], value) for key, value in error[2][1][1:])
    for key in (b'count', b'type', b'value', b'captureVars', b'tb', b'unsafeTracebacks', b'parents',
                b'frames', b'stack', b'traceback'):
        assert key in state, 'no %r' % (key,)
    assert state[b'type'] == b'twisted.spread.pb.Error' \
        and state[b'value'] == [b'unicode', b'told'], 'what it is'
    assert state[b'parents'][1] == b'twisted.spread.pb.Error' \
        and b'builtins.Exception' in state[b'parents'], 'what it is made of'
    assert state[b'traceback'] == [b'unicode', b'Traceback unavailable\n'] \
        and state[b'tb'] == [b'None'], 'and no more'


# -- our client ----------------------------------------------------------------

def login_client(loop):
    """Logs in as soon as it can, then calls what it got."""
    broker = pb.Broker(loop, client=True)
    found = broker.ready.then(lambda ready: pb.login(ready, UsernamePassword(u'guest', b'guest'),
                                                     service=u'service'))
    found.then(lambda perspective: perspective.call_remote('hello'))
    return broker


RESPONSE = binascii.unhexlify(b'c237c58f9395c38a1616f1e984229b90')
FIRST = CHOICE + VERSION + message(1, b'root', b'login', b'guest')


def test_our_client_with_a_server_of_2002():
    """It does not know ``login`` and says so with the exception of its time; the dance of its time
    follows, as it was spelled out."""
    unknown = encode([b'error', 1, [b'twisted.spread.pb.CopyableFailure',
                                    [b'dictionary', [b'type', b'exceptions.AttributeError'],
                      [b'value', b'login'],
                                     [b'parents', [b'list', b'exceptions.AttributeError',
                                                   b'exceptions.StandardError']],
                      [b'traceback', b'Traceback: ...'], [b'count', 1], [b'frames', [b'list']],
                                     [b'stack', [b'list']]]]], PB)
    play(login_client,
         HELLO + VERSION + unknown + answer(2, [b'tuple', CHALLENGE, [b'remote', 1]]) + answer(
             3, [b'remote', 2]) + answer(4, [b'remote', 3]),
         FIRST + USERNAME.replace(b'\x1a\x87\x01\x81', b'\x1a\x87\x02\x81') + message(
             3, 1, b'respond', RESPONSE) + encode([b'decref', 1], PB)
         + message(4, 2, b'attach', b'service', b'guest', [b'None']) + encode([b'decref', 2], PB)
         + message(5, 3, b'hello'))


def test_our_client_with_a_server_of_today():
    play(login_client,
         HELLO + VERSION + answer(1, [b'tuple', CHALLENGE, [b'remote', 1]]) + answer(
             2, [b'remote', 2]),
         FIRST + message(2, 1, b'respond', RESPONSE, [b'None']) + encode([b'decref', 1], PB)
         + message(3, 2, b'hello'))


def test_our_client_with_a_cache():
    """It answers each change, gives back each mention, and forgets when it is told."""
    class Ours(pb.RemoteCache):
        def observe_setAge(self, age):
            self.age = age

    ducks = []

    def make(loop):
        del ducks[:]
        registry = pb.Registry()
        registry.setUnjellyableForClass('cache.Duck', Ours)
        broker = pb.Broker(loop, client=True, registry=registry)

        def both(ready):
            for _ in range(2):
                ready.remote().call_remote('duck').then(ducks.append)
            return ready.remote().call_remote('grow').then(
                lambda _: [duck.release() for duck in ducks])

        broker.ready.then(both)
        return broker

    state = [b'dictionary', [[b'unicode', b'age'], 1]]
    play(make,
         HELLO + VERSION + answer(1, [b'cache.Duck', 7, state]) + answer(2, [b'cached', 7])
         + encode([b'cachemessage', 1, 7, b'setAge', 1, [b'tuple', 2], [b'dictionary']], PB)
         + answer(3, [b'None']) + encode([b'uncache', 7], PB),
         CHOICE + VERSION + b''.join(message(number, b'root', name)
                                     for number, name in ((1, b'duck'), (2, b'duck'), (3, b'grow')))
         + answer(1, [b'None']) + encode([b'decache', 7], PB) * 2)
    assert ducks[0] == ducks[1] and ducks[0].age == 2 and ducks[0].broker is None, \
        'both saw it, and it has ended'


def test_half_a_message_at_every_byte_of_a_login():
    """The connection ends anywhere, for the client too: the waiting caller gets an error, and
    nothing stays."""
    said = HELLO + VERSION + answer(1, [b'tuple', CHALLENGE, [b'remote', 1]]) + answer(
        2, [b'remote', 2])
    for end in range(len(said)):
        loop = VirtualLoop()
        broker = pb.Broker(loop, client=True)
        ends = []
        broker.ready.then(lambda ready: pb.login(
            ready, UsernamePassword(u'guest', b'guest'))).add_done_callback(ends.append)
        wire = FakeTransport(loop).connect(broker)
        wire.feed(said[:end])
        wire.lose()
        loop.advance()
        assert ends and ends[0].exception() is not None and not loop.failures \
            and not loop._timers, 'after %d bytes' % end
        assert sum(broker.live()) == 0, 'after %d bytes is left %r' % (end, broker.live())
