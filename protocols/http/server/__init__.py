# Copyright the carryall authors.  See LICENSE.
"""The server: connections, requests, replies, authentication (RFC 9110, 9112)."""
from __future__ import absolute_import, division, print_function

from carryall.protocols.http.server.server import HTTPServer

__all__ = ['HTTPServer']
