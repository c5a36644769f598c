# Copyright the carryall authors.  See LICENSE.
"""The manifest of the small protocols."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import (DONE, BinaryEntry, FeatureEntry, FixtureEntry, Manifest,
                                    TypeEntry)

MANIFEST = Manifest(
    name='simple',
    summary='echo, discard, chargen, daytime, time, qotd, systat, tcpmux (RFC 862 to 868, 1078)',
    needs=['testservers'],
    types=[TypeEntry('simple', 'carryall.services.simple',
                     'echo, discard, chargen, daytime, time, qotd, systat',
                     ['chargen', 'daytime', 'discard', 'echo', 'inetd', 'qotd', 'time'],
                     ['--tcp', 'echo:7007', '--udp', 'daytime:1313'])],
    fixtures=[
        FixtureEntry('simple_server', 'carryall.testservers.simpleserver:SimpleServer', '',
                     'echo, discard, daytime, time, chargen and qotd, each on a port.'),
    ],
    examples=['daytime_client.py', 'echo_server.py'],
    cases=['simple'],
    binaries=[BinaryEntry('simple', ['--tcp', 'echo:0'])],
    readme=[
        ('`bin/carryall simple --tcp echo:7007 --udp daytime:1313`',
         'echo, discard, chargen, daytime, time, qotd, systat over TCP and UDP'),
    ],
    paths=['carryall/testservers/simpleserver.py', 'services/simple',
           'tests/house/testservers/test_simpleserver.py', 'tests/protocols/simple',
           'tests/services/test_simple.py'],
    features=[
        FeatureEntry('SMP-01', DONE,
                     'echo, discard, chargen, daytime, time, qotd and systat over TCP and UDP'),
        FeatureEntry('SMP-03', DONE, 'chargen waits for its reader, echo keeps to half-close'),
        FeatureEntry('SMP-06', DONE, 'one service runs any of them'),
    ],
)
