# Copyright the carryall authors.  See LICENSE.
"""ReadinessLoop: the loop over a Poller and the channels that go with it.

Tests:    tests/contract/ (all laws, over every poller)
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import ConnectFailed, ListenFailed
from carryall.core.future import failed
from carryall.core.net.loop import BACKLOG
from carryall.runtimes import tls
from carryall.runtimes.machine import MachineLoop
from carryall.runtimes.readiness.datagram import ReadinessDatagramTransport
from carryall.runtimes.readiness.stream import Connecting, StreamListener, StreamTransport

__all__ = ['ReadinessLoop']


class ReadinessLoop(MachineLoop):
    """One thread that waits for readiness.

    Args:     poller: how to wait.
              channels: the module that opens channels for it (``bsd``, or
                        ``carryall.runtimes.jvm.nio``).
    """

    def __init__(self, poller, channels):
        # type: (Any, Any) -> None
        MachineLoop.__init__(self)
        self.backend = poller.name
        self.caps = channels.capabilities(signals=True, subprocesses=True, tls=tls.available())
        self.poller = poller
        self._channels = channels
        # The poller's own bound methods: a turn pays no call of ours around them.
        self.poll = poller.dispatch        # type: ignore
        self.wake = poller.wake            # type: ignore

    def listen_tcp(self, factory, host='127.0.0.1', port=0, backlog=BACKLOG, reuse_port=False):
        self.check_open()
        channel = self._watchable(self._channels.listen_tcp(host, port, backlog, reuse_port),
                                  ListenFailed)
        return StreamListener(self, channel, factory)

    def listen_unix(self, factory, path, mode=0o600, backlog=BACKLOG):
        self.check_open()
        self.caps.require('unix')
        channel = self._watchable(self._channels.listen_unix(path, mode, backlog), ListenFailed)
        return StreamListener(self, channel, factory)

    def open_udp(self, factory, host='127.0.0.1', port=0, remote=None, reuse_port=False):
        self.check_open()
        self.caps.require('udp')
        channel = self._watchable(self._channels.open_udp(host, port, remote, reuse_port),
                                  ListenFailed)
        try:
            protocol = factory()
        except BaseException:
            channel.close()
            raise
        return ReadinessDatagramTransport(self, channel, protocol)

    def open_connection(self, factory, address, timeout, local):
        try:
            channel = self._watchable(self._channels.connect(address, local), ConnectFailed)
        except ConnectFailed as exc:
            # Known at once, told like any other: connect_* always gives a Future.
            return failed(exc)
        return Connecting(self, channel, address, timeout).future.then(
            lambda done: self._begin(factory, done))

    def _watchable(self, channel, kind):
        # type: (Any, Any) -> Any
        """*channel*, unless its descriptor is above what the poller can watch: then it is closed
        and *kind* is raised."""
        highest = self.poller.max_descriptor
        if highest is not None and channel.fileno() > highest:
            channel.close()
            raise kind(u'this backend cannot watch more than %d descriptors' % (highest + 1))
        return channel

    def _begin(self, factory, channel):
        # type: (Callable[[], Any], Any) -> Tuple[StreamTransport, Any]
        try:
            protocol = factory()
        except BaseException:
            channel.close(True)
            raise
        transport = StreamTransport(self, channel, protocol)
        transport.begin()
        return transport, protocol

    def spawn(self, factory, argv, cwd=None, env=None, group=False, input=True):
        if not getattr(self._channels, 'PIPES', False):
            return MachineLoop.spawn(self, factory, argv, cwd, env, group, input)
        self.check_open()
        self.caps.require('subprocesses')
        from carryall.runtimes.readiness.childpipes import spawn
        return spawn(self, factory, argv, cwd, env, group, input)

    def signal_descriptor(self):
        return self.poller.signal_descriptor()

    def release(self):
        self.poller.close()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Tuple
