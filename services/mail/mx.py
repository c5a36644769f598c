# Copyright the carryall authors.  See LICENSE.
"""The hosts that take the mail of a domain, by its MX records (RFC 5321 section 5.1).

    resolver = MXResolver([('192.0.2.53', 53)])         Routes(table, smart_host, resolver)

The order is by preference, and random among equals.  A domain without MX records is its own host,
if it has an address.  A domain with a null MX (RFC 7505) or one that does not exist takes no mail:
the sender gets a report at once.

Tests:    tests/services/mail/test_mx.py
"""
from __future__ import absolute_import, division, print_function

import random

from carryall.core.compat import native
from carryall.core.codec.numbers import decimal_text
from carryall.core.errors import LocalProtocolError, UsageError
from carryall.core.future import Return, coroutine
from carryall.core.net.ip import canonical
from carryall.app.optiontypes import Text
from carryall.core.logs import get_logger
from carryall.protocols.dns import MX, NO_NAME, ask
from carryall.services.dns.nameservers import system_servers
from carryall.services.mail.routes import SMTP_PORT, NoMail, by_address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Sequence, Tuple

__all__ = ['MXResolver', 'NameServer', 'resolver_of', 'system_servers']

# -- limits ------------------------------------------------------------------
# of one domain that are tried in turn (RFC 5321 section 5.1: at least two)
MAX_HOSTS = 10

DNS_PORT = 53
NONE = u'none'

log = get_logger('mail.mx')


class NameServer(Text):
    """ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT, numeric; or ``none``."""

    metavar = 'ADDRESS'

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 1, 64)

    def check(self, value):
        Text.check(self, value)
        if value != NONE:
            self.split(value)

    def split(self, value):
        # type: (str) -> Tuple[str, int]
        """(numeric host, port)."""
        host = value                    # type: str
        port = DNS_PORT                 # type: Optional[int]
        if value.startswith(u'['):
            host, bracket, rest = value[1:].partition(u']')
            if not bracket or rest and not rest.startswith(u':'):
                port = None
            elif rest:
                port = decimal_text(rest[1:], 65535)
        elif value.count(u':') == 1:
            host, _, rest = value.partition(u':')
            port = decimal_text(rest, 65535)
        found = canonical(native(host.encode('ascii', 'replace').decode('ascii')))
        if found is None or not port:
            raise UsageError(u'"%s" is not a name server such as 192.0.2.53 or [2001:db8::1]:5353'
                             % value)
        return found, port


def resolver_of(texts):
    # type: (Sequence[str]) -> Any
    """The resolver for ``--nameserver`` options: those servers, the machine's if none are given, or
    none at all."""
    if NONE in texts:
        return by_address
    servers = [NameServer().split(text) for text in texts] or system_servers()
    if not servers:
        log.info('no name server to ask for MX records: mail goes to the domains\' own '
                 'addresses')
        return by_address
    return MXResolver(servers)


class MXResolver(object):
    """Called with (loop, domain): a Future of [(host, port)].

    Args:     servers: (numeric host, port) of recursive name servers.
              dice: random numbers for the order of equals.
    """

    def __init__(self, servers, dice=None):
        # type: (Sequence[Tuple[str, int]], Any) -> None
        self._servers = list(servers)
        self._dice = dice or random.SystemRandom()

    @coroutine
    def __call__(self, loop, domain):
        # type: (Any, str) -> Any
        try:
            answer = yield ask(loop, self._servers, domain, MX)
        except LocalProtocolError:
            raise NoMail(u'the name of the domain is not valid')
        if answer.code == NO_NAME:
            raise NoMail(u'the domain %s does not exist' % domain)
        if not answer.hosts:
            places = yield by_address(loop, domain)
            raise Return(places)
        hosts = [row for row in answer.hosts if row[1]]
        if not hosts:
            raise NoMail(u'the domain %s accepts no mail' % domain)      # RFC 7505 section 3
        self._dice.shuffle(hosts)
        hosts.sort(key=lambda row: row[0])
        raise Return([(host, SMTP_PORT) for _, host in hosts[:MAX_HOSTS]])
