# Copyright the carryall authors.  See LICENSE.
"""A name server on port 5353; ask it with: carryall dig @127.0.0.1 -p 5353 www.example.org"""
from carryall import runtimes
from carryall.protocols.dns import (Authority, DNSDatagrams, DNSServer, MasterFile, Zone, Zones,
                                    parse_name)

ZONE = b'''
$TTL 1h
@       SOA     ns1 hostmaster 1 1h 15m 1w 5m
        NS      ns1
        MX      10 mail
ns1     A       127.0.0.1
www     A       192.0.2.1
mail    A       192.0.2.2
'''

origin = parse_name(u'example.org.')
zone = Zone(origin)
for record in MasterFile(ZONE, origin):
    zone.add(record)
zone.check()
zones = Zones()
zones.put(zone)

loop = runtimes.choose()
authority = Authority(zones, loop)
loop.open_udp(lambda: DNSDatagrams(authority), port=5353)
loop.listen_tcp(lambda: DNSServer(authority, loop), port=5353)
loop.run()
