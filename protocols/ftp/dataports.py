# Copyright the carryall authors.  See LICENSE.
"""The address of the next data connection: PASV, PORT, EPSV, EPRT, LPSV, LPRT.

RFC 959 section 4.1.2, RFC 1639, 2428, 2577.

Tests:    tests/protocols/ftp/test_dataports.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.numbers import decimal
from carryall.core.errors import ListenFailed, RemoteProtocolError
from carryall.core.logs import get_logger
from carryall.protocols.ftp import hostport
from carryall.protocols.ftp.dataconnection import ActivePort, PassivePort
from carryall.protocols.ftp.verbs import Command, CommandGroup
from carryall.protocols.ftp.wire import (BAD_PARAMETER, CANNOT_OPEN, OKAY, SYNTAX_ERROR, single,
                                         syntax_error)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ['COMMANDS', 'DataPorts']

LOWEST_PORT = 1024          # for data: below are servers of the system (RFC 2577 section 3)

EPSV = b'EPSV [1|2|ALL]'
EPRT = b'EPRT |family|address|port|'
PORT = b'PORT h1,h2,h3,h4,p1,p2'
LPRT = b'LPRT af,hal,h1,...,pal,p1,p2'

log = get_logger('ftp')

COMMANDS = [
    Command(b'PASV', 'ports.pasv', rfc='959#4.1.2'),
    Command(b'PORT', 'ports.port', args=1, syntax=PORT, rfc='959#4.1.2'),
    Command(b'EPSV', 'ports.epsv', args=(0, 1), syntax=EPSV, rfc='2428#3'),
    Command(b'EPRT', 'ports.eprt', args=1, syntax=EPRT, rfc='2428#2'),
    Command(b'LPSV', 'ports.lpsv', rfc='1639#3'),
    Command(b'LPRT', 'ports.lprt', args=1, syntax=LPRT, rfc='1639#2'),
]


class DataPorts(CommandGroup):
    """The port that is arranged for the next data connection of a session.

    Attributes:
        arranged: a PassivePort or an ActivePort, or None.
        only_epsv: EPSV ALL was given (RFC 2428 section 4).
    """

    __slots__ = ('arranged', 'only_epsv')

    def __init__(self, session):
        # type: (Any) -> None
        CommandGroup.__init__(self, session)
        self.arranged = None        # type: Any

    def reset(self):
        self.only_epsv = False

    def take(self):
        # type: () -> Any
        """The port, for one transfer."""
        port = self.arranged
        self.arranged = None
        return port

    def close(self):
        # type: () -> None
        """Closes the port, if one is arranged."""
        port = self.take()
        if port is not None:
            port.close()

    def _own(self):
        # type: () -> str
        """Our address on the control connection, IPv4 as such; '' if it has none."""
        return hostport.plain4(self.session.own_host)

    def _is_welcome(self, host):
        # type: (str) -> bool
        """True if data connections with *host* are allowed to this client (RFC 2577 section 3)."""
        if host.partition('%')[0] == self.session.host.partition('%')[0]:
            return True
        return self.session.settings.third_party

    def _check_only_epsv(self):
        # type: () -> None
        if self.only_epsv:
            raise RemoteProtocolError(u'EPSV ALL', SYNTAX_ERROR + b': EPSV ALL is in effect.')

    # -- the server listens ----------------------------------------------------------------------

    def _listen(self):
        # type: () -> PassivePort
        self.close()
        session = self.session
        settings = session.settings
        if not session.own_host:
            reply = CANNOT_OPEN[:-1] + b': no address to listen on.'
            raise RemoteProtocolError(u'no address', reply)
        try:
            port = PassivePort(session.clock, self._own(), settings.passive_ports, self._is_welcome,
                               settings.data_seconds, session.security.data_context())
        except ListenFailed as exc:
            log.error('no passive port is free: %s', exc)
            raise RemoteProtocolError(u'no port', CANNOT_OPEN[:-1] + b': no port is free.')
        self.arranged = port
        return port

    def _outside(self, port):
        # type: (PassivePort) -> str
        """The address that the client is told."""
        own = hostport.plain4(port.address.host)
        return self.session.service.address_for(own, self.session.host) or own

    def pasv(self):
        # type: () -> bytes
        """The reply has room for an IPv4 address only."""
        self._check_only_epsv()
        own = self._own()
        if hostport.family_of(own) != hostport.IPV4:
            if self.session.service.address_for(own, self.session.host) is None:
                return CANNOT_OPEN[:-1] + b': PASV is for IPv4, use EPSV.'
        port = self._listen()
        shown = hostport.format_port(self._outside(port), port.address.port)
        return single(227, b'Entering Passive Mode (%s)' % shown)

    def epsv(self, wanted=b''):
        # type: (bytes) -> bytes
        """Only the control connection's address family is served (RFC 2428 section 3)."""
        if wanted.upper() == b'ALL':
            self.only_epsv = True
            return OKAY
        own = hostport.family_of(self._own())
        if wanted:
            family = decimal(wanted, 65535)
            if family is None:
                return syntax_error(EPSV)
            if family != own:
                return b'522 Network protocol not supported, use (%d)' % own
        port = self._listen()
        shown = hostport.format_epsv(port.address.port)
        return single(229, b'Entering Extended Passive Mode ' + shown)

    def lpsv(self):
        # type: () -> bytes
        """Any address family (RFC 1639 section 3)."""
        self._check_only_epsv()
        port = self._listen()
        shown = hostport.format_long(self._outside(port), port.address.port)
        return single(228, b'Entering Long Passive Mode (%s)' % shown)

    # -- the client listens ----------------------------------------------------------------------

    def _connect_to(self, host, port):
        # type: (str, int) -> bytes
        """Not to other hosts, and not to ports of system servers (RFC 2577 section 3)."""
        self._check_only_epsv()
        session = self.session
        if port < LOWEST_PORT:
            return BAD_PARAMETER + b': the port is below %d.' % LOWEST_PORT
        if not self._is_welcome(host):
            log.info('%s asks for a data connection to %s', session.host, host)
            return BAD_PARAMETER + b': the address is not yours.'
        if host == session.host.partition('%')[0]:
            host = session.host             # with the scope, which the client cannot know
        self.close()
        self.arranged = ActivePort(session.clock, host, port, self._own(),
                                   session.settings.data_seconds, session.security.data_context())
        return OKAY

    def port(self, text):
        # type: (bytes) -> bytes
        """PORT."""
        found = hostport.parse_port(text)
        return syntax_error(PORT) if found is None else self._connect_to(*found)

    def eprt(self, text):
        # type: (bytes) -> bytes
        """PORT with an address family (RFC 2428 section 2)."""
        found = hostport.parse_eprt(text)
        if found is None:
            return syntax_error(EPRT)
        family, host, port = found
        own = hostport.family_of(self._own())
        if family != own:
            return b'522 Network protocol not supported, use (%d)' % own
        return self._connect_to(host, port)

    def lprt(self, text):
        # type: (bytes) -> bytes
        """PORT with addresses of any length (RFC 1639 section 2)."""
        found = hostport.parse_long(text)
        if found is None:
            return syntax_error(LPRT)
        version, host, port = found
        own = 4 if hostport.family_of(self._own()) == hostport.IPV4 else 6
        if version != own or not host:
            return b'521 Supported address families are (%d)' % own
        return self._connect_to(host, port)
