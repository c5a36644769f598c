# Copyright the carryall authors.  See LICENSE.
"""Servers for the tests of a unittest.TestCase."""
from __future__ import absolute_import, division, print_function

import unittest

from carryall.testservers import ServersMixin, TCPServer
from tests.house.testservers.clients import Client


class TestMixin(ServersMixin, unittest.TestCase):
    """A user's tests."""

    servers = {'tcp': TCPServer, 'other': TCPServer}

    def test_each_attribute_is_a_server(self):
        """Two servers run."""
        self.assertNotEqual(self.tcp.port, self.other.port)
        with Client(self.tcp.address) as client:
            self.assertEqual(client.ask(b'hello'), b'hello\r\n')

    def test_a_server_is_started_in_the_test(self):
        """It has its options."""
        server = self.start_server(TCPServer, greeting=u'hi\r\n')
        with Client(server.address) as client:
            self.assertEqual(client.read(), b'hi\r\n')


def test_the_servers_end_behind_the_test():
    test = TestMixin('test_each_attribute_is_a_server')
    result = unittest.TestResult()
    test.run(result)
    assert result.wasSuccessful()
    assert not test.tcp.started
