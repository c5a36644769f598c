# Copyright the carryall authors.  See LICENSE.
"""Requests and logins that are told to an Activity."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.activity import Activity, activity_of, note_login, source_of, tell
from carryall.core.metrics import LOGIN_FAILED, LOGIN_SUCCEEDED, metrics_of
from carryall.core.net.transport import Address
from carryall.core.testing import FakeTransport, VirtualLoop
from tests.support.activity import watch


@pytest.fixture
def loop():
    return VirtualLoop()


def _transport(loop):
    return FakeTransport(loop, peername=Address('192.0.2.1', 4242),
                         counters=metrics_of(loop).listener('x'))


def test_a_loop_has_no_activity_unless_it_is_given_one(loop):
    assert activity_of(loop) is None


def test_nothing_happens_without_an_activity(loop):
    assert tell(_transport(loop), u'GET') is None


def test_a_connection_without_a_server_has_no_activity():
    assert tell(FakeTransport(VirtualLoop()), u'GET') is None


def test_an_activity_is_told_the_listener_and_the_client(loop):
    told = watch(loop)
    tell(_transport(loop), u'GET', u'ok', 7, 0.5)
    assert told.rows == [(u'x', u'192.0.2.1', u'GET', u'ok', 7, True)]


def test_an_account_stands_before_the_address():
    assert source_of(Address('192.0.2.1', 1), u'ann\n') == u'ann\\n@192.0.2.1'


@pytest.mark.parametrize('result, well', [(LOGIN_SUCCEEDED, True), (LOGIN_FAILED, False)])
def test_a_login_is_told_with_its_result(loop, result, well):
    told = watch(loop)
    note_login(_transport(loop), result, b'ann')
    assert told.rows == [(u'x', u'192.0.2.1', u'login ann', result, None, well)]


def test_a_login_is_counted_too(loop):
    transport = _transport(loop)
    note_login(transport, LOGIN_FAILED, u'')
    assert metrics_of(loop).listener('x').logins[LOGIN_FAILED].value == 1


def test_the_base_class_records_nothing():
    with pytest.raises(NotImplementedError):
        Activity().record(u'x', u'y', u'z')


@pytest.mark.parametrize('address, source', [(Address('/run/x', None), u'unix'), (None, u'-')])
def test_a_client_without_a_host_is_named_so(address, source):
    assert source_of(address) == source
