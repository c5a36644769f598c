# Copyright the carryall authors.  See LICENSE.
"""Two users in the chat of Twisted, which has forms of its own for users and groups: [class name,
(name,) reference].

    pb_words.py PORT        a line for each thing that was right; status 0 if all were
"""
from __future__ import absolute_import, division, print_function

import os
import sys

from carryall import runtimes
from carryall.core.auth.credentials import UsernamePassword
from carryall.core.future import Return, coroutine, sleep
from carryall.protocols import pb
from carryall.protocols.pb.banana import LIST_HEADS, encode_int
from carryall.protocols.pb.security import Unjellyable

MODULE = b'twisted.words.service.'


class Mind(pb.Referenceable):
    """Hears what is said; goes over as a class that the chat knows."""

    def __init__(self):
        self.heard = []

    def jelly_into(self, jellier):
        luid = jellier.invoker.register_reference(self, jellier)
        jellier.out.append(LIST_HEADS[2] + jellier.forms.dialect.string(MODULE + b'PBMind')
                           + encode_int(luid))

    def remote_receive(self, sender, recipient, message):
        """Something was said, to a group or to this user."""
        self.heard.append((getattr(recipient, 'name', None), message[u'text']))

    def remote_userJoined(self, group, user):
        """Somebody has come."""
        self.heard.append((group.name, u'joined'))

    def remote_userLeft(self, group, user, reason):
        """Somebody has gone."""
        self.heard.append((group.name, reason))

    def remote_groupMetaUpdate(self, group, meta):
        """The group has another topic, say."""
        self.heard.append((group.name, sorted(meta)))


class Avatar(Unjellyable):
    """[class name, reference]: what the login gives."""

    def unjelly_from(self, unjellier, sexp):
        _, luid = sexp
        return unjellier.invoker.remote_arrived(unjellier, luid)


class Group(Unjellyable):
    """[class name, name, reference]."""

    def unjelly_from(self, unjellier, sexp):
        _, self.name, luid = sexp
        self.reference = unjellier.invoker.remote_arrived(unjellier, luid)
        return self


def check(right, what):
    """One line."""
    if not right:
        raise AssertionError(what)
    print('right: ' + what)
    sys.stdout.flush()


@coroutine
def come_in(loop, port, name, mind):
    """The avatar of a user."""
    registry = pb.Registry()
    registry.setUnjellyableForClass(MODULE + b'ChatAvatar', Avatar)
    registry.setUnjellyableForClass(MODULE + b'PBGroup', Group)
    broker = yield pb.connect(loop, '127.0.0.1', port, registry=registry)
    avatar = yield pb.login(broker, UsernamePassword(name, b'secret'), mind)
    raise Return(avatar)


@coroutine
def until(loop, mind, what):
    """Waits until it was heard."""
    for _ in range(500):
        if what in mind.heard:
            check(True, 'heard %r' % (what,))
            return
        yield sleep(loop, 0.02)
    raise AssertionError('%r was never heard, but %r' % (what, mind.heard))


@coroutine
def talk(loop, port):
    """Anna and ben meet in the lobby."""
    minds = Mind(), Mind()
    anna = yield come_in(loop, port, u'anna', minds[0])
    ben = yield come_in(loop, port, u'ben', minds[1])
    check(isinstance(anna, pb.RemoteReference) and isinstance(ben, pb.RemoteReference),
          'both are in')
    lobby = yield anna.call_remote('join', u'lobby')
    check(lobby.name == b'lobby' and isinstance(lobby.reference, pb.RemoteReference),
          'a group by its name')
    other = yield ben.call_remote('join', u'lobby')
    yield until(loop, minds[0], (b'lobby', u'joined'))
    yield other.reference.call_remote('send', {u'type': u'msg', u'text': u'hello \u20ac'})
    yield until(loop, minds[0], (b'lobby', u'hello \u20ac'))
    check((b'lobby', u'hello \u20ac') not in minds[1].heard, 'no echo to the speaker')
    yield other.reference.call_remote('leave', u'enough')
    yield until(loop, minds[0], (b'lobby', u'enough'))
    print('all right')


def main():
    """Talks, and ends."""
    loop = runtimes.choose(os.environ.get('BACKEND'))
    loop.run_until(talk(loop, int(sys.argv[1])))
    loop.close()


if __name__ == '__main__':
    main()
