# Copyright the carryall authors.  See LICENSE.
"""A chat for the PB clients of Twisted's words.

The users anna and ben, whose password is secret, meet in groups.  Messages have that package's
names: its clients make their own references of ``[class name, reference]``, and of
``[class name, name of the group, reference]``.
"""
from __future__ import print_function

import sys

from carryall import runtimes
from carryall.core.auth.checkers import MemoryChecker
from carryall.core.auth.credentials import LoginFailed
from carryall.core.auth.portal import Portal
from carryall.protocols import pb
from carryall.protocols.pb import banana, security

MODULE = b'twisted.words.service.'
MAX_GROUPS = 100
MAX_NAME = 50

groups = {}             # name -> the places of those who are in


class Named(pb.Referenceable):
    """Goes over as a class that the clients know, with ``tags`` before the reference."""

    tags = ()

    def jelly_into(self, jellier):
        """The list that stands for it."""
        luid = jellier.invoker.register_reference(self, jellier)
        tags = b''.join(map(jellier.forms.dialect.string, self.tags))
        jellier.out.append(banana.LIST_HEADS[1 + len(self.tags)] + tags + banana.encode_int(luid))


class Place(Named):
    """One member in one group, as that member sees the group."""

    def __init__(self, member, name):
        self.member = member
        self.name = name
        self.tags = MODULE + b'PBGroup', name.encode('utf-8')

    def tell_others(self, verb, *more):
        """Calls each of the others, which see the group from places of their own.

        A member that is gone does not matter.
        """
        for place in list(groups[self.name]):
            if place is not self:
                first = (self.member.who, place) if verb == 'receive' else (place, self.member.who)
                place.member.mind.call_remote(verb, *(first + more)).then(None, lambda exc: None)

    def remote_send(self, message):
        """Sends to all other members a dictionary with ``text``."""
        if self not in groups[self.name] or not isinstance(message, dict):
            raise pb.PBError(u'you are not there, or that is no message')
        self.tell_others('receive', message)

    def remote_leave(self, reason=None):
        """The last one closes the door."""
        if self in groups.get(self.name, ()):
            self.tell_others('userLeft', reason)
            groups[self.name].remove(self)
            self.member.places.pop(self.name)
            if not groups[self.name]:
                del groups[self.name]


class Member(Named):
    """A user that has logged in."""

    tags = MODULE + b'ChatAvatar',

    def __init__(self, mind):
        self.mind = mind
        self.who = pb.Referenceable()
        self.places = {}

    def remote_join(self, name):
        """A group, which comes about when somebody asks for it."""
        name = name.decode('utf-8') if isinstance(name, bytes) else name
        if name in self.places:
            return self.places[name]
        if not 0 < len(name) <= MAX_NAME or name not in groups and len(groups) >= MAX_GROUPS:
            raise pb.PBError(u'there can be no such group')
        place = Place(self, name)
        self.places[name] = place
        groups.setdefault(name, []).append(place)
        place.tell_others('userJoined')
        return place


class Mind(security.Unjellyable):
    """A reference to what stands for the user at the client's end."""

    def unjelly_from(self, unjellier, sexp):
        """[class name, reference]."""
        return unjellier.invoker.remote_arrived(unjellier, sexp[1])


class Realm(object):
    """Gives each user a Member."""

    def avatar(self, name, credentials, mind):
        """After the login, which must bring somebody to talk to."""
        if not isinstance(mind, pb.RemoteReference):
            raise LoginFailed(u'no mind')
        return Member(mind)

    def logged_out(self, session):
        """When the client is gone."""
        for place in list(session.avatar.places.values()):
            place.remote_leave(u'gone')


loop = runtimes.choose()
registry = pb.Registry()
registry.setUnjellyableForClass(MODULE + b'PBMind', Mind)
root = pb.LoginRoot(Portal(Realm(), [MemoryChecker({u'anna': b'secret', u'ben': b'secret'})]))
port = int((sys.argv[1:] or [pb.PORT])[0])
listener = loop.listen_tcp(lambda: pb.Broker(loop, root, registry=registry), '127.0.0.1', port)
print('listening on %s' % (listener.address,))
sys.stdout.flush()
loop.run()
