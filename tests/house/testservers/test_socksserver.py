# Copyright the carryall authors.  See LICENSE.
"""The proxy for tests, as an object."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.testservers import LocalRunner, SOCKSServer
from tests.house.testservers.clients import Client


@pytest.fixture(scope='module')
def runner():
    """One for all tests here."""
    with LocalRunner() as made:
        yield made


def test_socks_refuses_on_command(runner):
    with SOCKSServer(runner) as server:
        server.fail(b'\x05*', b'\x05\x07')
        with Client(server.address) as client:
            assert client.ask(b'\x05\x01\x01', b'.*\x07') == b'\x05\x07'
