# Copyright the carryall authors.  See LICENSE.
"""The targets of LDAP: server, client, grammar."""
from __future__ import absolute_import, division, print_function

from carryall.core.future import coroutine
from carryall.protocols.ldap import (ADD, SUBTREE, AddRequest, Change, DeleteRequest, LDAPError,
                                     LDAPServer, LDIFError, ModifyRequest, Settings, connect,
                                     ldapcontrols, parse_dn, parse_filter, read_ldif, wire)
from tests.fuzz.target import ClientTarget, GrammarTarget, ServerTarget
from tests.protocols.ldap.directories import ADMIN, ANNA, TOP, Serving, made

__all__ = ['ALL']


def _sent(number, request, controls=()):
    return ('say', wire.message(number, wire.encode_request(request), controls))


SEARCH = wire.SearchRequest(TOP, SUBTREE, 0, 0, 0, False,
                            parse_filter(u'(&(objectClass=person)(|(uid=a*)(!(cn~=x))))'), [u'cn'])
BIND = _sent(1, wire.BindRequest(3, ADMIN.dn, None, b'pw'))
SEEDS = [
    [BIND, _sent(2, SEARCH, [ldapcontrols.paged_results(1, b'')]), _sent(3, None)],
    [BIND, _sent(2, AddRequest(u'cn=x,' + TOP, [(u'objectClass', [b'device'])])),
     _sent(3, ModifyRequest(ANNA.dn, [Change(ADD, u'sn', [b'x'])])),
     _sent(4, DeleteRequest(ANNA.dn)),
     _sent(5, wire.ModifyDNRequest(u'ou=people,' + TOP, u'ou=x', True, None))],
    [_sent(1, wire.CompareRequest(ANNA.dn, u'sn', b'x')),
     _sent(2, wire.ExtendedRequest(wire.WHO_AM_I, None)), _sent(3, wire.AbandonRequest(2))],
    [('wait', 700)]]
ANSWERS = [
    [('say', wire.entry_message(1, b'\x04\x04dc=x', wire.encode_attribute(u'cn', [b'a']))
      + wire.reference_message(1, [u'ldap://x/']) + wire.result(1, wire.SEARCH_DONE, 0))],
    [('say', wire.result(1, wire.SEARCH_DONE, 32, u'no', u'dc=x'))],
    [('say', wire.result(0, wire.EXTENDED_RESPONSE, 52))]]
WORDS = [b'\x30', b'\x02\x01\x01', b'\x0a\x01', b'\x04\x00', b'\x80', b'\xa0', b'\xa3', b'\x84',
         b'\x87\x02cn', b'objectClass', b'uid=anna', TOP.encode('ascii'), b'1.2.840.113556.1.4.319']


@coroutine
def _visit(loop):
    client = yield connect(loop, '127.0.0.1', 2121)
    yield client.search(TOP)
    yield client.unbind()


def _server(run):
    return LDAPServer(Serving(made(run.loop)), run.loop, Settings(clear_auth=True))


def _quietly(read):
    def called(data):
        try:
            return read(data)
        except (LDAPError, LDIFError):
            return None
    return called


def _requests(data):
    framing = wire.Framing(1 << 20)
    framing.append(data)
    found = []
    while True:
        message = framing.next()
        if message is None:
            return found
        found.append(wire.parse_request(message))


ALL = [
    ServerTarget('ldap', ('protocols/ldap/',), _server, SEEDS, WORDS),
    ClientTarget('ldap-client', ('protocols/ldap/',), _visit, ANSWERS, WORDS),
    GrammarTarget('ldap-grammar', ('protocols/ldap/',), [
        _quietly(_requests), _quietly(lambda data: parse_filter(data.decode('latin-1'))),
        _quietly(lambda data: parse_dn(data.decode('latin-1'))),
        _quietly(lambda data: list(read_ldif(data.splitlines(True))))],
        SEEDS + ANSWERS + [[('say', b'(&(cn=a*)(!(sn>=\\5c)))')],
                           [('say', b'cn=a\\,b+sn="x",dc=x')],
                           [('say', b'dn: cn=x\nchangetype: modify\nadd: cn\ncn:: eA==\n-\n')]],
        WORDS),
]
