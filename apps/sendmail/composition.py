# Copyright the carryall authors.  See LICENSE.
"""Makes a message from stdin ready to be sent, as /usr/sbin/sendmail does.

Tests:    tests/commands/test_sendmail.py
"""
from __future__ import absolute_import, division, print_function

from email.utils import getaddresses

from carryall.core.compat import text_type
from carryall.core.errors import CarryallError, UsageError
from carryall.core.line.transparency import normalised
from carryall.protocols.smtp import Outgoing, parse_mailbox
from carryall.services.mail.mailheaders import head_of, submitted, with_header

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Sequence, Tuple

__all__ = ['address_of', 'compose', 'message_and_recipients']


def compose(message, sender, recipients, host, unique, wall):
    # type: (bytes, bytes, Sequence[bytes], bytes, str, float) -> Outgoing
    """The mail to send: the message with the header fields that it lacks.

    Args:     host:   our name, in the Message-ID.
              unique: the other part of the Message-ID.
              wall:   seconds of the epoch, of the Date.
    Raises:   UsageError: the addresses or the message cannot be sent.
    """
    complete = submitted(message, sender, host, unique, wall) + with_header(message)
    try:
        return Outgoing(sender, recipients, complete)
    except CarryallError as exc:
        raise UsageError(exc.message)


def address_of(text):
    # type: (str) -> bytes
    """An address of the command line, with or without brackets, as on the wire.

    Raises:   UsageError: it is none.
    """
    plain = text.strip()
    if plain.startswith(u'<') and plain.endswith(u'>'):
        plain = plain[1:-1]
    if u'@' not in plain:
        plain += u'@localhost'
    try:
        return parse_mailbox(plain.encode('utf-8'), loose=True).wire()
    except CarryallError:
        raise UsageError(u'"%s" is not an address' % text)


def message_and_recipients(data, ignore_dots=True, read_recipients=False):
    # type: (bytes, bool, bool) -> Tuple[bytes, List[bytes]]
    """The message with CRLF and without Bcc, and the addresses in its To, Cc and Bcc.

    Args:     ignore_dots: a line with a dot alone does not end the message.
              read_recipients: look for addresses; else there are none, and Bcc stays.
    """
    message = normalised(data)
    if not ignore_dots:
        end = (b'\r\n' + message).find(b'\r\n.\r\n')
        if end >= 0:
            message = message[:end]
    if message and not message.endswith(b'\r\n'):
        message += b'\r\n'
    if not read_recipients:
        return message, []
    head = head_of(message)
    kept = []                       # type: List[bytes]
    found = []                      # type: List[str]
    for field in _fields(head):
        name = field.partition(b':')[0].strip().lower()
        if name in (b'to', b'cc', b'bcc'):
            value = field.partition(b':')[2].replace(b'\r\n', b' ')
            found.append(value.decode('utf-8', 'replace'))
        if name != b'bcc':
            kept.append(field)
    pairs = getaddresses([value if str is text_type else value.encode('utf-8') for value in found])
    addresses = [address_of(address if isinstance(address, text_type) else address.decode('utf-8'))
                 for _, address in pairs if address]
    return b'\r\n'.join(kept) + message[len(head):], addresses


def _fields(head):
    # type: (bytes) -> List[bytes]
    """The fields of a header, each with its continuation lines."""
    fields = []                     # type: List[bytes]
    for line in head.split(b'\r\n'):
        if line[:1] in (b' ', b'\t') and fields:
            fields[-1] += b'\r\n' + line
        else:
            fields.append(line)
    return fields
