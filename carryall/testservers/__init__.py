# Copyright the carryall authors.  See LICENSE.
"""Servers for tests, as objects: context managers, in unittest, and as fixtures of pytest.

    with HTTPServer() as server:
        server.respond('/a', json={'b': 1}, delay=0.5)
        server.fail('GET /c', cut=True)
        ...
        server.assert_requested('/a', times=1)

All have ``host port url ca``, ``stop() restart() reset()`` and ``fail(...)``.  They run in this
process, or with ``CARRYALL_RUNTIME=pypy3`` (a runtime, a path, an artifact) in another one.  Each
option can be an environment variable: ``CARRYALL_MAIL_SERVER_PORT=2525``.

    HTTPServer HTTPSServer     webserver            FingerServer         fingerserver
    MailServer                 mailserver           TelnetServer         telnetserver
    SMTPServer POP3Server      mailserver           SOCKSServer          socksserver
    FTPServer                  fileserver           PBServer             pbserver
    WebSocketServer            websocketserver      SimpleServer         simpleserver
    TCPServer                  anyserver            PortForwardServer    portforwardserver
    TypeServer: any type       anyserver            ServersMixin         unittestmixin
    LocalRunner                localrunner          ChildRunner          childrunner

The classes of a protocol come from the modules that the fixtures of its manifest name.

The fixtures of pytest are in carryall.pytest_plugin; doc/howto/testing.md shows all of it.
Tests:    tests/house/testservers/test_server.py
"""
from __future__ import absolute_import, division, print_function

from carryall.commands.catalogue import FIXTURES
from carryall.testservers.anyserver import TCPServer, TypeServer
from carryall.testservers.childrunner import ChildRunner
from carryall.testservers.localrunner import LocalRunner
from carryall.testservers.server import FaultHandle, NotArrived, Server
from carryall.testservers.unittestmixin import ServersMixin
from carryall.testservers.webserver import (Expectation, HTTPServer, HTTPSServer,
                                            ReceivedRequest)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    def __getattr__(name):
        # type: (str) -> Any
        """A class that ``_add_classes`` adds."""

__all__ = ['ChildRunner', 'Expectation', 'FaultHandle', 'HTTPSServer', 'HTTPServer', 'LocalRunner',
           'NotArrived', 'ReceivedRequest', 'Server', 'ServersMixin', 'TCPServer', 'TypeServer']


def _add_classes():
    # type: () -> None
    """Adds the public names of each module with the class of a fixture."""
    for module in sorted(set(row[1].partition(':')[0] for row in FIXTURES)):
        found = __import__(module, None, None, ['__all__'])
        for name in found.__all__:
            globals()[name] = getattr(found, name)
            if name not in __all__:
                __all__.append(name)


_add_classes()
