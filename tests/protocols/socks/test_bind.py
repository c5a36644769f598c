# Copyright the carryall authors.  See LICENSE.
"""BIND: two replies, the right caller, and time (RFC 1928 section 4; the SOCKS4 paper)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.codec.cursor import Cursor
from carryall.core.errors import Refused
from carryall.core.net.ip import text
from carryall.core.testing import StrictProtocol
from carryall.protocols.socks.rules import Rules, parse_rules
from tests.protocols.socks.stage import Stage


class Caller(StrictProtocol):
    keep_open = True


def bound(stage, version, host=b'\0\0\0\0', port=b'\0\0'):
    """Asks for a BIND; the port that the proxy listens on."""
    asked = b'\4\2' + port + host + b'\0' if version == 4 else b'\5\1\0\5\2\0\1' + host + port
    heard = stage.say(asked)
    return place(heard if version == 4 else heard[2:], version)


def place(reply, version):
    """(host, port) of a reply that says that it went well."""
    if version == 4:
        assert len(reply) == 8 and reply[:2] == b'\0\x5a', 'said %r' % reply
        return text(reply[4:]), Cursor(reply, 2).uint16()
    assert len(reply) == 10 and reply[:4] == b'\5\0\0\1', 'said %r' % reply
    return text(reply[4:8]), Cursor(reply, 8).uint16()


def call(stage, address):
    return stage.loop.run_until(stage.loop.connect_tcp(Caller, *address))


@pytest.mark.parametrize('version', [4, 5])
def test_two_replies_and_a_relay(version):
    stage = Stage()
    address = bound(stage, version)
    assert address[0] == '198.51.100.1', 'where the client has reached us'
    transport, caller = call(stage, address)
    transport.write(b'from the caller')
    stage.loop.advance()
    heard = stage.wire.take()
    size = 8 if version == 4 else 10
    assert place(heard[:size], version) == ('127.0.0.1',
                                            transport.get_extra_info('sockname').port), 'who called'
    assert heard[size:] == b'from the caller'
    stage.say(b'to the caller')
    assert caller.data == b'to the caller'
    with pytest.raises(Refused):
        call(stage, address)
    transport.close()
    stage.loop.advance()
    assert stage.wire.eof_written and not stage.wire.closed, 'the client may still say something'
    stage.wire.feed_eof()
    stage.loop.advance()
    assert stage.wire.lost == [None] and stage.left() == (0, 0)


@pytest.mark.parametrize('version', [4, 5])
def test_a_caller_from_another_host_is_refused(version):
    stage = Stage()
    address = bound(stage, version, b'\xc0\0\2\x63')
    _, caller = call(stage, address)
    stage.loop.advance()
    assert caller.state == 'lost' and not stage.wire.closed and stage.wire.take() == b'', \
        'the client hears of strangers'
    stage.wire.lose()
    assert stage.left() == (0, 0), 'the port stays open'
    with pytest.raises(Refused):
        call(stage, address)


def test_the_rules_are_about_the_caller_too():
    stage = Stage(rules=Rules(parse_rules([u'deny to 127.0.0.0/8'])))
    _, caller = call(stage, bound(stage, 5))
    stage.loop.advance()
    assert caller.state == 'lost' and not stage.wire.closed


@pytest.mark.parametrize('rule', [u'deny command bind', u'deny'])
def test_bind_can_be_forbidden(rule):
    stage = Stage(rules=Rules(parse_rules([rule])))
    assert stage.say(b'\5\1\0\5\2\0\1\0\0\0\0\0\0') == b'\5\0\5\2\0\1\0\0\0\0\0\0' \
        and stage.wire.closed


@pytest.mark.parametrize('version, reply',
                         [(4, b'\0\x5b\0\0\0\0\0\0'), (5, b'\5\6\0\1\0\0\0\0\0\0')])
def test_a_bind_without_a_caller_times_out(version, reply):
    stage = Stage()
    address = bound(stage, version)
    stage.loop.advance(119.0)
    assert not stage.wire.closed
    stage.loop.advance(2.0)
    assert stage.wire.take() == reply and stage.wire.closed
    with pytest.raises(Refused):
        call(stage, address)
    assert stage.left() == (0, 0)


def test_a_caller_is_named_by_its_address():
    stage = Stage()
    assert stage.say(b'\5\1\0\5\2\0\3\x0chost.example\0P') == b'\5\0\5\2\0\1\0\0\0\0\0\0' \
        and stage.wire.closed


def test_early_data_of_the_client_goes_to_the_caller():
    stage = Stage()
    heard = stage.say(b'\4\2\0\0\0\0\0\0\0early')
    transport, caller = call(stage, place(heard, 4))
    stage.loop.advance()
    assert caller.data == b'early'
