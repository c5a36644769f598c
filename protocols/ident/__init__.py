# Copyright the carryall authors.  See LICENSE.
"""Ident: which user of the client's machine owns a connection, server and client (RFC 1413)."""
from __future__ import absolute_import, division, print_function

from carryall.protocols.ident.ident import (HIDDEN_USER, NO_USER, IdentClient, IdentError,
                                            IdentServer, Identity, fetch)

__all__ = ['HIDDEN_USER', 'IdentClient', 'IdentError', 'IdentServer', 'Identity', 'NO_USER', 'fetch']
