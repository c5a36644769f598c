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

    HTTPServer HTTPSServer              webserver       WebSocketServer TCPServer       anyserver
    MailServer SMTPServer POP3Server    mailserver      TelnetServer FingerServer       anyserver
    FTPServer                           fileserver      SOCKSServer PBServer            anyserver
    SimpleServer PortForwardServer      anyserver       TypeServer: any other type      anyserver
    ServersMixin                        unittestmixin   LocalRunner ChildRunner

The fixtures of pytest are in carryall.pytest_plugin; doc/howto/testing.md shows all of it.
"""
from __future__ import absolute_import, division, print_function

from carryall.testservers.anyserver import (FingerServer, PBServer, PortForwardServer,
                                            SimpleServer, SOCKSServer, TCPServer, TelnetServer,
                                            TypeServer, WebSocketServer)
from carryall.testservers.childrunner import ChildRunner
from carryall.testservers.fileserver import FTPServer, Transfer
from carryall.testservers.localrunner import LocalRunner
from carryall.testservers.mailserver import MailServer, POP3Server, ReceivedMessage, SMTPServer
from carryall.testservers.server import FaultHandle, NotArrived, Server
from carryall.testservers.unittestmixin import ServersMixin
from carryall.testservers.webserver import (Expectation, HTTPServer, HTTPSServer,
                                            ReceivedRequest)

__all__ = ['ChildRunner', 'Expectation', 'FTPServer', 'FaultHandle', 'FingerServer', 'HTTPSServer',
           'HTTPServer', 'LocalRunner', 'MailServer', 'NotArrived', 'PBServer', 'POP3Server',
           'PortForwardServer', 'ReceivedMessage', 'ReceivedRequest', 'SMTPServer', 'SOCKSServer',
           'Server', 'ServersMixin', 'SimpleServer', 'TCPServer', 'TelnetServer', 'Transfer',
           'TypeServer', 'WebSocketServer']
