# Copyright the carryall authors.  See LICENSE.
"""Ident: which user of the client's machine owns a connection, server and client (RFC 1413).

An ident client has one command and no session: `fetch` takes the place of `connect`.
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.ident.client import IdentClient, ask, fetch
from carryall.protocols.ident.errors import IdentError
from carryall.protocols.ident.server import IdentServer, Lookup
from carryall.protocols.ident.settings import PORT, Settings
from carryall.protocols.ident.wire import (HIDDEN_USER, MAX_QUERY, NO_USER, Identity, parse_query,
                                           parse_reply)

__all__ = ['HIDDEN_USER', 'IdentClient', 'IdentError', 'IdentServer', 'Identity', 'Lookup',
           'MAX_QUERY', 'NO_USER', 'PORT', 'Settings', 'ask', 'fetch', 'parse_query', 'parse_reply']
