# Copyright the carryall authors.  See LICENSE.
"""The PB server for tests, as an object."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.testservers import LocalRunner, PBServer
from tests.house.testservers.clients import Client


@pytest.fixture(scope='module')
def runner():
    """One for all tests here."""
    with LocalRunner() as made:
        yield made


def test_pb_server_answers_a_client(runner):
    with PBServer(runner) as server:
        with Client(server.address) as client:
            assert client.read(b'.*none')
