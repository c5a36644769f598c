# Copyright the carryall authors.  See LICENSE.
"""The manifest of port forwarding."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import DONE, FeatureEntry, FixtureEntry, FuzzEntry, Manifest, TypeEntry

MANIFEST = Manifest(
    name='portforward',
    summary='relays of TCP, UDP and TLS ports, with PROXY headers',
    face='carryall.protocols.portforward',
    needs=['testservers'],
    types=[TypeEntry('portforward', 'carryall.services.portforward.service',
                     'relays one port to another place', ['forward', 'relay'])],
    fixtures=[
        FixtureEntry('portforward_server',
                     'carryall.testservers.portforwardserver:PortForwardServer', '',
                     'A relay; portforward_server.forward(HOST:PORT) starts it.'),
    ],
    fuzz=[FuzzEntry('tests.fuzz.portforward_targets', ['portforward'])],
    examples=['portforward.py'],
    cases=['portforward_serve'],
    pages=['portforward'],
    readme=[
        ('`bin/carryall portforward -h HOST -d PORT`',
         'relays a port: TCP, UDP, TLS, PROXY headers, several targets: [what is '
         'kept](doc/conformance/portforward.md)'),
    ],
    moved={
        'carryall.protocols.portforward_datagrams':
            'carryall.protocols.portforward.datagramforwarder',
        'carryall.services.targets': 'carryall.services.portforward.targets',
    },
    paths=['carryall/testservers/portforwardserver.py', 'services/portforward',
           'tests/house/testservers/test_portforwardserver.py', 'tests/protocols/portforward',
           'tests/services/test_portforward.py'],
    features=[
        FeatureEntry('FWD-01', DONE,
                     'relays TCP, UDP, TLS and Unix sockets, with PROXY headers and half-close'),
        FeatureEntry('FWD-02', DONE, 'relays any amount in bounded memory'),
    ],
)
