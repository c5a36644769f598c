# Copyright the carryall authors.  See LICENSE.
"""Perspective Broker: one program calls the objects of another, on any runtime (Twisted's protocol,
version 6).

    class Adder(pb.Root):
        def remote_add(self, left, right):
            return left + right

    loop.listen_tcp(lambda: pb.Broker(loop, Adder()), '127.0.0.1', pb.PORT)

    @coroutine
    def ask(loop):
        broker = yield pb.connect(loop, '127.0.0.1', pb.PORT)
        answer = yield broker.remote().call_remote('add', 2, 3)
        print(answer)

The layers from the bottom: banana.py (octets), jelly.py and unjelly.py (data), flavors.py
(objects), broker.py (calls).  Built on calls are introductions.py, logins.py, pager.py,
bytestream.py and sturdy.py.

On Jython keep each ``yield`` a statement of its own: the JVM's verifier rejects some that are part
of a larger expression.
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.pb.broker import PORT, VERSION, Broker, Live
from carryall.protocols.pb.challenge import HashedResponse, MD5Checker
from carryall.protocols.pb.client import connect, connect_tls, connect_unix, connect_websocket
from carryall.protocols.pb.failures import (DeadReference, Error, NoSuchMethod, PBError,
                                            RemoteError, Unauthorized, Unavailable)
from carryall.protocols.pb.flavors import (Avatar, Cacheable, Copyable, Forwarder, Referenceable,
                                           RemoteCache, RemoteCacheObserver, RemoteCopy, Root,
                                           Viewable, ViewPoint)
from carryall.protocols.pb.introductions import (INTRODUCTION_TAG, Introduction, Introductions,
                                                 hand_over)
from carryall.protocols.pb.settings import SIZE_LIMIT, Limits, Settings
from carryall.protocols.pb.logins import LoginRoot, login
from carryall.protocols.pb.pager import (CallbackPageCollector, file_pages, get_all_pages,
                                         send_pages, string_pages)
from carryall.protocols.pb.remotereference import RemoteReference, scoped
from carryall.protocols.pb.security import InsecureJelly, Registry, SecurityOptions, Unpersistable
from carryall.protocols.pb.bytestream import ByteSource, FileSource, RemoteStream
from carryall.protocols.pb.sturdy import SturdyReference

__all__ = ['Avatar', 'Broker', 'ByteSource', 'Cacheable', 'CallbackPageCollector', 'Copyable',
           'DeadReference', 'Error', 'FileSource', 'Forwarder', 'HashedResponse',
           'INTRODUCTION_TAG', 'InsecureJelly', 'Introduction', 'Introductions', 'Limits', 'Live',
           'LoginRoot', 'MD5Checker', 'NoSuchMethod', 'PBError', 'PORT', 'Referenceable',
           'Registry', 'RemoteCache', 'RemoteCacheObserver', 'RemoteCopy', 'RemoteError',
           'RemoteReference', 'RemoteStream', 'Root', 'SIZE_LIMIT', 'SecurityOptions', 'Settings',
           'SturdyReference', 'Unauthorized', 'Unavailable', 'Unpersistable', 'VERSION',
           'ViewPoint', 'Viewable', 'connect', 'connect_tls', 'connect_unix', 'connect_websocket',
           'file_pages', 'get_all_pages', 'hand_over', 'login', 'scoped', 'send_pages',
           'string_pages']
