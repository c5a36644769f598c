# Copyright the carryall authors.  See LICENSE.
"""The half sentences that say what to do about an error."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.app.options import Endpoint, Option, Schema
from carryall.commands.remedies import free_port, with_remedy
from carryall.core.errors import IN_USE, NOT_OURS, NOT_PERMITTED, ListenFailed
from carryall.core.net.protocol import Protocol
from carryall.core.net.transport import Address
from carryall.core.testing import VirtualLoop

SCHEMA = Schema([Option('port', Endpoint(), short='p', default='tcp:8080'),
                 Option('smtp', Endpoint(), short='s', default='tcp:8025')])
REPEATED = Schema([Option('port', Endpoint(), short='p', repeat=True)])


def _remedied(why, port=8080, words=(), schema=SCHEMA, host='127.0.0.1', loop=None):
    fault = ListenFailed(u'no', None, Address(host, port), why)
    return with_remedy(fault, schema, schema.parse(list(words)),
                       lambda: loop or VirtualLoop()).message


@pytest.mark.parametrize('port, words, schema, hint', [
    (8080, [], SCHEMA, u'try -p 8081'),
    (8025, [], SCHEMA, u'try --smtp 8026'),
    (9000, ['-p', '9000'], SCHEMA, u'try -p 9001'),
    (9000, ['-p', 'tcp:9000:interface=0.0.0.0'], SCHEMA, u'try -p tcp:9001:interface=0.0.0.0'),
    (8080, [], REPEATED, u'try -p 8081'),
    (7000, ['-p', '7000'], REPEATED, u'try -p 7001')])
def test_a_port_in_use_gets_another_one(port, words, schema, hint):
    assert _remedied(IN_USE, port, words, schema) == u'no; ' + hint


def test_the_port_that_is_named_is_free():
    loop = VirtualLoop()
    loop.listen_tcp(Protocol, '127.0.0.1', 8081)
    assert _remedied(IN_USE, loop=loop) == u'no; try -p 8082'


def test_no_port_is_named_if_none_is_free():
    loop = VirtualLoop()
    for port in range(9001, 9051):
        loop.listen_tcp(Protocol, '127.0.0.1', port)
    assert free_port(lambda: loop, '127.0.0.1', 9001) is None


def test_a_privileged_port_gets_one_that_is_not():
    assert _remedied(NOT_PERMITTED, 80, ['-p', '80']) \
        == u'no; try -p 8080 (a port below 1024 needs root)'


def test_a_foreign_address_is_told():
    assert u'127.0.0.1 is' in _remedied(NOT_OURS, host='192.0.2.1')


def test_another_reason_has_no_remedy():
    assert _remedied(None) == u'no'


def test_a_listener_of_no_option_has_no_remedy():
    assert _remedied(IN_USE, 1234) == u'no'


def test_a_unix_socket_has_no_remedy():
    fault = ListenFailed(u'no', None, Address('/run/x', None), IN_USE)
    assert with_remedy(fault, SCHEMA, SCHEMA.parse([]), VirtualLoop) is fault
