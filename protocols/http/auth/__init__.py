# Copyright the carryall authors.  See LICENSE.
"""Logins on the server's side: Basic and Digest (RFC 7617, 7616)."""
from __future__ import absolute_import, division, print_function

from carryall.protocols.http.auth.digestauth import (ALGORITHMS, FRESH, STALE, WRONG, Answer,
                                                     Digest, digest_key)
from carryall.protocols.http.auth.serverauth import (Authorization, basic_challenge,
                                                     parse_authorization, parse_basic)

__all__ = ['ALGORITHMS', 'Answer', 'Authorization', 'Digest', 'FRESH', 'STALE', 'WRONG',
           'basic_challenge', 'digest_key', 'parse_authorization', 'parse_basic']
