# Copyright the carryall authors.  See LICENSE.
"""XCLIENT and XFORWARD: the facts that a trusted proxy tells about the client behind it.

Source:   https://www.postfix.org/XCLIENT_README.html, https://www.postfix.org/XFORWARD_README.html
Tests:    tests/protocols/smtp/test_server.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.numbers import decimal
from carryall.core.errors import RemoteProtocolError
from carryall.core.logs import escape, get_logger
from carryall.core.net.ip import canonical
from carryall.core.net.transport import Address
from carryall.protocols.smtp.parameters import xtext_decoded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, Sequence
    from carryall.protocols.smtp.server import SMTPServer

__all__ = ['ProxyCommands']

XCLIENT = (b'NAME', b'ADDR', b'PORT', b'PROTO', b'HELO', b'LOGIN', b'DESTADDR', b'DESTPORT')
XFORWARD = (b'NAME', b'ADDR', b'PORT', b'PROTO', b'HELO', b'IDENT', b'SOURCE')

log = get_logger('smtp')


class ProxyCommands(object):
    """The command group of a trusted proxy.

    Args:     server: the SMTPServer of the connection.

    Attributes:
        offers: lines of EHLO.
    """

    __slots__ = ('_server',)

    offers = [b'XCLIENT NAME ADDR PORT PROTO HELO LOGIN',
              b'XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE']

    def __init__(self, server):
        # type: (SMTPServer) -> None
        self._server = server

    def xclient(self, *words):
        # type: (*bytes) -> bytes
        """XCLIENT: sets the session's client, which is not the connection's peer."""
        found = _attributes(words, XCLIENT)
        session = self._server.session
        if b'ADDR' in found:
            address = found[b'ADDR'].replace(b'IPV6:', b'').replace(b'IPv6:', b'')
            host = canonical(address.decode('ascii', 'replace'))
            if host is None:
                return b'501 5.5.4 Bad ADDR value'
            session.address = Address(host, decimal(found.get(b'PORT', b'0'), 65535) or 0)
        session.name = found.get(b'NAME', session.name)
        session.hello = found.get(b'HELO', session.hello)
        if b'LOGIN' in found:
            session.user = found[b'LOGIN'].decode('utf-8', 'replace')
        log.info('%s: XCLIENT for %s, %s', session.origin, session.address,
                 escape(session.name or b'unknown'))
        return self._server.greeting()

    def xforward(self, *words):
        # type: (*bytes) -> bytes
        """XFORWARD: sets the facts to log about the next message."""
        self._server.session.forwarded.update(_attributes(words, XFORWARD))
        return b'250 2.0.0 Ok'


def _attributes(words, known):
    # type: (Sequence[bytes], Sequence[bytes]) -> Dict[bytes, bytes]
    """``NAME=xtext`` pairs, without those whose value is unavailable.

    Raises:   RemoteProtocolError: an unknown name, or a value that is not xtext.
    """
    found = {}      # type: Dict[bytes, bytes]
    for word in words:
        name, _, value = word.partition(b'=')
        plain = xtext_decoded(value)
        if name.upper() not in known or plain is None:
            raise RemoteProtocolError(u'bad attribute', reply=b'501 5.5.4 Bad attribute')
        if plain.upper() not in (b'[UNAVAILABLE]', b'[TEMPUNAVAIL]'):
            found[name.upper()] = plain
    return found
