# Copyright the carryall authors.  See LICENSE.
"""Perspective Broker whose users are in a database, in the tables of identities of Twisted 1.2.

    twistd -n -y doc/examples/enterprise/dbauth.tac
    python doc/examples/pb/pbecho_client.py             as guest, with the password guest

The variables DBAUTH_STORE and DBAUTH_PORT name another database and port.
"""
import os

from carryall.app.datastore import StoreSchema, Table
from carryall.app.endpoints import parse_endpoint
from carryall.app.service import MultiService, OneServer, StreamServer
from carryall.core.auth.portal import Portal
from carryall.core.compat import text_type
from carryall.protocols import pb
from carryall.services.database.authorizer import TABLES, DatabaseAuthorizer, hashed
from carryall.services.database.storeservice import StoreService

STORE = StoreSchema('identities', [
    Table('twisted_identities', ['identity_name', 'password'], ['identity_name']),
    Table('twisted_services', ['service_name'], ['service_name']),
    Table('twisted_perspectives', ['identity_name', 'perspective_name', 'service_name',
                                   'perspective_type'], ['identity_name', 'service_name']),
], [TABLES + (
    u"INSERT INTO twisted_identities (identity_name, password) VALUES ('guest', '%s')"
    % hashed(b'guest').decode('ascii'),)])


class Echoer(pb.Avatar):
    """What a user may call."""

    def __init__(self, name):
        self.name = name

    def perspective_echo(self, text):
        """The same text."""
        return text


class Realm(object):
    """Gives each user an Echoer."""

    def avatar(self, name, credentials, mind):
        """After the login."""
        return Echoer(name)

    def logged_out(self, session):
        """When the client lets go of it, or is gone."""


class Checker(DatabaseAuthorizer):
    """The md5 in the table is enough to judge the answer to a challenge of 2002."""

    kinds = DatabaseAuthorizer.kinds + (pb.HashedResponse,)

    def check(self, credentials, loop):
        """A Future of the name."""
        if isinstance(credentials, pb.HashedResponse):
            return self.check_hash(credentials.username, credentials.check)
        return DatabaseAuthorizer.check(self, credentials, loop)


class EchoService(OneServer):
    """The broker, and the checker of its users."""

    def __init__(self, database):
        OneServer.__init__(self, 'echo')
        self._database = database

    def start(self, loop):
        authorizer = Checker(self._database.store.pool)
        root = pb.LoginRoot(Portal(Realm(), [authorizer]))
        port = os.environ.get('DBAUTH_PORT', str(pb.PORT))
        self.serve(loop, StreamServer('echo', lambda: pb.Broker(loop, root),
                                      [parse_endpoint('tcp:%s:interface=127.0.0.1' % port)]))


identities = StoreService(STORE, text_type(os.environ.get('DBAUTH_STORE', 'sqlite:dbauth.db')))
application = MultiService('dbauth', [identities, EchoService(identities)])
