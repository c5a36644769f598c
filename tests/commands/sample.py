# Copyright the carryall authors.  See LICENSE.
"""A service type for the tests of the commands: it echoes, and counts its reloads in a file."""
from __future__ import absolute_import, division, print_function

import os

from carryall.app.endpoints import parse_endpoint
from carryall.core.errors import CarryallError
from carryall.app.options import Endpoint, Flag, Option, Path, Schema
from carryall.core.net.protocol import Protocol
from carryall.app.servicetypes import ServiceType
from carryall.app.service import StreamServer


class Echo(Protocol):
    """Sends back what comes."""

    def data_received(self, data):
        self.transport.write(data)


class Sample(StreamServer):
    """The service."""

    def __init__(self, values):
        StreamServer.__init__(self, 'sample', Echo, [parse_endpoint(values.port)])
        self.values = values

    def start(self, loop):
        if self.values.refuse:
            raise CarryallError(u'the sample refuses to start')
        if self.values.crash:
            raise ZeroDivisionError('the sample crashes')
        StreamServer.start(self, loop)
        if self.values.crash_later:
            loop.run = self.crash

    def crash(self):
        """Raises an error from the loop itself, as a broken loop would."""
        raise ZeroDivisionError('the sample crashes later')

    def reload(self):
        if self.values.reloads is not None:
            with open(self.values.reloads, 'ab') as target:
                target.write(b'%d %d\n' % (os.getpid(), os.getuid() if hasattr(os, 'getuid')
                                           else 0))


class SampleType(ServiceType):
    """Its type."""

    name = 'sample'
    summary = 'echo and count, for the tests of the commands'
    options = Schema([
        Option('port', Endpoint(('tcp', 'unix')), short='p', default='tcp:0:interface=127.0.0.1',
               help='where to listen'),
        Option('reloads', Path('new'), help='file for a line at each reload'),
        Option('path', Path('folder'), help='must be there'),
        Flag('refuse', help='refuse to start'),
        Flag('crash', help='crash while starting'),
        Flag('crash-later', help='crash while serving')])

    def make(self, values):
        return Sample(values)


TYPE = SampleType()
