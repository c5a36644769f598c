# Copyright the carryall authors.  See LICENSE.
"""StrictProtocol refuses every order of calls that the laws forbid, and no other."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.testing import StrictProtocol


def _play(protocol, *calls):
    for call in calls:
        getattr(protocol, call[0])(*call[1:])


MADE = ('connection_made', None)
DATA = ('data_received', b'x')
EOF = ('eof_received',)
LOST = ('connection_lost', None)
PAUSE = ('pause_writing',)
RESUME = ('resume_writing',)


@pytest.mark.parametrize('calls', [
    (MADE, LOST), (MADE, DATA, DATA, LOST), (MADE, EOF, LOST), (MADE, DATA, EOF, LOST),
    (MADE, PAUSE, RESUME, DATA, LOST), (MADE, PAUSE, DATA, LOST), (MADE, EOF, PAUSE, RESUME, LOST)])
def test_allowed_calls_are_recorded(calls):
    protocol = StrictProtocol()
    _play(protocol, *calls)
    assert protocol.calls == [call[0] for call in calls]
    assert protocol.state == 'lost'
    assert protocol.data == b'x' * calls.count(DATA)


@pytest.mark.parametrize('calls', [
    (DATA,), (EOF,), (LOST,), (PAUSE,), (MADE, MADE), (MADE, EOF, EOF), (MADE, EOF, DATA),
    (MADE, LOST, LOST),
    (MADE, LOST, DATA), (MADE, LOST, EOF), (MADE, LOST, MADE), (MADE, PAUSE, PAUSE), (MADE, RESUME),
    (MADE, LOST, PAUSE),
    (MADE, PAUSE, LOST, RESUME)])
def test_forbidden_calls_are_refused(calls):
    protocol = StrictProtocol()
    _play(protocol, *calls[:-1])
    with pytest.raises(AssertionError):
        _play(protocol, calls[-1])


@pytest.mark.parametrize('data', [b'', u'text', bytearray(b'x'), None], ids=repr)
def test_data_is_bytes_and_never_empty(data):
    protocol = StrictProtocol()
    protocol.connection_made(None)
    with pytest.raises(AssertionError):
        protocol.data_received(data)


@pytest.mark.parametrize('hook, outer, inner', [
    ('made', MADE, DATA), ('received', DATA, DATA), ('received', DATA, LOST), ('ended', EOF, LOST),
    ('received', DATA, EOF)])
def test_nested_calls_are_refused(hook, outer, inner):
    protocol = StrictProtocol()
    seen = []

    def nest(*_args):
        with pytest.raises(AssertionError) as caught:
            _play(protocol, inner)
        seen.append(str(caught.value))

    if outer is not MADE:
        protocol.connection_made(None)
    setattr(protocol, hook, nest)
    _play(protocol, outer)
    assert len(seen) == 1 and 'L3' in seen[0]


def test_pause_and_resume_may_nest():
    protocol = StrictProtocol()
    protocol.connection_made(None)
    protocol.received = lambda data: _play(protocol, PAUSE, RESUME)
    protocol.data_received(b'x')
    assert protocol.calls[1:] == ['data_received', 'pause_writing', 'resume_writing']


def test_the_protocol_keeps_what_it_got():
    protocol = StrictProtocol()
    transport = object()
    fault = ValueError()
    protocol.connection_made(transport)
    assert protocol.transport is transport
    assert not protocol.eof_received()
    protocol.connection_lost(fault)
    assert protocol.lost_with is fault
    keeper = StrictProtocol()
    keeper.keep_open = True
    keeper.connection_made(transport)
    assert keeper.eof_received() is True
