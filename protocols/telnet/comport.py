# Copyright the carryall authors.  See LICENSE.
"""COM-PORT: a serial port behind the connection (RFC 2217).

Wire:     IAC SB COM-PORT command value IAC SE; the server's answer to command n is n + 100.
A client does the option.  The session's ``value_received`` gets (name, value): a wish of the client
on a server, a value of the server on a client.

Tests:    tests/protocols/telnet/test_comport.py
"""
from __future__ import absolute_import, division, print_function

import struct

from carryall.core.compat import byte2int, int2byte
from carryall.core.errors import LocalProtocolError
from carryall.protocols.telnet.errors import TelnetError
from carryall.protocols.telnet import wire
from carryall.protocols.telnet.session import Option

__all__ = ['ComPort']

MAX_SIGNATURE = 255         # octets

# Command -> (name, octets of its value; None: any number) (RFC 2217 section 3).
COMMANDS = {
    0: ('signature', None), 1: ('baudrate', 4), 2: ('datasize', 1), 3: ('parity', 1),
    4: ('stopsize', 1), 5: ('control', 1),
    6: ('linestate', 1), 7: ('modemstate', 1), 8: ('suspend', 0), 9: ('resume', 0),
    10: ('linestate mask', 1), 11: ('modemstate mask', 1), 12: ('purge', 1)}
NUMBERS = dict((name, number) for number, (name, _) in COMMANDS.items())
FROM_SERVER = 100


class ComPort(Option):
    """The option.

    Args:     ours, theirs: a client's is (True, False), a server's (False, True).
    """

    def __init__(self, ours=False, theirs=True):
        # type: (bool, bool) -> None
        Option.__init__(self, wire.COM_PORT, ours, theirs)

    def tell(self, session, name, value=b''):
        # type: (Any, str, Any) -> None
        """Sends a command: what the client wants, or the server has; *value* is a number, or octets
        for the signature."""
        number = NUMBERS[name]
        size = COMMANDS[number][1]
        if size is None:
            octets = value[:MAX_SIGNATURE]
        elif size and not 0 <= value < 1 << 8 * size:
            raise LocalProtocolError(u'%s: %r does not fit %d octets' % (name, value, size))
        else:
            octets = struct.pack('!I', value)[4 - size:] if size else b''
        # The server answers, the client asks.
        base = 0 if session.negotiator.on(self.number, True) else FROM_SERVER
        session.send_sub(self.number, int2byte(base + number) + octets)

    def sub_received(self, session, data):
        if not data:
            raise TelnetError(u'COM-PORT: no command')
        number = byte2int(data[:1])
        if session.negotiator.on(self.number, True):
            number -= FROM_SERVER
        name, size = COMMANDS.get(number, ('', 0))
        if not name or size is not None and len(data) != 1 + size or len(data) > 1 + MAX_SIGNATURE:
            raise TelnetError(u'COM-PORT: no such command, or a value of the wrong size')
        value = data[1:]            # type: Any
        if size is not None:
            value = struct.unpack('!I', value.rjust(4, b'\0'))[0] if size else None
        session.value_received(self.number, (name, value))


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
