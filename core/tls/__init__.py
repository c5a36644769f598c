# Copyright the carryall authors.  See LICENSE.
"""TLS as a filter between a transport and a protocol (RFC 8446, RFC 5246).

Over OpenSSL or the JDK.

    server = TLSContext(Identity('site.pem', 'site.key'), alpn=('http/1.1',))
    loop.listen_tcp(listening(loop, server, MyProtocol), port=8443)

    client = TLSContext(trust='ca.pem')
    transport, protocol = yield connect_tls(loop, client, MyClient, 'host.example', 8443)

    yield loop.start_tls(self.transport, server, server_side=True)      # STARTTLS: in place
    yield loop.stop_tls(self.transport)                                 # FTP's CCC: TLS off again

The machine's part is a *provider* in ``carryall.runtimes.tls``.  It makes sessions, bytes in and
bytes out, that own no socket, so TLS runs over every backend, Unix sockets, another TLS,
and in memory.

Tests:    tests/core/tls/, tests/contract/test_l18_tls.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.tls.connection import TLSConnection
from carryall.core.tls.context import Identity, TLSContext, TLSInfo
from carryall.core.tls.handshakes import (connect_tls, greet, listening, open_session, start_tls,
                                          stop_tls)

__all__ = ['Identity', 'TLSConnection', 'TLSContext', 'TLSInfo', 'connect_tls', 'greet',
           'listening', 'open_session', 'start_tls', 'stop_tls']
