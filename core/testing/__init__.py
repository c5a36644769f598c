# Copyright the carryall authors.  See LICENSE.
"""The public test kit: protocols without sockets, loops without waiting,
dialogues cut at every place.

    loop = VirtualLoop()                    time passes when you say so; connections live in memory
    wire = FakeTransport(loop)              what a protocol writes to,
                                            and what the test plays the peer with
    wire.connect(MyServer(clock=loop))
    wire.feed(b'QUIT\r\n')
    assert wire.take() == b'221 Bye\r\n' and wire.closed

    play(MyServer, b'...', expected)        the same bytes whole, one by one and at random cuts:
                                            the same answer
    pump(client, server)                    two protocols talk; lockstep(client, server):
                                            a byte at a time
"""
from __future__ import absolute_import, division, print_function

from carryall.core.testing.dialogue import chunkings, lockstep, play, pump, transcript
from carryall.core.testing.fakeloop import Stalled, VirtualLoop
from carryall.core.testing.nulltls import NullTLS
from carryall.core.testing.strict import StrictProtocol
from carryall.core.testing.fakewire import FakeDatagramTransport, FakeTransport

__all__ = ['FakeDatagramTransport', 'FakeTransport', 'NullTLS', 'Stalled', 'StrictProtocol',
           'VirtualLoop', 'chunkings', 'lockstep', 'play', 'pump', 'transcript']
