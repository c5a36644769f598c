# Copyright the carryall authors.  See LICENSE.
"""The manifest of DNS."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import (DONE, OPEN, PART, CommandEntry, FeatureEntry, FixtureEntry,
                                    FuzzEntry, Manifest, TypeEntry, UsageEntry)

MANIFEST = Manifest(
    name='dns',
    summary='DNS, authoritative server and client (RFC 1034, 1035)',
    face='carryall.protocols.dns',
    port=53,
    types=[TypeEntry('dns', 'carryall.services.dns.service',
                     'an authoritative server of DNS, with transfers and updates',
                     words=['--zone', 'example.org=example.org.zone'])],
    commands=[
        CommandEntry('dig', 'carryall.commands.dnsdig', 'ask a name server',
                     usages=[UsageEntry(trailer='TRAILER')]),
    ],
    fixtures=[
        FixtureEntry('dns_server', 'carryall.testservers.anyserver:LazyServer', 'dns',
                     'DNS on a free port; call it with the words --zone NAME=PATH.'),
    ],
    fuzz=[FuzzEntry('tests.fuzz.dns_targets', ['dns', 'dns-message', 'dns-masterfile'])],
    examples=['simpledns.py', 'dnstest.py'],
    cases=['dns_serve', 'dns_transfer'],
    pages=['dns'],
    readme=[
        ('`bin/carryall serve dns -z ZONE=FILE`, `bin/carryall dig NAME`',
         'DNS: zones from master files, with transfers and updates; asks name servers: [what is '
         'kept](doc/conformance/dns.md)'),
    ],
    moved={
        'carryall.protocols.mxlookup': 'carryall.protocols.dns.mxlookup',
    },
    needs=['http'],
    paths=['commands/dnsdig.py', 'services/dns', 'tests/commands/test_dnsdig.py',
           'tests/fuzz/corpus/dns.txt', 'tests/fuzz/corpus/dns-message.txt',
           'tests/fuzz/corpus/dns-masterfile.txt', 'tests/fuzz/dns_targets.py',
           'tests/protocols/dns', 'tests/services/dns'],
    features=[
        FeatureEntry('DNS-01', DONE,
                     'messages, and the current record types as text and octets; others by '
                     'RFC 3597'),
        FeatureEntry('DNS-02', PART,
                     'master files with $INCLUDE and $GENERATE; zones in Python; no set of zones '
                     'of BIND is read'),
        FeatureEntry('DNS-03', PART,
                     'wildcards, DNAME, signed zones, AXFR, IXFR, NOTIFY, UPDATE, TSIG; '
                     'no signing, no catalog zones'),
        FeatureEntry('DNS-04', PART,
                     'UDP, pipelined TCP and TLS, with cookies, rate limits and access lists; '
                     'no DNS over HTTPS on the server'),
        FeatureEntry('DNS-05', OPEN, 'a resolver'),
        FeatureEntry('DNS-06', PART,
                     'random numbers and ports; false answers are passed by; a client, no resolver '
                     'yet'),
        FeatureEntry('DNS-07', OPEN, 'mDNS and DNS-SD'),
        FeatureEntry('DNS-08', PART,
                     'carryall dig over UDP, TCP, TLS and HTTPS; look-ups of mail exchangers'),
        FeatureEntry('DNS-09', PART, 'dig, kdig, drill, nsupdate, named, knotd and nsd'),
    ],
)
