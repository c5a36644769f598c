# Copyright the carryall authors.  See LICENSE.
"""Pages and streams: data that is larger than a string may be."""
from __future__ import absolute_import, division, print_function

import io

import pytest

from carryall.core.errors import ConnectionLost, RemoteProtocolError
from carryall.core.future import Return, coroutine
from carryall.protocols import pb
from carryall.protocols.pb.settings import SIZE_LIMIT
from tests.protocols.pb.stage import Pair, Peer

DATA = b'0123456789abcdef' * 65536          # 1 MiB


class Root(pb.Root):
    def __init__(self, data=DATA):
        self.data = data
        self.sent = []
        self.file = None

    def remote_fetch(self, collector, size=65536):
        self.sent.append(pb.send_pages(collector, pb.string_pages(self.data, size)))

    def remote_file(self, collector):
        self.file = io.BytesIO(self.data)
        self.sent.append(pb.send_pages(collector, pb.file_pages(self.file)))

    def remote_no(self, collector):
        raise pb.PBError(u'no')

    def remote_stream(self):
        self.file = io.BytesIO(self.data)
        return pb.ByteSource(pb.FileSource(self.file))


@pytest.mark.parametrize('size', [65536, 1000, SIZE_LIMIT])
def test_all_pages_arrive_in_order(size):
    pair = Pair(Root())
    pages = pair.wait(pb.get_all_pages(pair.root, 'fetch', size))
    assert b''.join(pages) == DATA and len(pages[0]) == size, 'all of it'
    pair.settle()
    assert pair.server.live().references == 0 and pair.client.live().objects == 0, \
        'the collector was given back'


def test_pages_of_nothing_and_of_a_file():
    pair = Pair(Root(b''))
    assert pair.wait(pb.get_all_pages(pair.root, 'fetch')) == [b''], 'one page, as of old'
    root = Root()
    pair = Pair(root)
    assert b''.join(pair.wait(pb.get_all_pages(pair.root, 'file'))) == DATA and root.file.closed, \
        'a file'


def test_sizes_of_pages():
    for size in (0, -1, SIZE_LIMIT + 1):
        with pytest.raises(ValueError):
            list(pb.string_pages(b'x', size))


def test_pages_stop_while_the_transport_has_enough():
    root = Root(DATA * 8)
    peer = Peer(root)
    peer.wire.clog()
    peer.say(peer.message(1, b'fetch', [b'remote', 1]))
    assert peer.wire.get_write_buffer_size() < 300000 and not root.sent[0].done(), \
        'memory fills with %d' % peer.wire.get_write_buffer_size()
    peer.wire.unclog()
    peer.loop.advance()
    assert root.sent[0].done(), 'then the rest'
    heard = peer.hear()
    assert sum(len(one[5][1]) for one in heard if one[3:4] == [b'gotPage']) == len(DATA) * 8, \
        'all of it'
    assert heard[-2][3] == b'endedPaging' and heard[-1] == [b'decref', 1], 'and the end'


def test_a_connection_that_ends_between_pages():
    root = Root(DATA * 8)
    pair = Pair(root)
    future = pb.get_all_pages(pair.root, 'file')
    pair.loop.call_soon(pair.client.transport.abort)
    pair.settle()
    assert isinstance(future.exception(), (RemoteProtocolError, ConnectionLost)), \
        'it waits for ever'
    assert root.file is None or root.file.closed, 'the file is open for ever'


def test_pages_that_do_not_come():
    pair = Pair(Root())
    assert isinstance(pair.error(pb.get_all_pages(pair.root, 'no')), pb.PBError), 'the call failed'


def test_too_many_pages():
    got = []
    collector = pb.CallbackPageCollector(got.append, maximum=5)
    collector.remote_gotPage(b'abc')
    collector.remote_gotPage(b'def')
    collector.remote_gotPage(b'ghi')
    collector.remote_endedPaging()
    assert got == [] and collector.pages == [] and isinstance(collector.failed.exception(),
                                                              RemoteProtocolError), 'all is kept'


# -- streams -------------------------------------------------------------------

def test_a_stream_is_read_in_pieces():
    root = Root()
    pair = Pair(root)
    stream = pb.RemoteStream(pair.call('stream'))

    @coroutine
    def read():
        got = []
        while True:
            piece = yield stream.read(100000)
            if not piece:
                raise Return(got)
            assert len(piece) <= 100000, 'no more than was asked for'
            got.append(piece)

    assert b''.join(pair.wait(read())) == DATA, 'all of it'
    pair.settle()
    assert pair.server.live().objects == 0 and root.file.closed, 'given back at its end'
    assert pair.wait(stream.read()) == b'', 'the end stays the end'


def test_a_stream_may_be_closed_early():
    root = Root()
    pair = Pair(root)
    stream = pb.RemoteStream(pair.call('stream'))
    assert pair.wait(stream.read(10)) == DATA[:10], 'a little'
    stream.close()
    pair.settle()
    assert root.file.closed and pair.server.live().objects == 0, 'closed'
    stream.close()


def test_a_stream_whose_reader_is_gone():
    root = Root()
    pair = Pair(root)
    pair.call('stream')
    pair.client.close()
    pair.settle()
    assert root.file.closed, 'its file is open for ever'


@pytest.mark.parametrize('maximum', [0, -1, b'x', None])
def test_a_bad_maximum_is_refused(maximum):
    pair = Pair(Root())
    source = pair.call('stream')
    assert isinstance(pair.error(source.call_remote('read', maximum)), pb.PBError), 'refused'


def test_a_source_that_is_a_liar():
    class Liar(pb.Root):
        def remote_get(self):
            return Lying()

    class Lying(pb.Referenceable):
        def remote_read(self, maximum):
            return [u'text']

    pair = Pair(Liar())
    stream = pb.RemoteStream(pair.call('get'))
    assert isinstance(pair.error(stream.read()), RemoteProtocolError), 'no bytes'
