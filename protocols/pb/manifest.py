# Copyright the carryall authors.  See LICENSE.
"""The manifest of Perspective Broker."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import (DONE, PART, FeatureEntry, FixtureEntry, Manifest, TypeEntry,
                                    URLEntry)

MANIFEST = Manifest(
    name='pb',
    summary='Perspective Broker, server and client, as Twisted speaks it',
    face='carryall.protocols.pb',
    port=8787,
    needs=['http', 'testservers', 'websocket'],
    types=[TypeEntry('pb', 'carryall.services.pb.service',
                     'objects of your own, by Perspective Broker')],
    urls=[URLEntry('pb-websocket', 'ws', 'wss', '/pb')],
    fixtures=[
        FixtureEntry('pb_server', 'carryall.testservers.pbserver:PBServer', '',
                     'Perspective Broker: an echo, or the object that root= names.'),
    ],
    examples=['pb/CallPython.java', 'pb/cache_classes.py', 'pb/cache_client.py',
              'pb/cache_server.py', 'pb/copy_classes.py', 'pb/copy_receiver.py',
              'pb/copy_sender.py', 'pb/library_client.py', 'pb/library_server.py',
              'pb/pbbench_client.py', 'pb/pbbench_server.py', 'pb/pbecho_client.py',
              'pb/pbecho_server.py', 'pbgtk.py', 'pb/pbsimple_client.py', 'pb/pbsimple_server.py',
              'pb/pbweb.py',
              'pb/sqlite_client.py', 'pb/sqlite_server.py', 'pb/viewpoint_client.py',
              'pb/viewpoint_server.py', 'pb/words_server.py'],
    cases=['pb_examples', 'pb_flood', 'pb_java', 'pb_leak', 'pb_runtimes', 'pb_twisted',
           'pb_websocket'],
    pages=['pb'],
    readme=[
        ('`bin/carryall pb --root pond:Pond`',
         'objects of yours, by Perspective Broker: [what is kept](doc/conformance/pb.md)'),
        ('`bin/carryall pb --websocket 8080`',
         'the same over WebSockets, which other programs can serve and use as well: [what is '
         'kept](doc/conformance/websocket.md)'),
    ],
    moved={
        'carryall.protocols.pb.asking': 'carryall.protocols.pb.outgoingcalls',
        'carryall.protocols.pb.keys': 'carryall.protocols.pb.dictkeys',
        'carryall.protocols.pb.limits': 'carryall.protocols.pb.settings',
        'carryall.protocols.pb.patience': 'carryall.protocols.pb.liveness',
        'carryall.protocols.pb.reference': 'carryall.protocols.pb.remotereference',
        'carryall.protocols.pb.serving': 'carryall.protocols.pb.incomingcalls',
        'carryall.protocols.pb.stream': 'carryall.protocols.pb.bytestream',
    },
    paths=['acceptance/peers/pb.py', 'acceptance/peers/pb_flood.py',
           'acceptance/peers/pb_twisted_py3.py', 'acceptance/peers/pb_websocket.py',
           'acceptance/peers/pb_words.py', 'bench/pb_client.py', 'bench/servers/carryall_pb.py',
           'carryall/testservers/pbserver.py', 'services/pb',
           'tests/house/testservers/test_pbserver.py', 'tests/protocols/pb', 'tests/services/pb'],
    features=[
        FeatureEntry('PB-01', DONE, "banana, with Twisted's vocabulary and with limits"),
        FeatureEntry('PB-02', PART, "throughput is measured against Twisted's"),
        FeatureEntry('PB-04', DONE, 'jelly in every form, with shared references and cycles'),
        FeatureEntry('PB-05', DONE, 'every message of the protocol, in both directions'),
        FeatureEntry('PB-06', DONE, "the flavours of objects, under Twisted's names"),
        FeatureEntry('PB-07', DONE, 'failures that Twisted can read'),
        FeatureEntry('PB-08', DONE, 'the log-ins of both eras, on one port'),
        FeatureEntry('PB-10', DONE, 'references are released, on every runtime'),
        FeatureEntry('PB-12', DONE, 'large data goes in pages'),
        FeatureEntry('PB-14', DONE, 'runs over TCP, TLS, Unix sockets and WebSocket'),
        FeatureEntry('PB-17', DONE, 'works with Twisted in both directions'),
        FeatureEntry('PB-18', DONE, 'a Java program calls Python objects, through the jar'),
    ],
)
