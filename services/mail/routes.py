# Copyright the carryall authors.  See LICENSE.
"""The servers for the mail of a domain (RFC 5321 section 5.1).

Configured routes come first: for the domain, for a domain above it (``.example``), or for all
(``*``).  Then follow the smart host, an address literal and the result of the MX resolver.

The resolver is a function (loop, domain) -> Future of [(host, port)], best first; mx.py has the one
that asks name servers.  The default is the fallback of RFC 5321 section 5.1: the domain's own
addresses stand for its MX.  A resolver fails with NoMail for a domain that accepts no mail (a null
MX, RFC 7505) or does not exist.

Tests:    tests/services/mail/test_routes.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import native
from carryall.core.errors import CarryallError, ResolveFailed
from carryall.core.future import completed, failed
from carryall.core.net.ip import canonical

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Optional, Tuple
    from carryall.core.future import Future

__all__ = ['NoMail', 'Routes', 'by_address']

SMTP_PORT = 25


class NoMail(CarryallError):
    """The domain accepts no mail, permanently."""


def by_address(loop, domain):
    # type: (Any, str) -> Future
    """The domain itself, if it has an address; the later connection looks the address up again."""
    def none(exc):
        # type: (BaseException) -> Any
        if isinstance(exc, ResolveFailed):
            # The system does not distinguish "no such name" from "try again later": so it is tried
            # again, and given up in the end.
            raise CarryallError(u'the domain %s has no address' % domain, exc)
        raise exc

    return loop.resolve(domain, SMTP_PORT).then(lambda _: [(domain, SMTP_PORT)], none)


class Routes(object):
    """A table of routes.

    Args:     table: {domain, '.domain' or '*' (text, small letters): (host, port)}.
              smart_host: (host, port) for all other domains, or None.
              resolver: see above.
    """

    def __init__(self, table=None,          # type: Optional[Dict[str, Tuple[str, int]]]
                 smart_host=None,           # type: Optional[Tuple[str, int]]
                 resolver=by_address        # type: Callable[[Any, str], Future]
                 ):
        # type: (...) -> None
        self._table = dict(table or {})
        self._smart_host = smart_host
        self._resolver = resolver

    def find(self, loop, domain):
        # type: (Any, bytes) -> Future
        """A Future of [(host, port)].

        It fails with NoMail for a permanent reason, or with another error for a temporary one.
        """
        name = ''
        if domain[:1] != b'[':
            try:
                name = native(domain.decode('utf-8').encode('idna').decode('ascii')).lower()
            except UnicodeError:
                return failed(NoMail(u'the name of the domain is not valid'))
        known = self._known(name) if name else self._table.get('*')
        known = known or self._smart_host
        if known is not None:
            return completed([known])
        if domain[:1] == b'[':
            literal = domain[1:-1].decode('ascii', 'replace')
            host = canonical(literal.replace('IPv6:', '').replace('IPV6:', ''))
            if host is None:
                return failed(NoMail(u'the address literal is of an unknown kind'))
            return completed([(host, SMTP_PORT)])
        return self._resolver(loop, name)

    def _known(self, name):
        # type: (str) -> Optional[Tuple[str, int]]
        found = self._table.get(name)
        rest = name
        while found is None and rest:
            _, dot, rest = rest.partition('.')
            found = self._table.get('.' + rest) if dot else None
        return self._table.get('*') if found is None else found
