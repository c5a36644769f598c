# Copyright the carryall authors.  See LICENSE.
"""ServersMixin: servers for the tests of a unittest.TestCase.

    class Tests(ServersMixin, unittest.TestCase):
        servers = {'mail': MailServer, 'web': HTTPServer}

        def test_report(self):
            send_report(self.mail.host, self.mail.port)
            self.assertEqual(len(self.mail.wait(1)), 1)

Tests:    tests/house/testservers/test_unittestmixin.py
"""
from __future__ import absolute_import, division, print_function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict

__all__ = ['ServersMixin']


class ServersMixin(object):
    """Starts servers before each test and ends them behind it; comes before TestCase.

    Attributes:
        servers: name of an attribute -> class of server.
    """

    servers = {}                # type: Dict[str, Any]

    def setUp(self):
        """Starts the servers."""
        super(ServersMixin, self).setUp()           # type: ignore
        for name, cls in sorted(self.servers.items()):
            setattr(self, name, self.start_server(cls))

    def start_server(self, cls, **options):
        # type: (Any, **Any) -> Any
        """A server with these options, which ends behind the test."""
        server = cls(**options)
        self.addCleanup(server.close)               # type: ignore
        return server.start()
