# Copyright the carryall authors.  See LICENSE.
"""Providers of TLS: OpenSSL through the standard library, and the JDK's JSSE.

A *provider* has ``name``, ``compile(context, server_side)``, which reads the files of a TLSContext,
and ``session(compiled, server_side, hostname)``.  A *session* is one end of one connection,
bytes in and bytes out:

    start()             a client says hello
    receive(octets)     what the peer sent; returns the plaintext in it
    seal(plaintext)     what must be sent for it (when ``ready``), with all that waited
    take()              what else must be sent: handshake, alerts
    tickets()           of a server, when ``ready``: as take(), if no client waits for it (RFC 8446
                        section 4.6.1); else b''
    finish()            say close_notify
    rest()              when ``ended``: the octets that came behind the peer's close_notify;
                        asked for once
    over()              the connection is gone
    ready, ended        whether the handshake is over; whether the peer's close_notify came
    pending             whether ``take()`` has something
    info()              a TLSInfo, when ``ready``

``receive`` raises HandshakeFailed before ``ready`` and ConnectionLost after;
what tells the peer is then in ``take()``.

Tests:    tests/contract/test_l18_tls.py
"""
from __future__ import absolute_import, division, print_function

from carryall.runtimes.platform import ON_JVM

__all__ = ['available', 'provider']


def available():
    # type: () -> Any
    """True, or why there is no TLS here.  Imports nothing of it: that takes a tenth of a second."""
    if ON_JVM:
        return True
    try:
        from importlib.util import find_spec
    except ImportError:         # py2: its ssl module cannot work without a socket of its own
        return (u'the ssl module of Python 2.7 has no memory BIO; CPython 3, PyPy and Jython have '
                u'TLS')
    return True if find_spec('_ssl') else u'this Python was built without OpenSSL'


def provider():
    # type: () -> Any
    """The provider of this runtime; only where ``available()`` is True."""
    if ON_JVM:
        from carryall.runtimes.tls.jsse import JSSE
        return JSSE()
    from carryall.runtimes.tls.openssl import OpenSSL
    return OpenSSL()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
