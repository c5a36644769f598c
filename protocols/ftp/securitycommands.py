# Copyright the carryall authors.  See LICENSE.
"""TLS on the control and the data connections: AUTH, PBSZ, PROT, CCC (RFC 2228, 4217).

Not here: TLS itself (`loop.start_tls`).
Tests:    tests/protocols/ftp/test_secured.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import RemoteProtocolError, Unsupported
from carryall.core.logs import get_logger
from carryall.protocols.ftp.verbs import INSIDE, Command, CommandGroup
from carryall.protocols.ftp.wire import BAD_PARAMETER, BAD_SEQUENCE, DENIED, OKAY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ['COMMANDS', 'SecurityCommands']

log = get_logger('ftp')

COMMANDS = [
    Command(b'AUTH', 'security.auth', None, 1, syntax=b'AUTH TLS', rfc='4217#4'),
    Command(b'PBSZ', 'security.pbsz', None, 1, syntax=b'PBSZ 0', rfc='4217#8'),
    Command(b'PROT', 'security.prot', None, 1, syntax=b'PROT C|P', rfc='4217#9'),
    Command(b'CCC', 'security.ccc', None, rfc='4217#5'),
]

MECHANISMS = (b'TLS', b'SSL', b'TLS-C', b'TLS-P')       # RFC 4217 section 17
PROTECTING = (b'TLS-P', b'SSL')                         # imply PROT P


class SecurityCommands(CommandGroup):
    """The security commands of a session.

    Attributes:
        protected: PROT P: data goes under TLS.
    """

    __slots__ = ('protected',)

    def reset(self):
        self.protected = False

    def data_context(self):
        # type: () -> Any
        """The TLSContext of the next data connection; None in clear."""
        return self.session.settings.tls if self.protected else None

    def auth(self, mechanism):
        # type: (bytes) -> Any
        """The reply goes out in clear; data in clear behind the command is discarded (law L18)."""
        session = self.session
        mechanism = mechanism.upper()
        if mechanism not in MECHANISMS:
            return BAD_PARAMETER + b': use AUTH TLS.'
        if session.secure:
            return BAD_SEQUENCE + b': TLS is already in use.'
        context = session.settings.tls
        if context is None:
            # RFC 4217 section 4: the mechanism cannot be used at the moment.
            return b'431 Need some unavailable resource to process security: TLS.'
        session.transfers.stop()
        session.log_out()
        session.reset()                     # RFC 4217 section 4: earlier commands do not count
        self.protected = mechanism in PROTECTING
        session.send_line(b'234 AUTH TLS okay; begin the handshake.')
        session.flush()
        try:
            done = session.clock.start_tls(session.transport, context, server_side=True)
        except Unsupported as exc:
            log.error('%s: AUTH TLS is not possible: %s', session.host, exc)
            session.transport.abort()
            return None
        done.add_done_callback(self._secured)
        return None

    def _secured(self, future):
        # type: (Any) -> None
        """The handshake has ended; a failure closes the connection by itself."""
        if future.exception() is not None:
            log.info('%s: no TLS: %s', self.session.host, future.exception())

    def pbsz(self, size):
        # type: (bytes) -> bytes
        """Under TLS the size is 0, whatever is asked (RFC 4217 section 8)."""
        if not self.session.secure:
            return BAD_SEQUENCE + b': use AUTH first.'
        return b'200 PBSZ=0'

    def prot(self, level):
        # type: (bytes) -> bytes
        """The level of the next data connections (RFC 4217 section 9)."""
        if not self.session.secure:
            return BAD_SEQUENCE + b': use AUTH and PBSZ first.'
        level = level.upper()
        if level in (b'S', b'E'):
            return b'536 Requested PROT level not supported by mechanism.'
        if level not in (b'C', b'P'):
            return BAD_PARAMETER + b': use PROT C or PROT P.'
        if level == b'C' and self.session.settings.tls_required == 'all':
            return DENIED + b': data needs PROT P.'
        wanted = level == b'P'
        if wanted != self.protected:
            self.session.ports.close()      # it was arranged for the other level
        self.protected = wanted
        return OKAY

    def ccc(self):
        # type: () -> Any
        """The control connection goes back to clear, for firewalls (RFC 4217 section 5).

        Only if the settings allow it, and after the login: no password follows.  PROT stays.
        """
        session = self.session
        if not session.secure:
            return b'533 Command protection level denied: the control connection is in clear.'
        if not session.settings.tls_clear or session.state != INSIDE:
            raise RemoteProtocolError(u'CCC', DENIED + b'.')
        session.send_line(OKAY)
        session.flush()
        # peer: curl sends no close_notify unless it is told --ftp-ssl-ccc-mode active.
        done = session.clock.stop_tls(session.transport, lenient=True)
        done.add_done_callback(self._cleared)
        return None

    def _cleared(self, future):
        # type: (Any) -> None
        if future.exception() is None:
            log.info('%s: the control connection is in clear now (CCC)', self.session.host)
