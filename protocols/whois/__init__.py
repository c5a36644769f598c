# Copyright the carryall authors.  See LICENSE.
"""Whois: one line asked, text answered (RFC 3912).

A whois client has one command and no session: `fetch` takes the place of `connect`.
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.whois.client import PORT, ROOT, WhoisClient, fetch, follow
from carryall.protocols.whois.errors import WhoisError
from carryall.protocols.whois.server import Records, WhoisServer
from carryall.protocols.whois.settings import Settings
from carryall.protocols.whois.wire import referral

__all__ = ['PORT', 'ROOT', 'Records', 'Settings', 'WhoisClient', 'WhoisError', 'WhoisServer',
           'fetch', 'follow', 'referral']
