# Copyright the carryall authors.  See LICENSE.
"""A small directory, and a service of it, for the tests of LDAP."""
from __future__ import absolute_import, division, print_function

from carryall.core.future import as_future, failed
from carryall.protocols.ldap import Directory, Identity, LDAPError
from carryall.protocols.ldap.errors import AUTHORIZATION_DENIED, INVALID_CREDENTIALS

TOP = u'dc=example,dc=org'
ADMIN = Identity(u'cn=admin,' + TOP, u'cn=admin,' + TOP, True, u'')
ANNA = Identity(u'uid=anna,ou=people,' + TOP, u'uid=anna,ou=people,' + TOP, False, u'')

PEOPLE = [
    (TOP, [(u'objectClass', [b'domain'])]),
    (u'ou=people,' + TOP, [(u'objectClass', [b'organizationalUnit'])]),
    (u'ou=groups,' + TOP, [(u'objectClass', [b'organizationalUnit'])]),
    (u'uid=anna,ou=people,' + TOP, [
        (u'objectClass', [b'inetOrgPerson', b'posixAccount']), (u'cn', [b'Anna Smith']),
        (u'sn', [b'Smith']), (u'mail', [b'anna@example.org', b'a.smith@example.org']),
        (u'uidNumber', [b'1000']), (u'gidNumber', [b'100']), (u'homeDirectory', [b'/home/anna']),
        (u'userPassword', [b'secret']), (u'cn;lang-de', [b'Anna Schmidt'])]),
    (u'uid=bert,ou=people,' + TOP, [
        (u'objectClass', [b'inetOrgPerson']), (u'cn', [b'Bert  Jones']), (u'sn', [b'Jones']),
        (u'telephoneNumber', [b'+49 30 123-4']), (u'manager', [ANNA.dn.encode('ascii')])]),
    (u'cn=staff,ou=groups,' + TOP, [
        (u'objectClass', [b'groupOfNames']), (u'member', [b'UID=Anna, ou=people,' +
                                                          TOP.encode('ascii')])]),
]


def made(loop, **more):
    """A Directory with PEOPLE."""
    directory = Directory(loop, [TOP], **more)
    directory.load(PEOPLE)
    return directory


class Serving(object):
    """The service of a server: the administrator's password is ``pw``."""

    def __init__(self, directory, portal=None, guard=None):
        self.directory = directory
        self.portal = portal
        self.guard = guard
        self.changed = []

    def bind(self, dn, password, host):
        for who in (ADMIN, ANNA):
            if dn == who.dn and password == b'pw':
                return as_future(who)
        return failed(LDAPError(u'', INVALID_CREDENTIALS))

    def identity(self, session):
        return Identity(u'', u'', False, session.name)

    def authorize(self, who, authzid):
        if not who.admin or authzid != b'dn:' + ANNA.dn.encode('ascii'):
            raise LDAPError(u'', AUTHORIZATION_DENIED)
        return ANNA

    def protected(self, request):
        return request

    def change_password(self, who, dn, old, new):
        self.changed.append((who.dn, dn, old, new))
        return as_future(None if new else b'made-up')
