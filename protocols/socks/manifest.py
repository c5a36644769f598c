# Copyright the carryall authors.  See LICENSE.
"""The manifest of SOCKS."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import (DONE, BinaryEntry, FeatureEntry, FixtureEntry, FuzzEntry,
                                    Manifest, ProxyEntry, TypeEntry)

MANIFEST = Manifest(
    name='socks',
    summary='SOCKS 4, 4a and 5, and HTTP CONNECT, server and client (RFC 1928, 1929)',
    face='carryall.protocols.socks',
    port=1080,
    needs=['http', 'ident', 'portforward', 'testservers', 'websocket'],
    types=[TypeEntry('socks', 'carryall.services.socks',
                     'proxy: SOCKS 4, 4a, 5 and HTTP CONNECT on one port',
                     ['proxy', 'socks4', 'socks5'])],
    proxies=[
        ProxyEntry('socks4', 1080, False, 'carryall.protocols.socks.client'),
        ProxyEntry('socks4a', 1080, True, 'carryall.protocols.socks.client'),
        ProxyEntry('socks5', 1080, False, 'carryall.protocols.socks.client'),
        ProxyEntry('socks5h', 1080, True, 'carryall.protocols.socks.client'),
        ProxyEntry('http', 3128, True, 'carryall.protocols.socks.client'),
    ],
    fixtures=[
        FixtureEntry('socks_server', 'carryall.testservers.socksserver:SOCKSServer', '',
                     'A proxy: SOCKS 4, 4a, 5 and HTTP CONNECT on one port.'),
    ],
    fuzz=[FuzzEntry('tests.fuzz.socks_targets', ['socks', 'socks-client', 'socks-grammar'])],
    examples=['socks_client.py', 'socks_server.py'],
    cases=['socks_client', 'socks_serve'],
    pages=['socks'],
    binaries=[BinaryEntry('socks', ['--port', 'tcp:0'])],
    readme=[
        ('`bin/carryall socks`',
         'proxy: SOCKS 4, 4a, 5 and HTTP CONNECT on one port, with rules and accounts: [what '
         'is kept](doc/conformance/socks.md)'),
    ],
    paths=['carryall/testservers/socksserver.py', 'services/socks', 'tests/app/test_proxies.py',
           'tests/house/testservers/test_socksserver.py', 'tests/protocols/socks',
           'tests/services/test_socks.py'],
    features=[
        FeatureEntry('SOX-01', DONE, 'SOCKS 4, 4a and 5 on one port, with BIND and datagrams'),
        FeatureEntry('SOX-02', DONE, 'rules by source, user and destination'),
        FeatureEntry('SOX-03', DONE, 'ident checks, time limits, and a log of what is relayed'),
        FeatureEntry('SOX-04', DONE, 'a client that other clients can use as their proxy'),
        FeatureEntry('SOX-05', DONE, 'HTTP CONNECT on the same port'),
        FeatureEntry('SOX-06', DONE, 'curl, ssh, nc and dante work with ours'),
    ],
)
