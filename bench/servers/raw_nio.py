# Copyright the carryall authors.  See LICENSE.
"""The limit of Jython: a java.nio Selector loop with canned work and no protocol, no limits,
no timers.

    raw_nio.py hello | echo | accept          as raw_epoll.py
"""
from __future__ import absolute_import, division, print_function

import sys

import jarray
from java.net import InetSocketAddress, StandardProtocolFamily, StandardSocketOptions
from java.io import IOException
from java.nio import ByteBuffer
from java.nio.channels import SelectionKey, Selector, ServerSocketChannel
from org.python.core import Py
from org.python.core.util import StringUtil

from canned import RECV_BYTES, RESPONSE


class Accepting(object):
    """The listener's end of the selector."""

    def __init__(self, loop, channel):
        self.loop = loop
        self.channel = channel

    def ready(self, _key):
        """Takes every waiting connection."""
        while True:
            channel = self.channel.accept()
            if channel is None:
                return
            channel.configureBlocking(False)
            channel.setOption(StandardSocketOptions.TCP_NODELAY, True)
            channel.register(self.loop.selector, SelectionKey.OP_READ,
                             self.loop.kind(self.loop, channel))


class Echo(object):
    """Sends back what came."""

    def __init__(self, loop, channel):
        self.loop = loop
        self.channel = channel
        self.left = b''

    def ready(self, key):
        """Reads once and answers."""
        loop = self.loop
        loop.buffer.clear()
        try:
            count = self.channel.read(loop.buffer)
            if count > 0:
                self.work(Py.newString(StringUtil.fromBytes(loop.array, 0, count)))
                return
        except IOException:
            pass
        key.cancel()
        self.channel.close()

    def work(self, data):
        """Echoes data."""
        self.channel.write(ByteBuffer.wrap(StringUtil.toBytes(data)))


class Hello(Echo):
    """Answers complete request heads with the canned response."""

    def work(self, data):
        """Answers every complete head."""
        data = self.left + data
        count = data.count(b'\r\n\r\n')
        if count:
            self.channel.write(ByteBuffer.wrap(StringUtil.toBytes(RESPONSE * count)))
            data = data[data.rindex(b'\r\n\r\n') + 4:]
        self.left = data


class Loop(object):
    """One selector and one read buffer."""

    def __init__(self, kind):
        self.kind = kind
        self.selector = Selector.open()
        self.array = jarray.zeros(RECV_BYTES, 'b')
        self.buffer = ByteBuffer.wrap(self.array)

    def serve(self):
        """Accepts on a free loopback port, prints it, and answers for ever."""
        listener = ServerSocketChannel.open(StandardProtocolFamily.INET)
        listener.bind(InetSocketAddress('127.0.0.1', 0), 4096)
        listener.configureBlocking(False)
        listener.register(self.selector, SelectionKey.OP_ACCEPT, Accepting(self, listener))
        print(listener.socket().getLocalPort())
        sys.stdout.flush()
        while True:
            self.selector.select(1000)
            keys = self.selector.selectedKeys()
            ready = keys.toArray()
            keys.clear()
            for key in ready:
                key.attachment().ready(key)


if __name__ == '__main__':
    Loop(Echo if sys.argv[1] == 'echo' else Hello).serve()
