# Copyright the carryall authors.  See LICENSE.
"""A zone for the tests of DNS, and the questions to it."""
from __future__ import absolute_import, division, print_function

from carryall.protocols.dns import (MasterFile, Question, Zone, Zones, format_message,
                                    parse_message, parse_name, query, type_number)

ORIGIN = parse_name(u'example.')
TEXT = b'''$TTL 3600
@ IN SOA ns1 hostmaster.example. 2026 3600 900 604800 300
 NS ns1
 NS ns2.other.test.
 MX 10 mail
 TXT "hello" ( "multi"
   "line" ) ; a comment
ns1 A 127.0.0.1
 AAAA ::1
mail 300 IN A 192.0.2.10
www CNAME web
web A 192.0.2.1
web A 192.0.2.2
ext CNAME www.other.test.
loop1 CNAME loop2
loop2 CNAME loop1
*.wild TXT "wild"
*.wild MX 5 mail
a.b.c A 192.0.2.7
sub NS ns.sub
ns.sub A 192.0.2.53
red DNAME blue
host.blue A 192.0.2.77
toblue CNAME host.red
_sip._tcp SRV 1 2 5060 mail
Mixed.Case A 192.0.2.99
'''


def zone_of(text=TEXT, origin=ORIGIN):
    """The zone in a text."""
    zone = Zone(origin)
    for record in MasterFile(text, origin):
        zone.add(record)
    return zone


def zones_of(*zones):
    """The Zones with these."""
    found = Zones()
    for zone in zones or (zone_of(),):
        found.put(zone)
    return found


def asked(text, kind=u'A', **given):
    """The packet of a question."""
    message = query(parse_name(text), type_number(kind), recurse=False,
                    edns=given.get('edns', False))
    message.number = given.get('number', 7)
    if given.get('dnssec'):
        message.edns.flags = 0x8000
    message.edns = message.edns and given.get('opt', message.edns)
    return format_message(message)


def told(packet):
    """(code, answers, authority) of a reply, as text."""
    reply = parse_message(packet)
    return (reply.rcode, [each.text() for each in reply.answers],
            [each.text() for each in reply.authority])


def question(text, kind=u'A'):
    """A Question."""
    return Question(parse_name(text), type_number(kind))
