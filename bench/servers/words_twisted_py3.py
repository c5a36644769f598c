# Copyright the carryall authors.  See LICENSE.
"""Twisted words as an IRC server for the bench, on a free port: everybody has the password x.

twistd words cannot make a group (--group fails in 26.10), so this program does.
"""
from __future__ import absolute_import, division, print_function

import sys

from twisted.cred.checkers import ICredentialsChecker
from twisted.cred.credentials import IUsernamePassword
from twisted.cred.portal import Portal
from twisted.internet import reactor
from twisted.internet.defer import succeed
from twisted.words.service import InMemoryWordsRealm, IRCFactory
from zope.interface import implementer


@implementer(ICredentialsChecker)
class Everybody(object):
    """Lets all in."""

    credentialInterfaces = (IUsernamePassword,)

    def requestAvatarId(self, credentials):
        """The name of the user."""
        name = credentials.username
        return succeed(name.decode('utf-8') if isinstance(name, bytes) else name)


realm = InMemoryWordsRealm('bench')
realm.createGroupOnRequest = True
port = reactor.listenTCP(0, IRCFactory(realm, Portal(realm, [Everybody()])), 2000, '127.0.0.1')
print('listening: irc on 127.0.0.1:%d' % port.getHost().port)
sys.stdout.flush()
reactor.run()
