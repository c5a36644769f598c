# Copyright the carryall authors.  See LICENSE.
"""TelnetClient: the side of a terminal or of a script (RFC 854, RFC 1123 section 3.2).

    client = yield connect(loop, 'host.example', settings=ClientSettings(terminal=b'XTERM'))
    text = yield client.read_until(b'login: ')
    client.write(b'ann\\n')

It agrees to the options that servers ask of a terminal: the server's echo, window, type, speed,
binary, and the environment that was given.  It asks for none by itself, so it may also connect to a
server of another protocol.

Tests:    tests/protocols/telnet/test_client.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.buffer import ReceiveBuffer
from carryall.core.errors import ConnectionLost, LocalProtocolError
from carryall.core.future import Future, failed
from carryall.core.net.loop import CONNECT_SECONDS
from carryall.core.tls import open_session
from carryall.protocols.telnet import wire
from carryall.protocols.telnet.linemode import LineMode
from carryall.protocols.telnet.mud import Compress
from carryall.protocols.telnet.options import (Charset, Environment, FlowControl, Speed, Status,
                                               TerminalType, TimingMark, Window, XDisplay)
from carryall.protocols.telnet.session import Option, TelnetProtocol
from carryall.protocols.telnet.settings import ClientSettings
from carryall.protocols.telnet.starttls import StartTLS

__all__ = ['PORT', 'TLS_PORT', 'TelnetClient', 'connect']

PORT = 23
TLS_PORT = 992              # telnets, as IANA has it

# -- limits ------------------------------------------------------------------
MAX_KEPT = 1 << 20          # octets of text that wait for read(), before the server must wait


class TelnetClient(TelnetProtocol):
    """One connection.

    Args:     settings: ClientSettings.

    Attributes:
        over: a Future of None at the end of the connection.
    """

    def __init__(self, settings=None):
        # type: (Optional[ClientSettings]) -> None
        TelnetProtocol.__init__(self)
        settings = settings or ClientSettings()
        variables = settings.variables
        self.over = Future()
        self._kept = ReceiveBuffer()
        self._waiting = None        # type: Any  # (separator or None, Future)
        self._full = False          # true while the server must wait
        self.add_option(Option(wire.ECHO, ours=False, theirs=True))
        self.add_option(Option(wire.SGA))
        self.add_option(Option(wire.BINARY))
        self.add_option(Option(wire.END_OF_RECORD))
        self.add_option(Status(ours=True, theirs=True))
        self.add_option(TimingMark())
        self.window = self.add_option(Window(True, False, *settings.window))
        self.add_option(TerminalType(True, False, [settings.terminal]))
        self.add_option(Speed(True, False))
        self.add_option(Charset(asking=False))
        self.add_option(FlowControl(ours=True))
        if variables:
            self.add_option(Environment(True, False, variables))
            if b'DISPLAY' in variables:
                self.add_option(XDisplay(True, False, variables[b'DISPLAY']))
        if settings.linemode:
            self.add_option(LineMode(True, False))
        if settings.compress:
            self.add_option(Compress(False, True))

    @property
    def server_echoes(self):
        # type: () -> bool
        """True if the server echoes what the user types, so that the client must not."""
        return self.negotiator.on(wire.ECHO, False)

    # -- reading -----------------------------------------------------------------------------------

    def text_received(self, data):
        self._kept.append(data)
        self._settle()
        if len(self._kept) > MAX_KEPT and not self._full:
            self._full = True
            self.pause()

    def read(self):
        # type: () -> Future
        """A Future of the text that has come, or else of the next; b'' at the end."""
        return self._wait(None)

    def read_until(self, text):
        # type: (bytes) -> Future
        """A Future of the text up to and including *text*.  It fails with ConnectionLost if the
        end comes first; the text stays for ``read``.
        """
        return self._wait(text)

    def _wait(self, text):
        # type: (Optional[bytes]) -> Future
        if self._waiting is not None and not self._waiting[1].done():
            return failed(LocalProtocolError(u'another read is not done yet'))
        future = Future()
        self._waiting = (text, future)
        self._settle()
        if self._full and len(self._kept) <= MAX_KEPT or text is not None and self._full \
                and not future.done():
            # A reader that waits for more than is kept gets it: the bound is for unread text.
            self._full = False
            self.unpause()
        return future

    def _settle(self):
        # type: () -> None
        if self._waiting is None:
            return
        text, future = self._waiting
        if future.done():
            self._waiting = None
        elif text is None:
            if len(self._kept) or self.over.done():
                self._waiting = None
                future.set_result(self._kept.take_all())
        else:
            at = self._kept.find(text)
            if at >= 0:
                self._waiting = None
                future.set_result(self._kept.maybe_take(at + len(text)))
            elif self.over.done():
                self._waiting = None
                future.set_exception(ConnectionLost(u'the connection ended before %r came' % text))

    def eof_received(self):
        return False

    def connection_lost(self, exc):
        if not self.over.done():
            if exc is None:
                self.over.set_result(None)
            else:
                self.over.set_exception(exc)
        self._settle()


def connect(loop, host, port=None, tls=None, starttls=None, timeout=CONNECT_SECONDS, settings=None,
            make=TelnetClient):
    # type: (Any, str, Optional[int], Any, Any, float, Optional[ClientSettings], Any) -> Future
    """Connects; a Future of a TelnetClient.

    Args:     port: 23, or 992 with *tls*, if left out.
              tls: a TLSContext to use from the first octet.
              starttls: a TLSContext to use when the server asks for START-TLS.
              timeout: seconds, for connecting and the TLS handshake.
              make: called with *settings*, makes the TelnetClient; for a subclass.

    Raises:   ConnectFailed and its subclasses.
    """
    def made():
        # type: () -> Any
        client = make(settings)
        if starttls is not None:
            client.add_option(StartTLS(loop, starttls, False, host))
        return client

    usual = PORT if tls is None else TLS_PORT
    return open_session(loop, made, host, port or usual, None, tls, timeout)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Tuple
