# Copyright the carryall authors.  See LICENSE.
"""The grammar of whois: a query of one line, an answer of text, referrals (RFC 3912).

Wire:     the query and CRLF; the answer is text and ends with the connection.
Tests:    tests/protocols/whois/test_wire.py
"""
from __future__ import absolute_import, division, print_function

import re

from carryall.core.codec.numbers import decimal
from carryall.core.compat import iterbytes, native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional, Tuple

__all__ = ['MAX_QUERY', 'is_query', 'referral']

MAX_QUERY = 512             # octets; the RFC is silent

# The line that names another server; each registry has a keyword of its own.
_REFERRAL = re.compile(
    b'^[ \\t]*(?:refer|whois|Registrar WHOIS Server|ReferralServer):[ \\t]*(?:r?whois://)?'
    b'([A-Za-z0-9.-]{1,253})(?::([0-9]{1,5}))?[ \\t/\\r]*$', re.MULTILINE | re.IGNORECASE)


def is_query(text):
    # type: (bytes) -> bool
    """True if a server can be asked for *text*."""
    return 0 < len(text) <= MAX_QUERY and not any(octet < b' ' for octet in iterbytes(text))


def referral(answer):
    # type: (bytes) -> Optional[Tuple[str, int]]
    """(host, port) of the server that an answer refers to; None if it names none."""
    found = _REFERRAL.search(answer)
    if not found:
        return None
    port = decimal(found.group(2) or b'43', 65535)
    return (native(found.group(1)), port) if port else None
