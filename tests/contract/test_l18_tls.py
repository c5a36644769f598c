# Copyright the carryall authors.  See LICENSE.
"""L18: TLS keeps L1 to L12 over every backend and every provider: handshakes, upgrades in place,
ends, and bad peers."""
from __future__ import absolute_import, division, print_function

import hashlib
import io
import random

import pytest

from carryall.core.errors import (ConnectFailed, ConnectionLost, HandshakeFailed, Unsupported,
                                  UsageError)
from carryall.core.line.framing import LineProtocol
from carryall.core.net.protocol import Protocol
from carryall.core.testing import StrictProtocol
from carryall.core.tls import Identity, TLSContext, connect_tls, listening
from carryall.core.tls.authority import authority, self_signed
from carryall.core.net.transport import peer, tls
from carryall.runtimes import tls as providers
from tests.contract.support import KeepOpen, Sink, pattern, settle, short_path, until
from tests.core.tls.material import NOW, material

pytestmark = pytest.mark.skipif(providers.available() is not True,
                                reason=str(providers.available()))

VERSIONS = ('TLSv1.2', 'TLSv1.3')
MIB = 1 << 20


class Pair(object):
    """Two protocols at the ends of one connection under TLS."""

    def __init__(self, client, server, listener):
        self.client = client
        self.server = server
        self.listener = listener


def secured(loop, server=StrictProtocol, client=StrictProtocol, ours=None, theirs=None,
            hostname='localhost'):
    """A Pair over TCP; both have had their ``connection_made``."""
    made = []

    def factory():
        made.append(server())
        return made[-1]

    listener = loop.listen_tcp(listening(loop, ours or material().server(), factory))
    future = connect_tls(loop, theirs or material().client(), client, '127.0.0.1',
                         listener.address.port, hostname)
    _, protocol = loop.run_until(future)
    until(loop, lambda: made and made[0].state != 'initial', 'the server is connected')
    return Pair(protocol, made[0], listener)


def refused(loop, ours, theirs, hostname='localhost'):
    """The error of a client whose handshake fails; the server's protocol was never made."""
    made = []
    listener = loop.listen_tcp(listening(loop, ours, lambda: made.append(1) or StrictProtocol()))
    with pytest.raises(HandshakeFailed) as caught:
        loop.run_until(connect_tls(loop, theirs, StrictProtocol, '127.0.0.1', listener.address.port,
                                   hostname))
    settle(loop)
    listener.close()
    assert not made, 'the server made a protocol for a handshake that failed'
    return str(caught.value)


# -- the handshake ---------------------------------------------------------------------------------


@pytest.mark.parametrize('version', VERSIONS)
def test_l18_both_ends_agree(loop, version):
    pair = secured(loop, ours=material().server(minimum=version, maximum=version,
                                                alpn=('h2', 'http/1.1')),
                   theirs=material().client(alpn=('http/1.1',)))
    for end in (pair.client, pair.server):
        info = tls(end.transport)
        assert info.version == version
        assert info.alpn == 'http/1.1' and info.server_name == 'localhost', info
        assert 'GCM' in info.cipher or 'CHACHA20' in info.cipher, 'no AEAD: %s' % info.cipher
    assert tls(pair.client.transport).peer_certificate == material().der
    assert tls(pair.server.transport).peer_certificate is None
    assert tls(pair.client.transport).server_end_point == tls(
        pair.server.transport).server_end_point
    assert len(tls(pair.server.transport).server_end_point) == 32
    for near, far in zip(tls(pair.client.transport).channel_bindings(),
                         tls(pair.server.transport).channel_bindings()):
        assert near == far
        assert near[1]
    assert tls(pair.server.transport).unique is None or version == 'TLSv1.2'
    assert tls(pair.server.transport).exporter is None or version == 'TLSv1.3'
    assert peer(pair.client.transport) == pair.listener.address
    pair.client.transport.write(b'hello')
    until(loop, lambda: pair.server.data == b'hello')
    pair.server.transport.write(b'world')
    until(loop, lambda: pair.client.data == b'world')


@pytest.mark.parametrize('version', VERSIONS)
@pytest.mark.parametrize('size', (1, 2, 7, 100, 0))
def test_l18_a_handshake_at_every_chunking(version, size):
    provider = providers.provider()
    ours = material().server(minimum=version, maximum=version)
    theirs = material().client()
    server = ours.session(provider, True)
    client = theirs.session(provider, False, 'localhost')
    client.start()
    server.start()
    dice = random.Random(size)
    ends = [(client, server), (server, client)]
    got = {client: b'', server: b''}
    said = {client: b'from the client' * 3000, server: b'from the server' * 3000}
    sealed = set()
    for _ in range(100):
        for near, far in ends:
            octets = near.take()
            if near.ready and near not in sealed:
                sealed.add(near)
                octets += near.seal(said[near])
            while octets:
                cut = size or dice.randint(1, 5000)
                if size and len(octets) > 8000:
                    cut = 4096  # a record at a time is enough when it is the handshake that counts
                got[far] += far.receive(octets[:cut])
                octets = octets[cut:]
    assert client.ready and server.ready
    assert got[server] == said[client] and got[client] == said[server]


@pytest.mark.parametrize('version', VERSIONS)
@pytest.mark.parametrize('sni', [False, True])
def test_l18_alpn_without_a_common_protocol_is_refused(loop, version, sni):
    """RFC 7301 section 3.2: the alert no_application_protocol."""
    names = {'other.example': material().site.identity()} if sni else None
    ours = material().server(alpn=('h2', 'x'), sni=names, minimum=version, maximum=version)
    assert 'application protocol' in refused(
        loop, ours, material().client(alpn=('http/1.1', 'http/1.0')), 'localhost')


@pytest.mark.parametrize('ours, theirs',
                         [(('h2',), ()), ((), ('h2',)), (('h2', 'x'), ('http/1.1', 'x'))])
def test_l18_alpn_is_no_matter_where_one_side_has_none(loop, ours, theirs):
    pair = secured(loop, ours=material().server(alpn=ours), theirs=material().client(alpn=theirs))
    agreed = 'x' if 'x' in ours else None
    assert tls(pair.server.transport).alpn == agreed
    assert tls(pair.client.transport).alpn == agreed


def test_l18_sni_chooses_the_certificate(loop):
    ca = material().authority
    other = ca.issue([u'other.example'], NOW)
    wild = ca.issue([u'*.wild.example'], NOW)
    ours = material().server(
        sni={'other.example': other.identity(), '*.wild.example': wild.identity()})
    for name, subject in (('other.example', other), ('a.wild.example', wild),
                          ('localhost', material().site)):
        pair = secured(loop, ours=ours, hostname=name)
        info = tls(pair.client.transport)
        assert material().der_of(subject) == info.peer_certificate, name
        assert tls(pair.server.transport).server_name == name
        assert tls(pair.server.transport).server_end_point == info.server_end_point
    assert 'certificate' in refused(loop, ours, material().client(), 'b.a.wild.example')


@pytest.mark.parametrize('version', VERSIONS)
def test_l18_a_client_certificate_is_shown(loop, version):
    ca = material().authority
    mine = ca.issue([u'client'], NOW)
    ours = material().server(client_certificates='required', trust=ca.certificate, minimum=version,
                             maximum=version)
    pair = secured(loop, ours=ours, theirs=material().client(identity=mine.identity()))
    assert tls(pair.server.transport).peer_certificate == material().der_of(mine)
    stranger = self_signed([u'client'], NOW)
    for theirs in (material().client(), material().client(identity=stranger.identity())):
        made = []
        listener = loop.listen_tcp(
            listening(loop, ours, lambda: made.append(1) or StrictProtocol()))
        # In TLS 1.3 the client has finished before the server has looked at its certificate, and
        # hears of it afterwards.
        future = connect_tls(loop, theirs, StrictProtocol, '127.0.0.1', listener.address.port,
                             'localhost')
        until(loop, future.done)
        if future.exception() is None:
            _, client = future.result()
            until(loop, lambda: client.state == 'lost')
            assert isinstance(client.lost_with, ConnectionLost)
        else:
            assert isinstance(future.exception(), HandshakeFailed)
        assert not made
        listener.close()


def test_l18_an_optional_client_certificate(loop):
    ca = material().authority
    ours = material().server(client_certificates='optional', trust=ca.certificate)
    assert tls(secured(loop, ours=ours).server.transport).peer_certificate is None
    mine = ca.issue([u'client'], NOW)
    pair = secured(loop, ours=ours, theirs=material().client(identity=mine.identity()))
    assert tls(pair.server.transport).peer_certificate == material().der_of(mine)


@pytest.mark.parametrize('version', VERSIONS)
def test_l18_a_session_goes_on(loop, version):
    ours = material().server(minimum=version, maximum=version)
    theirs = material().client()
    resumed = []
    for _ in range(3):
        pair = secured(loop, ours=ours, theirs=theirs)
        pair.server.transport.write(b'x')           # behind it the client has its ticket
        until(loop, lambda: pair.client.data == b'x')
        resumed.append((tls(pair.client.transport).resumed, tls(pair.server.transport).resumed))
        pair.client.transport.close()
        until(loop, lambda: pair.client.state == 'lost' and pair.server.state == 'lost')
        settle(loop, 3)
    assert resumed == [(False, False), (True, True), (True, True)]


@pytest.mark.parametrize('hostname, theirs', [
    ('localhost', lambda: TLSContext(trust=authority(u'another', NOW).certificate)),
    ('elsewhere.example', lambda: material().client()),
    ('127.0.0.2', lambda: material().client())])
def test_l18_a_certificate_that_is_not_good_enough(loop, hostname, theirs):
    assert 'certificate' in refused(loop, material().server(), theirs(), hostname)


def test_l18_a_certificate_that_has_run_out(loop):
    old = material().authority.issue([u'localhost'], NOW - 86400 * 30, days=20)
    assert 'certificate' in refused(loop, TLSContext(old.identity()), material().client())


def test_l18_a_client_that_verifies_nothing(loop):
    pair = secured(loop, ours=TLSContext(self_signed([u'elsewhere.example'], NOW).identity()),
                   theirs=TLSContext(verify=False))
    assert tls(pair.client.transport).version == 'TLSv1.3'


def test_l18_versions_without_overlap(loop):
    refused(loop, material().server(minimum='TLSv1.3'), material().client(maximum='TLSv1.2'))


def test_l18_new_certificates_without_a_restart(loop, tmpdir):
    path = str(tmpdir.join('site.pem'))
    first, second = [material().authority.issue([u'localhost'], NOW) for _ in range(2)]
    put = lambda one: tmpdir.join('site.pem').write(one.certificate + one.key, 'wb')  # noqa: E731
    put(first)
    ours = TLSContext(Identity(path))
    pair = secured(loop, ours=ours)
    put(second)
    ours.reload(loop.tls)
    again = secured(loop, ours=ours)
    assert tls(pair.client.transport).peer_certificate == material().der_of(first)
    assert tls(again.client.transport).peer_certificate == material().der_of(second)
    tmpdir.join('site.pem').write(b'broken', 'wb')
    with pytest.raises(UsageError):
        ours.reload(loop.tls)
    assert tls(secured(loop, ours=ours).client.transport).peer_certificate == material().der_of(
        second)


# -- bad peers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    'garbage', [b'GET / HTTP/1.1\r\n\r\n', b'\x00' * 64, b'\x16\x03\x01\xff\xff' + b'a' * 70000,
                b'\x16\x03\x01\x00\x05abcde', b'\x80\x2e\x01\x03\x01' + b'\x00' * 60])
def test_l18_garbage_instead_of_a_hello(loop, garbage):
    made = []
    listener = loop.listen_tcp(
        listening(loop, material().server(), lambda: made.append(1) or StrictProtocol()))
    _, client = loop.run_until(loop.connect_tcp(StrictProtocol, '127.0.0.1', listener.address.port))
    client.transport.write(garbage)
    client.transport.write(garbage)
    until(loop, lambda: client.state == 'lost')
    assert not made
    assert len(client.data) < 100, 'more than an alert: %r' % client.data[:200]


def test_l18_a_handshake_that_trickles_is_cut(loop):
    made = []
    sent = []
    ours = material().server(handshake_seconds=0.3)
    listener = loop.listen_tcp(listening(loop, ours, lambda: made.append(1) or StrictProtocol()))
    _, client = loop.run_until(loop.connect_tcp(StrictProtocol, '127.0.0.1', listener.address.port))

    def trickle():
        if client.state == 'connected':
            client.transport.write(b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'[len(
                sent) % 11:][:1] or b'\x00')
            sent.append(1)
            loop.call_later(0.02, trickle)

    # The first octets are those of a hello, so that there is something to wait for.
    client.transport.write(b'\x16\x03\x01\x02\x00\x01')
    loop.call_later(0.02, trickle)
    until(loop, lambda: client.state == 'lost')
    assert len(sent) >= 3 and not made


def test_l18_an_end_within_the_handshake(loop):
    made = []
    listener = loop.listen_tcp(
        listening(loop, material().server(), lambda: made.append(1) or StrictProtocol()))
    for end in ('close', 'abort'):
        _, client = loop.run_until(
            loop.connect_tcp(StrictProtocol, '127.0.0.1', listener.address.port))
        client.transport.write(b'\x16\x03\x01\x02')
        settle(loop, 3)
        getattr(client.transport, end)()
        until(loop, lambda: client.state == 'lost')
    settle(loop)
    assert not made


def test_l18_a_server_that_does_not_speak_tls(loop):
    class Greets(StrictProtocol):
        def made(self):
            self.transport.write(b'220 mail.example ready\r\n')

    listener = loop.listen_tcp(Greets)
    with pytest.raises(HandshakeFailed):
        loop.run_until(connect_tls(loop, material().client(), StrictProtocol, '127.0.0.1',
                                   listener.address.port, 'localhost'))


def test_l18_a_server_that_says_nothing(loop):
    listener = loop.listen_tcp(KeepOpen)
    with pytest.raises(ConnectFailed) as caught:
        loop.run_until(connect_tls(loop, material().client(handshake_seconds=0.2), StrictProtocol,
                                   '127.0.0.1', listener.address.port, 'localhost'))
    assert 'longer than' in str(caught.value)


# -- ends ------------------------------------------------------------------------------------------


@pytest.mark.parametrize('version', VERSIONS)
def test_l18_close_notify_is_a_clean_end(loop, version):
    pair = secured(loop, ours=material().server(minimum=version, maximum=version))
    pair.client.transport.write(b'last words')
    pair.client.transport.close()
    pair.client.transport.write(b'dropped')
    assert pair.client.transport.is_closing()
    until(loop, lambda: pair.client.state == 'lost' and pair.server.state == 'lost')
    assert pair.server.data == b'last words' and 'eof_received' in pair.server.calls
    assert pair.server.lost_with is None and pair.client.lost_with is None


def test_l18_the_other_way_too(loop):
    pair = secured(loop)
    pair.server.transport.write(b'last words')
    pair.server.transport.close()
    until(loop, lambda: pair.client.state == 'lost' and pair.server.state == 'lost')
    assert pair.client.data == b'last words' and 'eof_received' in pair.client.calls
    assert pair.client.lost_with is None and pair.server.lost_with is None


def test_l18_our_side_stays_open_after_their_close_notify(loop):
    pair = secured(loop, server=KeepOpen)
    pair.client.transport.write(b'question')
    below = pair.client.transport
    below.write(b'')                                    # nothing, which must do no harm
    below._session.finish()
    below.transport.write(below._session.take())  # close_notify, and the stream itself stays open
    until(loop, lambda: pair.server.state == 'eof')
    assert pair.server.data == b'question'
    pair.server.transport.close()
    until(loop, lambda: pair.server.state == 'lost')
    assert pair.server.lost_with is None


@pytest.mark.parametrize('how', ('close', 'abort'))
def test_l18_an_end_without_close_notify_is_told(loop, how):
    pair = secured(loop)
    pair.client.transport.write(b'some')
    until(loop, lambda: pair.server.data == b'some')
    getattr(pair.client.transport.transport, how)()     # the stream below
    until(loop, lambda: pair.server.state == 'lost')
    assert isinstance(pair.server.lost_with, ConnectionLost)
    assert 'eof_received' not in pair.server.calls


def test_l18_a_broken_record_is_told(loop):
    pair = secured(loop)
    pair.client.transport.transport.write(b'\x17\x03\x03\x00\x20' + b'z' * 32)
    until(loop, lambda: pair.server.state == 'lost' and pair.client.state == 'lost')
    assert isinstance(pair.server.lost_with, ConnectionLost) and pair.server.data == b''


def test_l18_abort_ends_both_sides(loop):
    pair = secured(loop)
    pair.server.transport.abort()
    pair.server.transport.abort()
    until(loop, lambda: pair.client.state == 'lost' and pair.server.state == 'lost')
    assert pair.server.lost_with is None and isinstance(pair.client.lost_with, ConnectionLost)


def test_l18_there_is_no_half_close(loop):
    pair = secured(loop)
    assert pair.client.transport.can_write_eof() is False
    with pytest.raises(Unsupported):
        pair.client.transport.write_eof()


@pytest.mark.parametrize('name', ('connection_made', 'data_received', 'eof_received'))
def test_l18_a_callback_that_fails_ends_its_connection(loop, name):
    seen = []
    loop.set_exception_handler(lambda _loop, _where, exc: seen.append(exc))

    class Fails(Protocol):
        def fail(self, *_):
            raise ValueError(name)

    setattr(Fails, name, Fails.fail)
    listener = loop.listen_tcp(listening(loop, material().server(), Fails))
    _, client = loop.run_until(connect_tls(loop, material().client(), StrictProtocol, '127.0.0.1',
                                           listener.address.port, 'localhost'))
    client.transport.write(b'x')
    if name == 'eof_received':
        client.transport.close()
    until(loop, lambda: client.state == 'lost' and seen)
    assert [str(exc) for exc in seen] == [name]


class Digesting(KeepOpen):
    """Keeps the digest of what comes, and not the 64 MiB."""

    def __init__(self):
        KeepOpen.__init__(self)
        self.digest = hashlib.sha1()
        self.size = 0

    def received(self, data):
        self.digest.update(data)
        self.size += len(data)
        self.data = b''


# -- streams ---------------------------------------------------------------------------------------


def test_l18_much_goes_both_ways_at_once(loop):
    """Eight times as much as all buffers on the way hold."""
    pair = secured(loop, server=Digesting, client=Digesting)
    piece = pattern(MIB)
    count = 16
    state = {pair.client: 0, pair.server: 0}

    def feed(end):
        # As a well-behaved protocol does: a piece whenever little is waiting.
        while state[end] < count and end.transport.get_write_buffer_size() < MIB:
            end.transport.write(piece)
            state[end] += 1
        if state[end] < count:
            loop.call_later(0.001, feed, end)

    feed(pair.client)
    feed(pair.server)
    until(loop, lambda: pair.client.size == pair.server.size == count * MIB)
    expected = hashlib.sha1()
    for _ in range(count):
        expected.update(piece)
    for end in (pair.client, pair.server):
        assert end.digest.digest() == expected.digest()


def test_l18_a_slow_reader_stops_the_writer(loop):
    pair = secured(loop, client=Sink)
    pair.client.transport.pause_reading()
    written = 0
    while not pair.server.paused and written < 64 * MIB:
        pair.server.transport.write(b'x' * 65536)
        written += 65536
        settle(loop, 1)
    assert pair.server.paused, 'nobody told the writer to stop'
    settle(loop)
    held = pair.client.size
    assert held == 0, 'data_received after pause_reading (L10)'
    pair.client.transport.resume_reading()
    until(loop, lambda: pair.client.size == written)
    until(loop, lambda: not pair.server.paused)
    assert pair.server.transport.get_write_buffer_size() == 0


def test_l18_pause_reading_from_within(loop):
    class Once(StrictProtocol):
        def received(self, data):
            self.transport.pause_reading()

    pair = secured(loop, server=Once)
    for number in range(20):
        pair.client.transport.write(b'%02d' % number)
        settle(loop, 1)
    pair.client.transport.close()
    seen = []
    while pair.server.state == 'connected':
        settle(loop, 2)
        seen.append(len(pair.server.data))
        pair.server.transport.resume_reading()
        settle(loop, 2)
    assert pair.server.data == b''.join(b'%02d' % number for number in range(20))
    assert len(seen) >= 2, 'it was not paused: %r' % seen


def test_l18_a_file_is_sent_under_tls(loop, tmpdir):
    data = pattern(3 * MIB + 17)
    tmpdir.join('file').write(data, 'wb')
    pair = secured(loop, client=Sink)
    with io.open(str(tmpdir.join('file')), 'rb') as source:
        pair.server.transport.write(b'before')
        future = pair.server.transport.write_file(source, 5, len(data) - 5)
        pair.server.transport.write(b'behind')
        pair.server.transport.close()
        assert loop.run_until(future) == len(data) - 5
        until(loop, lambda: pair.client.state == 'eof')
    assert b''.join(pair.client.pieces) == b'before' + data[5:] + b'behind'


def test_l18_a_file_that_ends_early(loop, tmpdir, expect_log):
    expect_log('ended 5 bytes before')
    tmpdir.join('file').write(b'short', 'wb')
    pair = secured(loop, client=Sink)
    with io.open(str(tmpdir.join('file')), 'rb') as source:
        future = pair.server.transport.write_file(source, 0, 10)
        until(loop, future.done)
        assert 'ended 5 bytes before' in str(future.exception())
        until(loop, lambda: pair.client.state == 'lost')
    assert isinstance(pair.client.lost_with, ConnectionLost)


def test_l18_over_a_unix_socket(loop, tmpdir):
    if not loop.caps.unix:
        pytest.skip(loop.caps.why_not('unix'))
    path = short_path(tmpdir)
    made = []
    listener = loop.listen_unix(listening(loop, material().server(),
                                          lambda: made.append(StrictProtocol()) or made[-1]), path)
    _, client = loop.run_until(loop.connect_unix(StrictProtocol, path))
    info = loop.run_until(loop.start_tls(client.transport, material().client(),
                                         hostname='localhost'))
    assert info.version == 'TLSv1.3'
    client.transport.write(b'over a path')
    until(loop, lambda: made and made[0].data == b'over a path')
    listener.close()


def test_l18_inside_another_tls(loop):
    pair = secured(loop)
    theirs = loop.start_tls(pair.server.transport, material().server(), server_side=True)
    ours = loop.start_tls(pair.client.transport, material().client(), hostname='localhost')
    loop.run_until(ours)
    loop.run_until(theirs)
    pair.client.transport.write(b'sealed twice')
    until(loop, lambda: pair.server.data == b'sealed twice')
    pair.server.transport.write(b'and back')
    until(loop, lambda: pair.client.data == b'and back')
    pair.client.transport.close()
    until(loop, lambda: pair.server.state == 'lost')
    assert pair.server.lost_with is None


# -- the upgrade in place --------------------------------------------------------------------------


class Upgrading(LineProtocol):
    """A server of one command, STARTTLS, and an echo of every other line."""

    def __init__(self, loop, context):
        LineProtocol.__init__(self)
        self.loop = loop
        self.context = context
        self.lines = []
        self.info = None
        self.lost_with = 'not yet'

    def line_received(self, line):
        if line != b'STARTTLS':
            self.lines.append(line)
            self.send_line(b'> ' + line)
            return
        self.send_line(b'220 go ahead')
        future = self.loop.start_tls(self.transport, self.context, server_side=True)
        future.then(self.agreed, lambda exc: None)

    def agreed(self, info):
        self.info = info

    def connection_lost(self, exc):
        self.lost_with = exc


def upgrading(loop, injected=b'', client=StrictProtocol):
    """(the server's protocol, the client's) when both have changed to TLS."""
    made = []
    listener = loop.listen_tcp(lambda: made.append(Upgrading(loop, material().server()))
                               or made[-1])
    _, one = loop.run_until(loop.connect_tcp(client, '127.0.0.1', listener.address.port))
    one.transport.write(b'plain\r\nSTARTTLS\r\n' + injected)
    until(loop, lambda: one.data.endswith(b'220 go ahead\r\n'))
    one.data = b''
    below = one.transport
    future = loop.start_tls(one.transport, material().client(), hostname='localhost')
    assert one.transport is not below, \
        'the protocol has its new transport as soon as start_tls returns'
    one.transport.write(b'early\r\n')  # waits for the handshake, and never goes in clear
    info = loop.run_until(future)
    assert info.version == 'TLSv1.3' and tls(one.transport) == info
    until(loop, lambda: made[0].info is not None)
    return made[0], one         # made[0].lines will have b'early' soon


def test_l18_upgrade_in_place(loop):
    server, client = upgrading(loop)
    assert tls(server.transport) == server.info
    client.transport.write(b'late\r\n')
    until(loop, lambda: client.data == b'> early\r\n> late\r\n')
    assert server.lines == [b'plain', b'early', b'late']
    client.transport.close()
    until(loop, lambda: server.lost_with != 'not yet')
    assert server.lost_with is None


def test_l18_clear_data_behind_the_command_is_discarded(loop, expect_log):
    expect_log('14 octets received in clear')
    server, client = upgrading(loop, injected=b'evil\r\nevil too')
    client.transport.write(b'late\r\n')
    until(loop, lambda: client.data == b'> early\r\n> late\r\n')
    assert server.lines == [b'plain', b'early', b'late']


def test_l18_clear_text_that_comes_later_breaks_the_handshake(loop):
    made = []
    listener = loop.listen_tcp(lambda: made.append(Upgrading(loop, material().server()))
                               or made[-1])
    _, client = loop.run_until(loop.connect_tcp(StrictProtocol, '127.0.0.1', listener.address.port))
    client.transport.write(b'STARTTLS\r\n')
    until(loop, lambda: client.data == b'220 go ahead\r\n')
    client.transport.write(b'evil\r\n')
    until(loop, lambda: made[0].lost_with != 'not yet' and client.state == 'lost')
    assert made[0].lines == [] and isinstance(made[0].lost_with, ConnectionLost)


def test_l18_an_upgrade_that_fails_is_told_to_both(loop):
    made = []
    listener = loop.listen_tcp(lambda: made.append(Upgrading(loop, material().server()))
                               or made[-1])
    _, client = loop.run_until(loop.connect_tcp(StrictProtocol, '127.0.0.1', listener.address.port))
    client.transport.write(b'STARTTLS\r\n')
    until(loop, lambda: client.data == b'220 go ahead\r\n')
    future = loop.start_tls(client.transport, material().client(), hostname='elsewhere.example')
    with pytest.raises(HandshakeFailed):
        loop.run_until(future)
    until(loop, lambda: client.state == 'lost' and made[0].lost_with != 'not yet')
    assert isinstance(client.lost_with, ConnectionLost) and isinstance(
        made[0].lost_with, ConnectionLost)
    assert client.data == b'220 go ahead\r\n'


def test_l18_an_upgrade_of_a_paused_connection(loop):
    server, client = upgrading(loop)
    until(loop, lambda: server.lines == [b'plain', b'early'])
    server.transport.pause_reading()
    client.transport.write(b'late\r\n')
    settle(loop)
    assert server.lines == [b'plain', b'early']
    server.transport.resume_reading()
    until(loop, lambda: server.lines == [b'plain', b'early', b'late'])


def test_l18_bad_settings_are_told_before_anybody_connects(loop, tmpdir):
    missing = str(tmpdir.join('missing.pem'))
    with pytest.raises(UsageError) as caught:
        listening(loop, TLSContext(Identity(missing)), StrictProtocol)
    assert 'missing.pem' in str(caught.value)
    other = material().authority.issue([u'localhost'], NOW)
    with pytest.raises(UsageError) as caught:
        listening(loop, TLSContext(Identity(material().site.certificate, other.key)),
                  StrictProtocol)
    assert 'does not belong' in str(caught.value)
    with pytest.raises(UsageError):
        listening(loop, TLSContext(), StrictProtocol)
