# Copyright the carryall authors.  See LICENSE.
"""A stand-in for the module telnetlib, which Python 3.13 no longer has: the same class, methods and
constants, blocking.

    from carryall.telnetlib import Telnet
    with Telnet('host.example', 23, 30) as telnet:
        telnet.read_until(b'login: ')
        telnet.write(b'ann\\n')

It works like that module, with two differences.  The server's negotiation is answered by the Q
method (RFC 1143) unless ``set_option_negotiation_callback`` was given a callback.  The methods
``get_socket()``, ``fileno()`` and ``mt_interact()`` are missing, as a connection of carryall is not
a socket.  Programs that wait for several things at once have ``carryall.protocols.telnet.client``.

Tests:    tests/house/test_telnetlib.py
"""
from __future__ import absolute_import, division, print_function

import re
import sys

from carryall import runtimes
from carryall.core.compat import int2byte
from carryall.core.errors import CarryallError
from carryall.core.future import sleep
from carryall.core.net.protocol import Protocol
from carryall.protocols.telnet import Negotiator, wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional, Sequence, Tuple

__all__ = ['Telnet']

TELNET_PORT = 23
DEBUGLEVEL = 0

# The constants are octets, as they were.
IAC, DONT, DO, WONT, WILL, SB, GA, EL, EC, AYT, AO, IP, BRK, DM, NOP, SE = [
    int2byte(number) for number in range(255, 239, -1)]
theNULL = b'\0'
BINARY, ECHO, RCP, SGA, NAMS, STATUS, TM, RCTE, NAOL, NAOP, NAOCRD, NAOHTS, NAOHTD, NAOFFD, \
    NAOVTS, NAOVTD, NAOLFD, XASCII, LOGOUT, BM, DET, SUPDUP, SUPDUPOUTPUT, SNDLOC, TTYPE, EOR, \
    TUID, OUTMRK, TTYLOC, VT3270REGIME, X3PAD, NAWS, TSPEED, LFLOW, \
    LINEMODE, XDISPLOC, OLD_ENVIRON, AUTHENTICATION, ENCRYPT, NEW_ENVIRON = [int2byte(
        number) for number in range(40)]
CHARSET = int2byte(wire.CHARSET)
COM_PORT_OPTION = int2byte(wire.COM_PORT)


class _Connection(Protocol):
    """Collects what comes."""

    def __init__(self, telnet):
        # type: (Telnet) -> None
        self._telnet = telnet
        self.lost = None            # type: Any

    def data_received(self, data):
        self._telnet._received(data)

    def connection_lost(self, exc):
        self.lost = exc
        self._telnet._ended()


class Telnet(object):
    """One connection; see the module.

    Args:     timeout: seconds for connecting, and for nothing else, as it was;
              None for the system's patience.
    """

    def __init__(self, host=None, port=0, timeout=None):
        # type: (Optional[str], int, Optional[float]) -> None
        self.debuglevel = DEBUGLEVEL
        self.host = host
        self.port = port
        self.timeout = timeout
        self.eof = False
        self._loop = None           # type: Any
        self._transport = None      # type: Any
        self._cooked = b''          # data that has come and was not read
        self._raw = False           # whether something came that was all negotiation
        self._sub = b''
        self._callback = None       # type: Optional[Callable[[Any, bytes, bytes], Any]]
        self._parser = wire.Parser()
        self._negotiator = Negotiator(self._negotiate, lambda option, ours: False,
                                      lambda option, ours, on: None)
        if host is not None:
            self.open(host, port, timeout)

    def open(self, host, port=0, timeout=None):
        # type: (str, int, Optional[float]) -> None
        """Connects; what goes wrong is an OSError, as with a socket."""
        self.host = host
        self.port = port or TELNET_PORT
        self.timeout = timeout
        self.eof = False
        self._loop = runtimes.choose()
        connecting = self._loop.connect_tcp(lambda: _Connection(self), host, self.port,
                                            *([] if timeout is None else [timeout]))
        try:
            self._transport = self._loop.run_until(connecting)[0]
        except CarryallError as exc:
            self._loop.close()
            self._loop = None
            raise OSError(str(exc))

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()

    def close(self):
        # type: () -> None
        """Closes the connection."""
        loop, self._loop = self._loop, None
        self._transport = None
        self.eof = True
        if loop is not None:
            loop.close()

    def set_debuglevel(self, debuglevel):
        # type: (int) -> None
        """Above 0, messages go to stdout."""
        self.debuglevel = debuglevel

    def msg(self, msg, *args):
        # type: (str, *Any) -> None
        """Prints a message if the debug level is above 0."""
        if self.debuglevel > 0:
            sys.stdout.write('Telnet(%s,%s): %s\n' % (self.host, self.port, msg % args if args
                                                      else msg))

    # -- writing -----------------------------------------------------------------------------------

    def write(self, buffer):
        # type: (bytes) -> None
        """Sends *buffer*, IAC doubled; OSError if the connection is closed."""
        if self._transport is None or self._transport.is_closing():
            raise OSError('the connection is closed')
        self.msg('send %r', buffer)
        self._transport.write(wire.escape(buffer))
        # What the system does not take at once goes out while something is waited for;
        # so wait for that here.
        while self._transport.get_write_buffer_size() and not self._transport.is_closing():
            self._loop.run_until(sleep(self._loop, 0.01))

    # -- reading -----------------------------------------------------------------------------------

    def _received(self, data):
        # type: (bytes) -> None
        self.msg('recv %r', data)
        for event in self._parser.receive(data):
            if event[0] == 'data':
                # As it did, outside of BINARY.
                self._cooked += event[1].replace(b'\0', b'').replace(b'\x11', b'')
            elif event[0] == 'negotiate':
                self._negotiated(event[1], event[2])
            elif event[0] == 'sub':
                self._sub += int2byte(event[1]) + event[2]
                if self._callback is not None:
                    self._callback(None, SE, b'\0')
            elif event[0] == 'command' and self._callback is not None:
                self._callback(None, int2byte(event[1]), b'\0')
        self._raw = True
        self._loop.stop()

    def _ended(self):
        # type: () -> None
        self.eof = True
        if self._loop is not None:
            self._loop.stop()

    def _negotiated(self, verb, option):
        # type: (int, int) -> None
        if self._callback is not None:
            self._callback(self, int2byte(verb), int2byte(option))
        else:
            self._negotiator.received(verb, option)

    def _negotiate(self, verb, option):
        # type: (int, int) -> None
        self._transport.write(wire.format_negotiation(verb, option))

    def set_option_negotiation_callback(self, callback):
        # type: (Optional[Callable[[Any, bytes, bytes], Any]]) -> None
        """Calls ``callback(self, verb, option)`` for each negotiation instead of answering it.

        The first argument is None, not the socket, for a command or the end of a subnegotiation.
        """
        self._callback = callback

    def read_sb_data(self):
        # type: () -> bytes
        """The data of the subnegotiations since the last call."""
        data, self._sub = self._sub, b''
        return data

    def _wait(self, deadline):
        # type: (Optional[float]) -> bool
        """Waits until something comes, or the end; False at the deadline."""
        if self.eof or self._loop is None:
            return False
        self._raw = False
        timer = None
        if deadline is not None:
            left = deadline - self._loop.time()
            if left < 0:
                left = 0.0
            timer = self._loop.call_later(left, self._loop.stop)
        self._loop.run()
        if timer is not None:
            timer.cancel()
        return self._raw or self.eof

    def _deadline(self, timeout):
        # type: (Optional[float]) -> Optional[float]
        return None if timeout is None or self._loop is None else self._loop.time() + timeout

    def _take(self, count):
        # type: (int) -> bytes
        data, self._cooked = self._cooked[:count], self._cooked[count:]
        return data

    def read_until(self, match, timeout=None):
        # type: (bytes, Optional[float]) -> bytes
        """Data up to and with *match*; at the timeout, or at the end, what there is."""
        deadline = self._deadline(timeout)
        while True:
            at = self._cooked.find(match)
            if at >= 0:
                return self._take(at + len(match))
            if self.eof or not self._wait(deadline):
                return self.read_very_lazy()

    def read_all(self):
        # type: () -> bytes
        """All data up to the end."""
        while not self.eof:
            self._wait(None)
        return self._take(len(self._cooked))

    def read_some(self):
        # type: () -> bytes
        """At least one octet, unless it is the end: then b''."""
        while not self._cooked and not self.eof:
            self._wait(None)
        return self._take(len(self._cooked))

    def read_very_eager(self):
        # type: () -> bytes
        """All that can be had without waiting; EOFError at the end."""
        if self._loop is not None:
            while self._wait(self._loop.time()):
                if self.eof:
                    break
        return self.read_very_lazy()

    def read_eager(self):
        # type: () -> bytes
        """The data read so far, else data that can be read without waiting; EOFError at the end."""
        if not self._cooked and not self.eof and self._loop is not None:
            self._wait(self._loop.time())
        return self.read_very_lazy()

    def read_lazy(self):
        # type: () -> bytes
        """The data read so far; EOFError at the end."""
        return self.read_very_lazy()

    def read_very_lazy(self):
        # type: () -> bytes
        """The data read so far; EOFError at the end."""
        if not self._cooked and self.eof:
            raise EOFError('telnet connection closed')
        return self._take(len(self._cooked))

    def expect(self, list, timeout=None):
        # type: (Sequence[Any], Optional[float]) -> Tuple[int, Any, bytes]
        """(index, match, data up to its end) of the first regular expression that matches; (-1,
        None, data) if none does."""
        patterns = [re.compile(each) if not hasattr(each, 'search') else each
                    for each in list]     # type: List[Any]
        deadline = self._deadline(timeout)
        while True:
            for index, pattern in enumerate(patterns):
                match = pattern.search(self._cooked)
                if match:
                    return index, match, self._take(match.end())
            if self.eof or not self._wait(deadline):
                break
        data = self._take(len(self._cooked))
        if not data and self.eof:
            raise EOFError('telnet connection closed')
        return -1, None, data

    # -- at a terminal -----------------------------------------------------------------------------

    def interact(self):
        # type: () -> None
        """Carry what is typed and what comes until the end of either."""
        from carryall.runtimes.host.keyboard import Keyboard
        keyboard = Keyboard()
        loop = self._loop
        reading = loop.run_in_thread(keyboard.read)
        while True:
            if self._cooked:
                output = getattr(sys.stdout, 'buffer', sys.stdout)
                output.write(self._take(len(self._cooked)))
                output.flush()
            if self.eof:
                return
            if reading.done():
                typed = reading.result()
                if not typed:
                    return
                self.write(typed)
                reading = loop.run_in_thread(keyboard.read)
            reading.add_done_callback(lambda _: loop.stop())
            self._wait(None)
