# Copyright the carryall authors.  See LICENSE.
"""Finger: the users of a machine, and what they tell about themselves (RFC 1288).

A finger client has one command and no session: `fetch` takes the place of `connect`.
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.finger.client import PORT, FingerClient, fetch
from carryall.protocols.finger.errors import FingerError
from carryall.protocols.finger.server import Directory, FingerServer
from carryall.protocols.finger.settings import Settings
from carryall.protocols.finger.wire import MAX_HOPS, Query, clean, format_query, parse_query

__all__ = ['Directory', 'FingerClient', 'FingerError', 'FingerServer', 'MAX_HOPS', 'PORT', 'Query',
           'Settings', 'clean', 'fetch', 'format_query', 'parse_query']
