# Copyright the carryall authors.  See LICENSE.
"""The messages of SOCKS (RFC 1928, RFC 1929, the SOCKS4 and SOCKS4A papers)."""
from __future__ import absolute_import, division, print_function

import binascii
import random

import pytest

from carryall.core.codec.buffer import ReceiveBuffer
from carryall.core.errors import LocalProtocolError, RemoteProtocolError
from carryall.protocols.socks import wire


def octets(text):
    return binascii.unhexlify(text.replace(' ', '').encode('ascii'))


def fields(request):
    return request.version, request.command, request.host, request.port, request.user


def taken(take, data):
    """The result of *take* for *data*. At every shorter length it must give None, and take nothing
    that is not its own."""
    for length in range(len(data)):
        buffered = ReceiveBuffer(data[:length])
        assert take(buffered) is None and len(buffered) == length, 'after %d octets' % length
    buffered = ReceiveBuffer(data + b'rest')
    found = take(buffered)
    assert buffered.take_all() == b'rest', 'it took more, or less, than its own'
    return found


REQUESTS_4 = [
    ('04 01 0050 C0000207 00', (4, 1, '192.0.2.7', 80, b'')),
    ('04 02 0000 00000000 616E6E 00', (4, 2, '0.0.0.0', 0, b'ann')),
    ('04 01 0050 00000001 616E6E 00 686F73742E6578616D706C65 00',
     (4, 1, 'host.example', 80, b'ann'))]


@pytest.mark.parametrize('data, expected', REQUESTS_4)
def test_requests_of_version_4_are_parsed_and_written(data, expected):
    assert fields(taken(wire.maybe_request4, octets(data))) == expected
    if expected[2] != '0.0.0.0':
        assert wire.format_request4(*expected[1:]) == octets(data), 'formatted otherwise'


REQUESTS_5 = [
    ('05 01 00 01 C0000207 0050', (5, 1, '192.0.2.7', 80, b'')),
    ('05 02 00 04 00000000000000000000000000000001 FFFF', (5, 2, '::1', 65535, b'')),
    ('05 03 00 03 0C 686F73742E6578616D706C65 0035', (5, 3, 'host.example', 53, b''))]


@pytest.mark.parametrize('data, expected', REQUESTS_5)
def test_requests_of_version_5_are_parsed_and_written(data, expected):
    assert fields(taken(wire.maybe_request5, octets(data))) == expected
    assert wire.format_request5(*expected[1:4]) == octets(data), 'formatted otherwise'
    assert taken(wire.maybe_reply5, octets(data)) == expected[1:4], 'a reply looks the same'


@pytest.mark.parametrize('data, reply', [
    (b'\5\4\0\1\0\0\0\0\0\0', wire.BAD_COMMAND), (b'\5\0\0\1\0\0\0\0\0\0', wire.BAD_COMMAND),
    (b'\5\1\0\2\0\0\0\0\0\0', wire.BAD_ADDRESS), (b'\5\1\0\0\0\0\0\0\0\0', wire.BAD_ADDRESS),
    (b'\5\1\1\1\0\0\0\0\0\0', wire.FAILURE),
    (b'\5\1\0\3\0\0\0', wire.HOST_UNREACHABLE), (b'\5\1\0\3\3a b\0\0', wire.HOST_UNREACHABLE),
    (b'\5\1\0\3\3a\0b\0\0', wire.HOST_UNREACHABLE),
    (b'\5\1\0\3\2\xc3\xa9\0\0', wire.HOST_UNREACHABLE)])
def test_requests_5_that_are_understood_and_cannot_be(data, reply):
    with pytest.raises(wire.BadRequest) as caught:
        wire.maybe_request5(ReceiveBuffer(data))
    assert caught.value.reply == reply


@pytest.mark.parametrize(
    'data', [b'\4\3\0\0\1\2\3\4\0', b'\4\1\0\0\0\0\0\1\0a b\0', b'\4\1\0\0\0\0\0\1\0\0'])
def test_requests_4_that_are_understood_and_cannot_be(data):
    with pytest.raises(wire.BadRequest):
        wire.maybe_request4(ReceiveBuffer(data))


@pytest.mark.parametrize('take, data', [
    (wire.maybe_request4, b'\4\1\0\0\1\2\3\4' + b'u' * 256),
    (wire.maybe_request4, b'\4\1\0\0\0\0\0\1\0' + b'h' * 256),
    (wire.maybe_request5, b'\4\1\0\1\0\0\0\0\0\0'), (wire.maybe_reply5, b'\0\1\0\1\0\0\0\0\0\0'),
    (wire.maybe_reply4, b'\5\0'), (wire.maybe_login, b'\5\1a\1b')])
def test_bad_octets_are_refused(take, data):
    with pytest.raises(RemoteProtocolError):
        take(ReceiveBuffer(data))


def test_methods_and_login():
    assert taken(wire.maybe_methods, b'\5\3\0\1\2') == b'\0\1\2'
    assert taken(wire.maybe_methods, b'\5\0') == b''
    assert wire.format_methods(b'\0\2') == b'\5\2\0\2'
    assert taken(wire.maybe_login, b'\1\3ann\6secret') == (b'ann', b'secret')
    assert taken(wire.maybe_login, b'\1\0\0') == (b'', b'')
    assert taken(wire.maybe_login, b'\1\xff' + b'u' * 255 + b'\xff' + b'p' * 255) \
        == (b'u' * 255, b'p' * 255)
    assert wire.format_login(b'ann', b'secret') == b'\1\3ann\6secret'


@pytest.mark.parametrize('make', [
    lambda: wire.format_login(b'', b'x'), lambda: wire.format_login(b'x', b''),
    lambda: wire.format_login(b'x' * 256, b'x'),
    lambda: wire.format_request4(1, '::1', 80), lambda: wire.format_request4(1, 'h', 80, b'a\0b'),
    lambda: wire.format_request4(1, '', 80), lambda: wire.format_request5(1, 'h' * 256, 80),
    lambda: wire.format_request5(1, u'h\xe9', 80), lambda: wire.format_request5(1, 'h', 65536)])
def test_an_impossible_request_is_not_written(make):
    with pytest.raises(LocalProtocolError):
        make()


def test_replies_have_their_octets():
    assert wire.format_reply4(90, '192.0.2.7', 80) == octets('00 5A 0050 C0000207')
    assert wire.format_reply4(91) == octets('00 5B 0000 00000000') == wire.format_reply4(91, '::1')
    assert taken(wire.maybe_reply4, octets('00 5A 0050 C0000207')) == (90, '192.0.2.7', 80)
    assert wire.format_reply5(5) == octets('05 05 00 01 00000000 0000')
    assert wire.format_reply5(0, '::1', 9) == octets(
        '05 00 00 04 00000000000000000000000000000001 0009')


@pytest.mark.parametrize('host', ['192.0.2.7', '2001:db8::1', 'host.example'])
def test_datagrams_are_parsed_and_written(host):
    packet = wire.format_datagram(host, 53, b'query')
    assert wire.parse_datagram(packet) == (host, 53, b'query')
    for length in range(len(packet) - len(b'query')):
        with pytest.raises(RemoteProtocolError):
            wire.parse_datagram(packet[:length])


@pytest.mark.parametrize('packet', [b'', b'\0\0\1\1\1\2\3\4\0\5data', b'\0\0\x80\1\1\2\3\4\0\5data',
                                    b'\1\0\0\1\1\2\3\4\0\5x', b'\0\0\0\2\1\2\3\4\0\5x',
                                    b'\0\0\0\3\0\0\5x'])
def test_fragments_and_what_is_no_datagram(packet):
    with pytest.raises(RemoteProtocolError):
        wire.parse_datagram(packet)


def test_garbage_meets_the_two_errors_and_no_other():
    dice = random.Random(1928)
    for take, first in ((wire.maybe_request4, b'\4'), (wire.maybe_request5, b'\5'),
                        (wire.maybe_reply4, b'\0'),
                        (wire.maybe_reply5, b'\5'), (wire.maybe_methods, b'\5'),
                        (wire.maybe_login, b'\1')):
        for _ in range(300):
            data = first + bytes(bytearray(dice.choice((0, 1, 3, 4, 5, 65, 200, 255))
                                           for _ in range(dice.randrange(40))))
            try:
                take(ReceiveBuffer(data))
            except RemoteProtocolError:
                pass


def answer(take, data, size):
    """The final result of *take* for *data* in pieces of that size: a Request's fields, a class of
    error, or None."""
    buffered = ReceiveBuffer()
    for begin in range(0, len(data), size):
        buffered.append(data[begin:begin + size])
        try:
            found = take(buffered)
        except RemoteProtocolError as exc:
            return type(exc)
        if found is not None:
            return fields(found)
    return None


@pytest.mark.parametrize('user, host', [(254, 0), (255, 0), (256, 0), (300, 0), (600, 0), (3, 255),
                                        (3, 256), (3, 400), (255, 255),
                                        (256, 255), (255, 256), (0, 600)])
def test_a_request_of_version_4_is_answered_alike_however_it_is_cut(user, host):
    data = octets('04 01 0050') + (b'\0\0\0\1' if host else b'\xc0\0\2\7') + b'u' * user + b'\0'
    if host:
        data += b'h' * host + b'\0'
    found = [answer(wire.maybe_request4, data, size) for size in (1, 2, 7, 100, 300, 2000)]
    assert found == found[:1] * 6
    assert (found[0] is RemoteProtocolError) == (user > 255 or host > 255)
