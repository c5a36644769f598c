# Copyright the carryall authors.  See LICENSE.
"""The targets of dns: streams of a server, messages, master files."""
from __future__ import absolute_import, division, print_function

import struct

from carryall.protocols.dns import (Authority, DNSError, DNSServer, EDNS, MasterFile, Message,
                                    Question, Zones, Zone, format_message, parse_message,
                                    parse_name, query)
from tests.fuzz.target import GrammarTarget, ServerTarget

__all__ = ['ALL']

ZONE = (b'$TTL 60\n@ SOA ns a 1 2 3 4 5\n NS ns\nns A 192.0.2.1\nwww CNAME ns\n*.w TXT "x"\n'
        b'sub NS ns.sub\nns.sub A 192.0.2.2\nred DNAME www\n$GENERATE 1-3 h$ A 192.0.2.$\n'
        b'svc HTTPS 1 . alpn=h2 port=1\nl LOC 1 2 3 N 4 5 6 E 7m\nn NSEC a A TYPE1234\n')
ORIGIN = parse_name(u'example.')


def _service(loop):
    zone = Zone(ORIGIN)
    for record in MasterFile(ZONE, ORIGIN):
        zone.add(record)
    zones = Zones()
    zones.put(zone)
    return Authority(zones, loop)


def _packet(text, rtype, edns=True):
    message = query(parse_name(text), rtype)
    if not edns:
        message.edns = None
    else:
        message.edns = EDNS(options=[(10, b'12345678')])
    return format_message(message)


PACKETS = [_packet(text, rtype, edns) for text, rtype, edns in (
    (u'www.example.', 1, True), (u'a.w.example.', 16, False), (u'x.sub.example.', 1, True),
    (u'a.red.example.', 1, True), (u'example.', 252, False), (u'none.example.', 255, True),
    (u'other.', 1, True))]
UPDATE = Message(1, 5 << 11)
UPDATE.questions = [Question(ORIGIN, 6)]
PACKETS.append(format_message(UPDATE))
SEEDS = [[('say', struct.pack('!H', len(packet)) + packet)] for packet in PACKETS]
SEEDS.append([('say', b''.join(struct.pack('!H', len(packet)) + packet for packet in PACKETS))])
TOKENS = [b'\xc0\x0c', b'\0', b'\3www', b'\7example\0', b'\0\x29', b'\0\xfa', b'\0\1\0\1', b'\xff']


def _read(data):
    try:
        message = parse_message(data)
    except DNSError:
        return None
    for record in message.records():
        record.text()
    return format_message(message)


def _zone(data):
    found = [record.text() for _, record in zip(range(1000), MasterFile(data, ORIGIN))]
    return len(found)


ALL = [
    ServerTarget('dns', ('protocols/dns/',), lambda run: DNSServer(_service(run.loop), run.loop),
                 SEEDS, TOKENS),
    GrammarTarget('dns-message', ('protocols/dns/',), [_read],
                  [[('say', packet)] for packet in PACKETS], TOKENS),
    GrammarTarget('dns-masterfile', ('protocols/dns/',), [_zone],
                  [[('say', ZONE)], [('say', b'@ 1 A ( 1.2.3.4\n ) ; x\n')]],
                  [b'(', b')', b'"', b'\\', b';', b'$GENERATE ', b'$TTL ', b'\n', b'@', b'\\# ']),
]
