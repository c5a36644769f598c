# Copyright the carryall authors.  See LICENSE.
"""A server whose users log in: guest has the password guest.

Clients of Twisted, of 2002 and of today, can log in too.
"""
from __future__ import print_function

import sys

from carryall import runtimes
from carryall.core.auth.checkers import MemoryChecker
from carryall.core.auth.portal import Portal
from carryall.protocols import pb


class Echoer(pb.Avatar):
    """The methods for a user: their names begin with ``perspective_``."""

    def __init__(self, name):
        self.name = name

    def perspective_echo(self, text):
        """Back it goes."""
        print('%s says: %s' % (self.name, text))
        return text


class Realm(object):
    """Gives each user an Echoer."""

    def avatar(self, name, credentials, mind):
        """After the login."""
        return Echoer(name)

    def logged_out(self, session):
        """When the client lets go of it, or is gone."""
        print('%s is gone' % session.name)
        sys.stdout.flush()


loop = runtimes.choose()
root = pb.LoginRoot(Portal(Realm(), [MemoryChecker({u'guest': b'guest'})]))
port = int((sys.argv[1:] or [pb.PORT])[0])
listener = loop.listen_tcp(lambda: pb.Broker(loop, root, extensions=True), '127.0.0.1', port)
print('listening on %s' % (listener.address,))
sys.stdout.flush()
loop.run()
