# Copyright the carryall authors.  See LICENSE.
"""The client: connections, redirects, cookies, credentials (RFC 9110, 9112)."""
from __future__ import absolute_import, division, print_function

from carryall.protocols.http.client.client import HTTPClient, Timeouts

__all__ = ['HTTPClient', 'Timeouts']
