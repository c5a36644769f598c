# Copyright the carryall authors.  See LICENSE.
"""Perspective Broker: objects of one program called from another, on whatever runtime (Twisted's protocol, version 6).

    class Adder(pb.Root):
        def remote_add(self, left, right):
            return left + right

    loop.listen_tcp(lambda: pb.Broker(loop, Adder()), '127.0.0.1', pb.PORT)

    @coroutine
    def ask(loop):
        broker = yield pb.connect(loop, '127.0.0.1', pb.PORT)
        print((yield broker.remote().call_remote('add', 2, 3)))

From the bottom: banana.py (octets), jelly.py and unjelly.py (data), flavors.py (objects), broker.py (calls), and what is
built of calls: login.py, pager.py, stream.py, sturdy.py.
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.pb.broker import PORT, VERSION, Broker, Live
from carryall.protocols.pb.failures import DeadReference, Error, NoSuchMethod, RemoteError, Unauthorized
from carryall.protocols.pb.flavors import (Avatar, Cacheable, Copyable, Forwarder, Referenceable, RemoteCache,
                                           RemoteCacheObserver, RemoteCopy, Root, Viewable, ViewPoint)
from carryall.protocols.pb.limits import SIZE_LIMIT, Limits
from carryall.protocols.pb.reference import RemoteReference, scoped
from carryall.protocols.pb.security import InsecureJelly, Registry, SecurityOptions, Unpersistable

__all__ = ['Avatar', 'Broker', 'Cacheable', 'Copyable', 'DeadReference', 'Error', 'Forwarder', 'InsecureJelly', 'Limits', 'Live',
           'NoSuchMethod', 'PORT', 'Referenceable', 'Registry', 'RemoteCache', 'RemoteCacheObserver', 'RemoteCopy', 'RemoteError',
           'RemoteReference', 'Root', 'SIZE_LIMIT', 'SecurityOptions', 'Unauthorized', 'Unpersistable', 'VERSION', 'ViewPoint',
           'Viewable', 'scoped']
