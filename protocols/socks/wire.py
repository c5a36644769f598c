# Copyright the carryall authors.  See LICENSE.
"""The messages of SOCKS 4, 4a and 5 (RFC 1928, 1929).

Wire:     version 4:  4, command, port, IPv4 address, user, NUL
                      4a, if the address is 0.0.0.x: the same, host, NUL
                      0, code, port, IPv4 address
          version 5:  5, count, methods                       5, method
                      1, length, user, length, password       1, status       (RFC 1929)
                      5, command, 0, address kind, address, port
                      5, code, 0, address kind, address, port
                      0, 0, fragment, address kind, address, port, data       (each datagram)
Source:   "SOCKS: A protocol for TCP proxy across firewalls", Y.-D. Lee; "SOCKS 4A", the same;
          RFC 1928; RFC 1929.
Tests:    tests/protocols/socks/test_wire.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import byte2int, int2byte, native
from carryall.core.codec.cursor import Cursor, Writer
from carryall.core.errors import LocalProtocolError, RemoteProtocolError
from carryall.core.net.ip import packed, text
from carryall.protocols.socks.errors import SOCKSError

__all__ = ['ASSOCIATE', 'BIND', 'CONNECT', 'Request', 'format_datagram', 'format_login',
           'format_methods', 'format_reply4', 'format_reply5', 'format_request4', 'format_request5',
           'maybe_login', 'maybe_methods', 'maybe_reply4', 'maybe_reply5', 'maybe_request4',
           'maybe_request5', 'parse_datagram']

# -- limits ------------------------------------------------------------------
MAX_USER4 = 255             # octets of a version 4 user
MAX_HOST = 255              # octets of a host name; RFC 1928 section 5 (one octet of length)

# -- codes -------------------------------------------------------------------
CONNECT = 1
BIND = 2
ASSOCIATE = 3
COMMAND_NAMES = {CONNECT: 'connect', BIND: 'bind', ASSOCIATE: 'udp'}

# Codes of version 4, in its section on CONNECT.
GRANTED = 90
REJECTED = 91
NO_IDENT = 92
OTHER_USER = 93
# RFC 1928 section 6
SUCCEEDED = 0
FAILURE = 1
NOT_ALLOWED = 2
NET_UNREACHABLE = 3
HOST_UNREACHABLE = 4
REFUSED = 5
TTL_EXPIRED = 6
BAD_COMMAND = 7
BAD_ADDRESS = 8
# RFC 1928 section 3
NO_LOGIN = 0
GSSAPI = 1
USER_PASSWORD = 2
NO_METHOD = 255
# RFC 1928 section 5
IPV4 = 1
DOMAIN = 3
IPV6 = 4
REASONS = {FAILURE: u'general failure', NOT_ALLOWED: u'not allowed by its rules',
           NET_UNREACHABLE: u'network unreachable', HOST_UNREACHABLE: u'host unreachable',
           REFUSED: u'connection refused', TTL_EXPIRED: u'TTL expired',
           BAD_COMMAND: u'command not supported', BAD_ADDRESS: u'address type not supported'}


class Request(object):
    """A request of a client.

    version:  4, 5, or 1 for HTTP CONNECT
    command:  CONNECT, BIND or ASSOCIATE
    host:     numeric address or name, as the interpreter's ``str``
    port:     0 to 65535
    user:     bytes: in version 4 the user that the client claims, in version 5 and HTTP the user
              that has logged in; b'' for none
    """

    __slots__ = ('version', 'command', 'host', 'port', 'user')

    def __init__(self, version, command, host, port, user=b''):
        # type: (int, int, str, int, bytes) -> None
        self.version = version
        self.command = command
        self.host = host
        self.port = port
        self.user = user


class BadRequest(SOCKSError):
    """A well-formed request that cannot be granted; ``reply`` is the version 5 code for it."""


def _host(octets):
    # type: (bytes) -> str
    """The name of a host as ``str``; BadRequest if no host can have it."""
    if not 0 < len(octets) <= MAX_HOST or octets.strip(
            b'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:'):
        raise BadRequest(u'no host can have the name %r' % octets[:64], reply=HOST_UNREACHABLE)
    return native(octets.decode('ascii'))


# -- version 4 ---------------------------------------------------------------

def maybe_request4(buffered):
    # type: (ReceiveBuffer) -> Optional[Request]
    """Takes a version 4 or 4a request from the front; None while it is incomplete.

    Raises:   RemoteProtocolError: too long.  BadRequest: an unknown command or a wrong host.
    """
    data = buffered.peek(8 + MAX_USER4 + 1 + MAX_HOST + 1)
    if len(data) < 9:
        return None
    user, mark, rest = data[8:].partition(b'\0')
    # The bound is on the user, with or without the mark behind, so that the answer is the same
    # however the request comes in pieces.
    if len(user) > MAX_USER4:
        raise RemoteProtocolError(u'a user of more than %d octets' % MAX_USER4)
    if not mark:
        return None
    cursor = Cursor(data, 1)
    command = cursor.uint8()
    port = cursor.uint16()
    octets = cursor.take(4)
    size = 8 + len(user) + 1
    host = native(text(octets))
    if octets[:3] == b'\0\0\0' and octets[3:] != b'\0':
        name, mark, _ = rest.partition(b'\0')
        if len(name) > MAX_HOST:
            raise RemoteProtocolError(u'a host of more than %d octets' % MAX_HOST)
        if not mark:
            return None
        size += len(name) + 1
        host = _host(name)
    buffered.discard(size)
    if command not in (CONNECT, BIND):
        raise BadRequest(u'version 4 has no command %d' % command, reply=BAD_COMMAND)
    return Request(4, command, host, port, user)


def format_request4(command, host, port, user=b''):
    # type: (int, str, int, bytes) -> bytes
    """A version 4 request; 4a if *host* is a name.

    Raises:   LocalProtocolError: version 4 has no form for it.
    """
    octets = packed(host)
    if octets is not None and len(octets) != 4:
        raise LocalProtocolError(u'SOCKS4 has no IPv6 addresses')
    if b'\0' in user or len(user) > MAX_USER4:
        raise LocalProtocolError(u'a user has at most %d octets, without NUL' % MAX_USER4)
    message = Writer().uint8(4).uint8(command).uint16(port).raw(octets or b'\0\0\0\1').raw(
        user + b'\0')
    if octets is None:
        message.raw(_sendable(host) + b'\0')
    return message.finish()


def maybe_reply4(buffered):
    # type: (ReceiveBuffer) -> Optional[Tuple[int, str, int]]
    """(code, host, port) of a version 4 reply; None while it is incomplete.

    Raises:   RemoteProtocolError: the data is not a reply.
    """
    # peer: some send their version here
    if len(buffered) and buffered.peek(1) not in (b'\0', b'\4'):
        raise RemoteProtocolError(u'the data is not a SOCKS4 reply')
    data = buffered.maybe_take(8)
    if data is None:
        return None
    cursor = Cursor(data, 1)
    code = cursor.uint8()
    port = cursor.uint16()
    return code, native(text(cursor.take(4))), port


def format_reply4(code, host='0.0.0.0', port=0):
    # type: (int, str, int) -> bytes
    """A version 4 reply; an IPv6 address, for which it has no form, becomes 0.0.0.0."""
    octets = packed(host)
    return Writer().uint8(0).uint8(code).uint16(port).raw(octets if octets and len(octets) == 4
                                                          else b'\0\0\0\0').finish()


# -- version 5: methods and login --------------------------------------------

def maybe_methods(buffered):
    # type: (ReceiveBuffer) -> Optional[bytes]
    """The methods that a client offers, an octet each; None while they are incomplete (RFC 1928
    section 3).
    """
    start = buffered.peek(2)
    if len(start) < 2:
        return None
    whole = buffered.maybe_take(2 + byte2int(start[1:]))
    return None if whole is None else whole[2:]


def format_methods(methods):
    # type: (bytes) -> bytes
    """The offer of a client (RFC 1928 section 3)."""
    return Writer().uint8(5).counted(methods, 1).finish()


def maybe_login(buffered):
    # type: (ReceiveBuffer) -> Optional[Tuple[bytes, bytes]]
    """(user, password); None while incomplete (RFC 1929 section 2).

    Raises:   RemoteProtocolError: another version of it.
    """
    data = buffered.peek(2 + 255 + 1 + 255)
    if data[:1] not in (b'', b'\1'):
        raise RemoteProtocolError(u'a login of another version')
    length = byte2int(data[1:2]) if len(data) > 1 else 0
    if len(data) < 2 + length + 1:
        return None
    whole = buffered.maybe_take(2 + length + 1 + byte2int(data[2 + length:3 + length]))
    if whole is None:
        return None
    return whole[2:2 + length], whole[3 + length:]


def format_login(user, password):
    # type: (bytes, bytes) -> bytes
    """The login of RFC 1929.

    Raises:   LocalProtocolError: a part has not 1 to 255 octets.
    """
    if not 0 < len(user) <= 255 or not 0 < len(password) <= 255:
        raise LocalProtocolError(u'SOCKS5 takes users and passwords of 1 to 255 octets')
    return Writer().uint8(1).counted(user, 1).counted(password, 1).finish()


# -- version 5: requests and replies -----------------------------------------

def _maybe_address(data, begin):
    # type: (bytes, int) -> Optional[Tuple[str, int, int]]
    """(host, port, end) of the address at *begin*, its kind first; None while it is incomplete.

    Raises:   BadRequest: the kind is unknown, or no host can have the name.
    """
    kind = data[begin:begin + 1]
    if len(data) < begin + 2:
        return None
    if kind == b'\1':
        start = begin + 1
        end = begin + 5
    elif kind == b'\4':
        start = begin + 1
        end = begin + 17
    elif kind == b'\3':
        start = begin + 2
        end = begin + 2 + byte2int(data[begin + 1:begin + 2])
    else:
        raise BadRequest(u'an address of kind %d' % byte2int(kind), reply=BAD_ADDRESS)
    if len(data) < end + 2:
        return None
    host = _host(data[start:end]) if kind == b'\3' else native(text(data[start:end]))
    return host, Cursor(data, end).uint16(), end + 2


def _address(host, port):
    # type: (str, int) -> bytes
    octets = packed(host.partition('%')[0])
    message = Writer()
    if octets is None:
        message.uint8(DOMAIN).counted(_sendable(host), 1)
    else:
        message.uint8(IPV4 if len(octets) == 4 else IPV6).raw(octets)
    return message.uint16(port).finish()


def _sendable(host):
    # type: (str) -> bytes
    try:
        octets = host.encode('ascii')
    except UnicodeError:
        raise LocalProtocolError(u'a host name that is not ASCII')
    if not 0 < len(octets) <= MAX_HOST or b'\0' in octets:
        raise LocalProtocolError(u'a host name has 1 to %d octets' % MAX_HOST)
    return octets


def _maybe_message5(buffered):
    # type: (ReceiveBuffer) -> Optional[Tuple[int, str, int]]
    """(command or code, host, port) of a request or a reply, which look the same."""
    data = buffered.peek(4 + 1 + MAX_HOST + 2)
    if data[:1] not in (b'', b'\5'):
        raise RemoteProtocolError(u'a message of another version')
    if data[2:3] not in (b'', b'\0'):
        raise BadRequest(u'the reserved octet is %r' % data[2:3], reply=FAILURE)
    found = _maybe_address(data, 3) if len(data) > 4 else None
    if found is None:
        return None
    buffered.discard(found[2])
    return byte2int(data[1:2]), found[0], found[1]


def maybe_request5(buffered):
    # type: (ReceiveBuffer) -> Optional[Request]
    """Takes a version 5 request from the front; None while it is incomplete (RFC 1928 section 4).

    Raises:   BadRequest: its ``reply`` is the code to answer with.
              RemoteProtocolError: the data is not a request.
    """
    found = _maybe_message5(buffered)
    if found is None:
        return None
    if found[0] not in COMMAND_NAMES:
        raise BadRequest(u'unknown command %d' % found[0], reply=BAD_COMMAND)
    return Request(5, *found)


def maybe_reply5(buffered):
    # type: (ReceiveBuffer) -> Optional[Tuple[int, str, int]]
    """(code, host, port) of a version 5 reply; None while it is incomplete (RFC 1928 section 6)."""
    return _maybe_message5(buffered)


def format_request5(command, host, port):
    # type: (int, str, int) -> bytes
    """A version 5 request."""
    return b'\5' + int2byte(command) + b'\0' + _address(host, port)


def format_reply5(code, host='0.0.0.0', port=0):
    # type: (int, str, int) -> bytes
    """A version 5 reply."""
    return b'\5' + int2byte(code) + b'\0' + _address(host, port)


# -- datagrams ---------------------------------------------------------------

def parse_datagram(packet):
    # type: (bytes) -> Tuple[str, int, bytes]
    """(host, port, data) of one datagram (RFC 1928 section 7).

    Raises:   RemoteProtocolError: a fragment, whose support is optional, or a malformed datagram.
    """
    if packet[:2] != b'\0\0' or packet[2:3] != b'\0':
        raise RemoteProtocolError(u'a fragment, or not a SOCKS datagram')
    found = _maybe_address(packet, 3)
    if found is None:
        raise RemoteProtocolError(u'a SOCKS datagram that is too short')
    return found[0], found[1], packet[found[2]:]


def format_datagram(host, port, data):
    # type: (str, int, bytes) -> bytes
    """One datagram, to or from *host*."""
    return b'\0\0\0' + _address(host, port) + data


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional, Tuple
    from carryall.core.codec.buffer import ReceiveBuffer
