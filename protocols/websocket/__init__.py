# Copyright the carryall authors.  See LICENSE.
"""WebSocket, server and client (RFC 6455, 7692)."""
