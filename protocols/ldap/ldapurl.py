# Copyright the carryall authors.  See LICENSE.
"""URLs of LDAP (RFC 4516).

Wire:     ldap://host:port/dn?attributes?scope?filter?extensions, where what is empty or missing has
          its default.  ldapi://%2Frun%2Fslapd.sock/ names a Unix socket.
Tests:    tests/protocols/ldap/test_ldapurl.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.uri import parse_authority, percent_decode, split_uri
from carryall.core.compat import native
from carryall.core.errors import LocalProtocolError
from carryall.core.records import namedtuple
from carryall.protocols.ldap.dn import parse_dn
from carryall.protocols.ldap.errors import LDAPError
from carryall.protocols.ldap.ldapfilter import parse_filter
from carryall.protocols.ldap.settings import PORT
from carryall.protocols.ldap.wire import BASE, ONE, SUBTREE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ['EVERYTHING', 'LDAPS_PORT', 'LDAPURL', 'parse_url']

LDAPS_PORT = 636
EVERYTHING = u'(objectClass=*)'
_SCOPES = {b'': BASE, b'base': BASE, b'one': ONE, b'sub': SUBTREE}
_PORTS = {b'ldap': PORT, b'ldaps': LDAPS_PORT, b'ldapi': 0}

# scheme: 'ldap', 'ldaps' or 'ldapi'; host: of ldapi the path of the socket, '' if it is left out;
# attributes: a list of texts; filter: a text
LDAPURL = namedtuple('LDAPURL', 'scheme host port dn attributes scope filter')


def parse_url(text):
    # type: (str) -> LDAPURL
    """The parts of a URL.

    Raises:   LocalProtocolError: it is none, or asks for an extension that is critical.
    """
    parts = split_uri(text.encode('utf-8'))
    if parts.scheme not in _PORTS or parts.authority is None:
        raise LocalProtocolError(u'"%s" is no URL of LDAP' % text)
    fields = (parts.query or b'').split(b'?')
    if len(fields) > 4 or fields[1:2] and fields[1].lower() not in _SCOPES:
        raise LocalProtocolError(u'"%s" has a scope that does not exist, or too many parts' % text)
    fields += [b''] * (4 - len(fields))
    for extension in fields[3].split(b','):
        if extension[:1] == b'!':
            raise LocalProtocolError(u'"%s" asks for an extension that is not known' % text)
    host, port = _server(parts, text)
    dn = _decoded(parts.path[1:], text)
    tree = _decoded(fields[2], text) or EVERYTHING
    try:
        parse_dn(dn)
        parse_filter(tree)
    except LDAPError as exc:
        raise LocalProtocolError(u'"%s": %s' % (text, exc))
    attributes = [_decoded(name, text) for name in fields[0].split(b',') if name]
    return LDAPURL(native(parts.scheme), host, port, dn, attributes, _SCOPES[fields[1].lower()],
                   tree)


def _server(parts, text):
    # type: (Any, str) -> Any
    if parts.scheme == b'ldapi':
        return native(_decoded(parts.authority, text)), 0
    if not parts.authority:
        return '', _PORTS[parts.scheme]
    found = parse_authority(parts.authority)
    if found is None:
        raise LocalProtocolError(u'"%s" names no server' % text)
    port = _PORTS[parts.scheme] if found.port is None else found.port
    return native(_decoded(found.host, text)).strip('[]'), port


def _decoded(octets, text):
    # type: (bytes, str) -> str
    decoded = percent_decode(octets)
    try:
        if decoded is not None:
            return decoded.decode('utf-8')
    except UnicodeError:
        pass                    # as below
    raise LocalProtocolError(u'"%s" is malformed' % text)
