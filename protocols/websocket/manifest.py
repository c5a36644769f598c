# Copyright the carryall authors.  See LICENSE.
"""The manifest of WebSocket."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import DONE, FeatureEntry, FixtureEntry, FuzzEntry, KindEntry, Manifest

MANIFEST = Manifest(
    name='websocket',
    summary='WebSocket, server and client (RFC 6455, 7692)',
    face='carryall.protocols.websocket',
    port=80,
    needs=['http', 'testservers'],
    fixtures=[
        FixtureEntry('websocket_server', 'carryall.testservers.websocketserver:WebSocketServer', '',
                     'WebSocket on every path: an echo, or answers that the test tells it.'),
    ],
    kinds=[KindEntry('websocket', 'carryall.services.testservers.messagelog')],
    fuzz=[
        FuzzEntry('tests.fuzz.websocket_targets', [
            'websocket', 'websocket-client', 'websocket-connect', 'websocket-grammar']),
    ],
    examples=['websocket_client.py', 'websocket_server.py'],
    cases=['websocket', 'websocket_origin'],
    pages=['websocket'],
    moved={
        'carryall.protocols.http.websocket': 'carryall.protocols.websocket.session',
        'carryall.protocols.http.websocket_client': 'carryall.protocols.websocket.client',
        'carryall.protocols.http.websocket_deflate': 'carryall.protocols.websocket.deflate',
        'carryall.protocols.http.websocket_server': 'carryall.protocols.websocket.server',
        'carryall.protocols.http.websocket_stream': 'carryall.protocols.websocket.messagestream',
        'carryall.protocols.http.websocket_wire': 'carryall.protocols.websocket.wire',
    },
    paths=['acceptance/peers/websocket.py', 'acceptance/peers/websocket_client_py3.py',
           'acceptance/peers/websocket_py3.py', 'carryall/testservers/websocketserver.py',
           'tests/house/testservers/test_websocketserver.py', 'tests/protocols/websocket',
           'tests/services/testservers/test_messagelog.py'],
    features=[
        FeatureEntry('HTS-08', DONE, 'WebSocket, with fragments, limits and compression'),
    ],
)
