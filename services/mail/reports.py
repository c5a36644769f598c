# Copyright the carryall authors.  See LICENSE.
"""Delivery status notifications: reports to the sender (RFC 3461, RFC 3464; RFC 6533 for addresses
in UTF-8).

A report has the null sender, so that no report is ever sent about it.

Tests:    tests/services/mail/test_reports.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import to_bytes
from carryall.protocols.smtp import xtext_decoded
from carryall.services.mail.mailheaders import date_of, head_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Sequence
    from carryall.services.mail.envelope import Addressee, Envelope

__all__ = ['DELAYED', 'DELIVERED', 'FAILED', 'RELAYED', 'Verdict', 'report']

# -- limits ------------------------------------------------------------------
# octets of a message that a report returns whole; of a larger one it returns the header
MAX_RETURNED = 65536
MAX_TOLD = 1000             # octets kept of a server's reply

DELIVERED = b'delivered'
RELAYED = b'relayed'
DELAYED = b'delayed'
FAILED = b'failed'

_SUBJECT = {FAILED: b'Your message could not be delivered', DELAYED: b'Your message is delayed',
            DELIVERED: b'Your message was delivered', RELAYED: b'Your message was passed on'}
_TEXT = {FAILED: b'could not be delivered to:',
         DELAYED: b'has not been delivered yet, and will be tried again, to:',
         DELIVERED: b'was delivered to:',
         RELAYED: b'was passed on to a server that sends no further reports, for:'}
_STATUS = {FAILED: b'5.0.0', DELAYED: b'4.0.0', DELIVERED: b'2.0.0', RELAYED: b'2.0.0'}


class Verdict(object):
    """The outcome for one addressee.

    Args:     action: DELIVERED, RELAYED, DELAYED or FAILED.
              told: the reply of the other server, or our own text (bytes, one line).
              status: the enhanced code; b'' for the general one.
              server: the name of the other server (bytes), b'' for ourselves.
              passed_on: True if the other server takes over the reports.
    """

    __slots__ = ('addressee', 'action', 'told', 'status', 'server', 'passed_on')

    def __init__(self, addressee, action, told=b'', status=b'', server=b'', passed_on=False):
        # type: (Addressee, bytes, bytes, bytes, bytes, bool) -> None
        self.addressee = addressee
        self.action = action
        self.told = _clean(told)[:MAX_TOLD]
        self.status = status or _STATUS[action]
        self.server = _clean(server)
        self.passed_on = passed_on


def _clean(data):
    # type: (bytes) -> bytes
    """The text as one line of ASCII: a reply of another server becomes part of our message."""
    return bytes(bytearray(octet if 32 <= octet < 127 else 63 for octet in bytearray(data)))


def report(envelope, message, verdicts, hostname, name, wall):
    # type: (Envelope, bytes, Sequence[Verdict], bytes, str, float) -> bytes
    """The report to the sender of *envelope* about its outcome, lines ended by CRLF.

    Args:     message: the octets of the message.
              verdicts: all with the same action.
              name: unique, for the Message-ID and the boundary.
              wall: seconds since 1970.
    """
    action = verdicts[0].action
    boundary = b'=_' + to_bytes(name)
    utf8 = envelope.utf8
    small = len(message) <= MAX_RETURNED and not envelope.binary
    whole = small and action == FAILED and envelope.ret != b'HDRS'
    parts = [
        b'From: Mail Delivery System <MAILER-DAEMON@' + hostname + b'>\r\nTo: <' + envelope.sender
        + b'>\r\nSubject: ' + _SUBJECT[action]
        + b'\r\nDate: ' + date_of(wall) + b'\r\nMessage-ID: <' + to_bytes(name) + b'@' + hostname
        + b'>\r\n'
        b'Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n'
        b'Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary="' + boundary
        + b'"\r\n'
        + (b'Content-Transfer-Encoding: 8bit\r\n' if utf8 or whole and _beyond_ascii(message)
           else b'')
        + b'\r\nThis is a report about a message, in parts for people and for programs.\r\n',
        b'Content-Type: text/plain; charset=utf-8\r\n\r\n' + _explanation(verdicts, hostname),
        b'Content-Type: message/' + (b'global-' if utf8 else b'') + b'delivery-status\r\n\r\n'
        + _status_fields(envelope, verdicts, hostname),
        _returned(message, whole, utf8)]
    return (b'\r\n--' + boundary + b'\r\n').join(parts) + b'\r\n--' + boundary + b'--\r\n'


def _returned(message, whole, utf8):
    # type: (bytes, bool, bool) -> bytes
    """The part with the message, or with its header alone (RFC 3464 section 2; RFC 6533)."""
    if whole:
        kind = b'message/global' if utf8 else b'message/rfc822'
        return b'Content-Type: ' + kind + b'\r\n\r\n' + message
    kind = b'message/global-headers' if utf8 else b'text/rfc822-headers'
    return b'Content-Type: ' + kind + b'\r\n\r\n' + head_of(message) + b'\r\n'


def _explanation(verdicts, hostname):
    # type: (Sequence[Verdict], bytes) -> bytes
    lines = [b'This is the mail server ' + hostname + b'.', b'',
             b'Your message ' + _TEXT[verdicts[0].action], b'']
    for verdict in verdicts:
        lines.append(b'    <' + verdict.addressee.original + b'>')
        if verdict.told:
            lines.append(b'        ' + (verdict.server + b' said: ' if verdict.server else b'')
                         + verdict.told)
    return b'\r\n'.join(lines) + b'\r\n'


def _status_fields(envelope, verdicts, hostname):
    # type: (Envelope, Sequence[Verdict], bytes) -> bytes
    """The fields of the delivery status (RFC 3464 section 2)."""
    kind = b'utf-8; ' if envelope.utf8 else b'rfc822; '
    head = b'Reporting-MTA: dns; ' + hostname + b'\r\n'
    if envelope.envid:
        head += b'Original-Envelope-Id: ' + _clean(xtext_decoded(envelope.envid)
                                                   or envelope.envid) + b'\r\n'
    groups = [head + b'Arrival-Date: ' + date_of(envelope.arrived) + b'\r\n']
    for verdict in verdicts:
        to = verdict.addressee
        lines = []
        if to.orcpt:
            scheme, _, address = to.orcpt.partition(b';')
            lines.append(b'Original-Recipient: ' + scheme + b'; '
                         + _clean(xtext_decoded(address) or address))
        lines += [b'Final-Recipient: ' + kind + to.original, b'Action: ' + verdict.action,
                  b'Status: ' + verdict.status]
        if verdict.server:
            lines.append(b'Remote-MTA: dns; ' + verdict.server)
        if verdict.told and verdict.server:
            lines.append(b'Diagnostic-Code: smtp; ' + verdict.told)
        groups.append(b'\r\n'.join(lines) + b'\r\n')
    return b'\r\n'.join(groups)


def _beyond_ascii(data):
    # type: (bytes) -> bool
    try:
        data.decode('ascii')
    except UnicodeError:
        return True
    return False
