# Copyright the carryall authors.  See LICENSE.
"""The wire format that SASL mechanisms share: strict base64, the errors, and the escapes of names
(RFC 4422, 5801).

Tests:    tests/core/auth/sasl/test_wire.py
"""
from __future__ import absolute_import, division, print_function

import base64
import binascii

from carryall.core.auth.prep import PrepFailed, saslprep
from carryall.core.errors import CarryallError, RemoteProtocolError

__all__ = ['MAX_BASE64', 'MAX_RESPONSE', 'NoMechanism', 'SASLCancelled', 'SASLError', 'decode',
           'decode_initial', 'encode',
           'encode_initial', 'escape_name', 'prepared_name', 'text_of', 'unescape_name']

# -- limits ------------------------------------------------------------------
# Octets of one message, decoded: tokens of OAuth are the longest, of 1 to 4 KiB
MAX_RESPONSE = 8192
# octets of one message as base64; RFC 4954 section 4.3 asks SMTP for as many
MAX_BASE64 = 12288


class SASLError(RemoteProtocolError):
    """The peer broke the rules of the mechanism: no base64, a missing field, a message too long."""


class SASLCancelled(SASLError):
    """The client has given up, by sending ``*``."""


class NoMechanism(CarryallError):
    """The mechanism is not there; *needs_tls* when it would be under TLS."""

    def __init__(self, message=u'', needs_tls=False):
        # type: (str, bool) -> None
        CarryallError.__init__(self, message)
        self.needs_tls = needs_tls


# -- base64 ------------------------------------------------------------------

def decode(line):
    # type: (bytes) -> bytes
    """The message in a line of base64; an empty line is an empty message (RFC 4954 section 4).

    Raises:   SASLCancelled: the line is ``*``.
              SASLError: it is no base64 (RFC 4648 section 4: padded, without line ends, its last
                  bits zero) or too long.
    """
    if line == b'*':
        raise SASLCancelled(u'the client has cancelled the exchange')
    if len(line) > MAX_BASE64:
        raise SASLError(u'a SASL message of more than %d octets of base64' % MAX_BASE64)
    try:
        data = base64.b64decode(line)
    except (binascii.Error, TypeError):                 # py2: TypeError
        raise SASLError(u'a SASL message is not base64')
    # What the library passes over, padding that is wrong and bits that belong to no octet do not
    # come back.
    if base64.b64encode(data) != line:
        raise SASLError(u'a SASL message is not base64')
    return data


def decode_initial(line):
    # type: (bytes) -> bytes
    """As ``decode``, of the initial response beside the mechanism's name, where ``=`` is an empty
    one."""
    return b'' if line == b'=' else decode(line)


def encode(data):
    # type: (bytes) -> bytes
    """A message as one line of base64."""
    return base64.b64encode(data)


def encode_initial(data):
    # type: (bytes) -> bytes
    """As ``encode``, beside the mechanism's name."""
    return base64.b64encode(data) or b'='


# -- names -------------------------------------------------------------------

def text_of(data):
    # type: (bytes) -> str
    """UTF-8 as text; SASLError if it is none, or holds NUL."""
    try:
        text = data.decode('utf-8')
    except UnicodeError:
        raise SASLError(u'a SASL message is not UTF-8')
    if u'\0' in text:
        raise SASLError(u'a SASL message holds NUL where it may not')
    return text


def prepared_name(data):
    # type: (bytes) -> str
    """A name in UTF-8, prepared with SASLprep as a query; SASLError if it cannot be."""
    try:
        return saslprep(text_of(data))
    except PrepFailed:
        raise SASLError(u'a name holds characters that no name may hold')


def escape_name(name):
    # type: (str) -> bytes
    """A name where commas and equals signs mean something (RFC 5801 section 4: saslname)."""
    return name.replace(u'=', u'=3D').replace(u',', u'=2C').encode('utf-8')


def unescape_name(data):
    # type: (bytes) -> bytes
    """The octets that ``escape_name`` hid; SASLError for any other escape, or none after the
    sign."""
    parts = data.split(b'=')
    found = parts[:1]
    for part in parts[1:]:
        if part[:2] not in (b'2C', b'3D'):
            raise SASLError(u'a name has an unknown escape')
        found.append((b',' if part[:2] == b'2C' else b'=') + part[2:])
    return b''.join(found)
