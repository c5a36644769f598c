# Copyright the carryall authors.  See LICENSE.
"""An LDAP server on port 3890; ask it with: carryall ldap search -H ldap://127.0.0.1:3890"""
from carryall import runtimes
from carryall.core.errors import LocalProtocolError
from carryall.core.future import failed
from carryall.protocols.ldap import Directory, LDAPServer

PEOPLE = [
    (u'dc=example', [(u'objectClass', [b'domain'])]),
    (u'uid=anna,dc=example', [(u'objectClass', [b'inetOrgPerson']), (u'cn', [b'Anna Smith']),
                              (u'sn', [b'Smith']), (u'mail', [b'anna@example.org'])])]


class Reading(object):
    """A service without logins."""

    portal = None
    guard = None

    def __init__(self, directory):
        self.directory = directory

    def bind(self, dn, password, host):
        """No one can log in."""
        return failed(LocalProtocolError(u'no entry has a password'))

    def protected(self, request):
        """No one can add anything either."""
        return request


loop = runtimes.choose()
directory = Directory(loop, [u'dc=example'])
directory.load(PEOPLE)
loop.listen_tcp(lambda: LDAPServer(Reading(directory), loop), port=3890)
loop.run()
