# Copyright the carryall authors.  See LICENSE.
"""The finger server for tests, as an object."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.testservers import FingerServer, LocalRunner
from tests.house.testservers.clients import Client


@pytest.fixture(scope='module')
def runner():
    """One for all tests here."""
    with LocalRunner() as made:
        yield made


def test_finger_tells_of_people_that_are_made_up(runner):
    with FingerServer(runner) as server:
        server.add('ann', name=u'Ann B', plan=u'sail')
        with Client(server.address) as client:
            answer = client.ask(b'ann', b'sail')
        assert b'Ann B' in answer
