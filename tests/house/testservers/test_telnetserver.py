# Copyright the carryall authors.  See LICENSE.
"""The Telnet server for tests, as an object."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall import telnetlib
from carryall.testservers import LocalRunner, TelnetServer

SECONDS = 20


@pytest.fixture(scope='module')
def runner():
    """One for all tests here."""
    with LocalRunner() as made:
        yield made


def test_telnet_lets_its_account_in(runner):
    with TelnetServer(runner, user='ann', password='x') as server:
        assert server.login == ('ann', 'x')
        client = telnetlib.Telnet(server.host, server.port, SECONDS)
        try:
            client.read_until(b': ', SECONDS)
            client.write(b'ann\r\n')
            client.read_until(b': ', SECONDS)
            client.write(b'x\r\n')
            assert b'Python' in client.read_until(b'>>> ', SECONDS)
        finally:
            client.close()
