# Copyright the carryall authors.  See LICENSE.
"""Replies as dig shows them.

Tests:    tests/services/dns/test_digtext.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import native
from carryall.core.errors import UsageError
from carryall.core.net import ip
from carryall.protocols.dns import (AA, AD, CD, DO, OPCODES, QR, RA, RD, TC, class_name,
                                    format_name, format_rdata, rcode_name, shown_option, type_name)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List
    from carryall.protocols.dns import Message

__all__ = ['reply_text', 'reverse_name']

_FLAGS = ((QR, u'qr'), (AA, u'aa'), (TC, u'tc'), (RD, u'rd'), (RA, u'ra'), (AD, u'ad'), (CD, u'cd'))


def reply_text(reply, server, milliseconds):
    # type: (Message, str, float) -> str
    """A whole reply."""
    flags = u' '.join(name for bit, name in _FLAGS if reply.flags & bit)
    opcode = OPCODES.get(reply.opcode) or u'RESERVED%d' % reply.opcode
    lines = [u';; Got answer:',
             u';; ->>HEADER<<- opcode: %s, status: %s, id: %d'
             % (opcode, rcode_name(reply.rcode), reply.number),
             u';; flags: %s; QUERY: %d, ANSWER: %d, AUTHORITY: %d, ADDITIONAL: %d'
             % (flags, len(reply.questions), len(reply.answers), len(reply.authority),
                len(reply.additional) + (1 if reply.edns else 0)), u'']
    if reply.edns is not None:
        lines.append(u';; OPT PSEUDOSECTION:')
        lines.append(u'; EDNS: version: %d, flags:%s; udp: %d'
                     % (reply.edns.version, u' do' if reply.edns.flags & DO else u'',
                        reply.edns.payload))
        lines += [u'; ' + shown_option(code, data) for code, data in reply.edns.options]
    if reply.questions:
        lines.append(u';; QUESTION SECTION:')
        lines += [u';%s\t\t%s\t%s' % (format_name(each.name), class_name(each.rclass),
                                      type_name(each.rtype)) for each in reply.questions]
        lines.append(u'')
    for title, records in ((u'ANSWER', reply.answers), (u'AUTHORITY', reply.authority),
                           (u'ADDITIONAL', reply.additional)):
        if records:
            lines.append(u';; %s SECTION:' % title)
            lines += [_row(each) for each in records]
            lines.append(u'')
    lines.append(u';; Query time: %d msec' % milliseconds)
    lines.append(u';; SERVER: %s' % server)
    return u'\n'.join(lines) + u'\n'


def _row(record):
    # type: (Any) -> str
    return (u'%s\t%d\t%s\t%s\t%s' % (format_name(record.name), record.ttl,
                                     class_name(record.rclass), type_name(record.rtype),
                                     format_rdata(record.rtype, record.data))).rstrip()


def reverse_name(text):
    # type: (str) -> str
    """The name under which an address has its PTR record (RFC 1035 section 3.5, RFC 3596)."""
    octets = ip.packed(native(text.encode('ascii', 'replace').decode('ascii')))
    if octets is None:
        raise UsageError(u'"%s" is no address' % text)
    labels = []                     # type: List[str]
    for octet in bytearray(octets):
        if len(octets) == 4:
            labels.append(u'%d' % octet)
        else:
            labels += [u'%x' % (octet >> 4), u'%x' % (octet & 15)]
    ending = u'in-addr.arpa.' if len(octets) == 4 else u'ip6.arpa.'
    return u'.'.join(labels[::-1]) + u'.' + ending
