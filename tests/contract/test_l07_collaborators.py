# Copyright the carryall authors.  See LICENSE.
"""L7: collaborators come through the constructor: plain classes, a service, and a clock."""
from __future__ import absolute_import, division, print_function

from tests.contract.support import settle, until


class Service(object):
    """The service that the connections share."""

    def __init__(self):
        self.met = []


class Plain(object):
    """A protocol without any base class, which answers after a while of its clock."""

    def __init__(self, service, clock):
        self.service = service
        self.clock = clock

    def connection_made(self, transport):
        self.transport = transport
        self.began = self.clock.time()
        self.service.met.append(self)

    def data_received(self, data):
        self.clock.call_later(0.005, self.answer, data)

    def answer(self, data):
        self.waited = self.clock.time() - self.began
        self.transport.write(data.upper())
        self.transport.close()

    def eof_received(self):
        return True

    def connection_lost(self, exc):
        self.lost_with = exc

    def pause_writing(self):
        raise AssertionError('never')

    resume_writing = pause_writing


def test_l07_plain_classes_with_their_service_and_the_loop_as_clock(loop):
    from carryall.core.testing import StrictProtocol
    service = Service()
    listener = loop.listen_tcp(lambda: Plain(service, loop))
    client = loop.run_until(loop.connect_tcp(StrictProtocol, '127.0.0.1', listener.address.port))[1]
    client.transport.write(b'question')
    until(loop, lambda: client.state == 'lost')
    assert client.data == b'QUESTION'
    until(loop, lambda: hasattr(service.met[0], 'lost_with'))
    assert service.met[0].lost_with is None and service.met[0].waited > 0.0049


def test_l07_the_loop_sets_nothing_on_a_protocol(loop):
    class Bare(object):
        __slots__ = ('calls',)

        def __init__(self):
            self.calls = []

        def connection_made(self, transport):
            self.calls.append('made')
            transport.close()

        def data_received(self, data):
            self.calls.append('data')

        def eof_received(self):
            self.calls.append('eof')

        def connection_lost(self, exc):
            self.calls.append('lost')

    made = []
    listener = loop.listen_tcp(lambda: made.append(Bare()) or made[-1])
    loop.run_until(loop.connect_tcp(Bare, '127.0.0.1', listener.address.port))
    until(loop, lambda: made and made[0].calls[-1:] == ['lost'])
    settle(loop, 3)
    assert made[0].calls == ['made', 'lost']
