# Copyright the carryall authors.  See LICENSE.
"""The header fields that a mail server adds to a message: Received, Return-Path, and those that a
submitted message lacks.

Source:   RFC 5321 section 4.4, RFC 3848; RFC 6409 section 8 for Date and Message-ID
Tests:    tests/services/mail/test_mailheaders.py
"""
from __future__ import absolute_import, division, print_function

import re
from email.utils import formatdate

from carryall.core.compat import to_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Tuple

__all__ = ['count_received', 'date_of', 'has_field', 'head_of', 'received', 'stored', 'submitted',
           'with_header']

MAX_HEAD = 1 << 20          # octets of a header that are examined

_RECEIVED = re.compile(br'^Received:', re.IGNORECASE | re.MULTILINE)
_FIELD = re.compile(br'[\x21-\x39\x3b-\x7e]+[ \t]*:')
_FOREIGN = re.compile(br'[^\x21-\x27\x2a-\x5b\x5d-\x7e]')

_latest = [(-1, b'')]       # a second and its date, which all messages of that second share


def date_of(wall):
    # type: (float) -> bytes
    """A date and time in UTC (RFC 5322 section 3.3); *wall* in seconds since 1970."""
    second, text = _latest[0]
    if second != int(wall):
        text = to_bytes(formatdate(int(wall))).replace(b'-0000', b'+0000')
        _latest[0] = int(wall), text
    return text


def head_of(message):
    # type: (bytes) -> bytes
    """The header of a message, with CRLF or LF at the ends of its lines, without the blank line."""
    if message[:2] == b'\r\n' or message[:1] == b'\n':
        return b''
    end = message.find(b'\r\n\r\n', 0, MAX_HEAD)
    shorter = message.find(b'\n\n', 0, MAX_HEAD if end < 0 else end)
    if shorter >= 0:
        end = shorter
    return message[:MAX_HEAD if end < 0 else end]


def has_field(head, name):
    # type: (bytes, bytes) -> bool
    """True if the header has a field of that name."""
    wanted = name.lower() + b':'
    return any(line[:len(wanted)].lower() == wanted
               for line in head.replace(b'\r\n', b'\n').split(b'\n'))


def with_header(message):
    # type: (bytes) -> bytes
    """The message, with a blank line on top if it has no header: otherwise its first line would
    become part of our header."""
    if message[:2] == b'\r\n' or _FIELD.match(message):
        return message
    return b'\r\n' + message


def count_received(head):
    # type: (bytes) -> int
    """The number of Received fields; a mail loop has many (RFC 5321 section 6.3)."""
    return len(_RECEIVED.findall(head))


def received(session, transaction, hostname, name, wall):
    # type: (Any, Any, bytes, str, float) -> bytes
    """Our Received line, with its end (RFC 5321 section 4.4).

    The client's HELO name is written without octets that could end the line or the comment.
    """
    said = _FOREIGN.sub(b'?', session.hello or b'unknown')
    host = session.host()
    literal = u'local'
    if host:
        literal = (u'[IPv6:%s]' if u':' in host else u'[%s]') % host
    seen = (_FOREIGN.sub(b'?', session.name) + b' ' if session.name
            else b'') + literal.encode('ascii', 'replace')
    to = transaction.recipients
    return b'Received: from %s (%s)\r\n\tby %s with %s id %s%s;\r\n\t%s\r\n' % (
        said, seen, hostname, session.protocol(transaction.parameters.smtputf8), to_bytes(name),
        b'\r\n\tfor <%s>' % to[0].mailbox.wire() if len(to) == 1 else b'', date_of(wall))


def submitted(message, sender, hostname, name, wall):
    # type: (bytes, bytes, bytes, str, float) -> bytes
    """The fields that a message from a mail program lacks (RFC 6409 section 8): Date, Message-ID,
    From."""
    head = head_of(message)
    fields = b''
    if not has_field(head, b'Date'):
        fields += b'Date: ' + date_of(wall) + b'\r\n'
    if not has_field(head, b'Message-ID'):
        fields += b'Message-ID: <' + to_bytes(name) + b'@' + hostname + b'>\r\n'
    if not has_field(head, b'From') and sender:
        fields += b'From: <' + sender + b'>\r\n'
    return fields


def stored(message, sender, recipient):
    # type: (bytes, bytes, bytes) -> Tuple[bytes, int]
    """The message in its stored form: Return-Path on top (RFC 5321 section 4.4), lines ended by LF.

    Returns:  (the message, its octets with CRLF at the ends of the lines; lone line ends are not
              counted here).
    """
    body = message.replace(b'\r\n', b'\n')
    ends = len(message) - len(body) + 2
    if body[-1:] != b'\n':
        body += b'\n'
        ends += 1
    data = b'Return-Path: <%s>\nDelivered-To: %s\n%s' % (sender, recipient, body)
    return data, len(data) + ends
