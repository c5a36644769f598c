# Copyright the carryall authors.  See LICENSE.
"""Whois: one line asked, text answered (RFC 3912).

Wire:     the query and CRLF; the answer is text, its end the connection's.
States:   query -> answer -> closed
Not here: the records; what looks them up is handed in.
Tests:    tests/protocols/test_whois.py
"""
from __future__ import absolute_import, division, print_function

import re

from carryall.core.compat import iterbytes, native
from carryall.core.errors import RemoteProtocolError
from carryall.core.future import Return, coroutine, with_timeout
from carryall.core.codec.numbers import decimal
from carryall.protocols.finger import FingerClient, FingerServer, Query

__all__ = ['WhoisClient', 'WhoisServer', 'fetch', 'follow', 'referral']

# -- limits ------------------------------------------------------------------
MAX_QUERY = 512             # octets; ours
MAX_REFERRALS = 4           # servers that are asked one after the other; ours
SECONDS = 60.0              # for one server; ours
ROOT = 'whois.iana.org'     # knows who is responsible for each name and network

# What a server says about another one that knows more; each registry has its own words.
_REFERRAL = re.compile(b'^[ \\t]*(?:refer|whois|Registrar WHOIS Server|ReferralServer):[ \\t]*(?:r?whois://)?'
                       b'([A-Za-z0-9.-]{1,253})(?::([0-9]{1,5}))?[ \\t/\\r]*$', re.MULTILINE | re.IGNORECASE)


class WhoisServer(FingerServer):
    """Answers one query.

    Args:     directory: has ``answer(text, verbose, host)``, as finger's has; *verbose* is always true.
    """

    max_line = MAX_QUERY

    def line_received(self, line):
        # The same dialogue, but for the grammar: all of the line is the query (RFC 3912 section 2).
        text = (line[:-1] if line[-1:] == b'\r' else line).strip()
        self.answer_query(Query(text, (), True) if text and not any(octet < b' ' for octet in iterbytes(text)) else None, text)


class WhoisClient(FingerClient):
    """Asks one query; ``answer`` is a Future of the bytes that come back."""

    def connection_made(self, transport):
        self.transport = transport
        transport.write(self._query.user + b'\r\n')


def fetch(loop, text, host, port=43, seconds=SECONDS):
    # type: (Any, bytes, str, int, float) -> Future
    """Ask *host*; a Future of the answer's bytes.  RemoteProtocolError: the query has a line end in it, or is too long."""
    if b'\r' in text or b'\n' in text or not 0 < len(text) <= MAX_QUERY:
        raise RemoteProtocolError(u'a whois query is one line of at most %d octets' % MAX_QUERY)
    asked = loop.connect_tcp(lambda: WhoisClient(Query(text)), host, port, seconds)
    return with_timeout(loop, asked.then(lambda made: made[1].answer), seconds, u'%s does not answer' % host)


def referral(answer):
    # type: (bytes) -> Optional[Tuple[str, int]]
    """(host, port) of the server that an answer names as the one that knows more; None if it names none."""
    found = _REFERRAL.search(answer)
    if not found:
        return None
    port = decimal(found.group(2) or b'43', 65535)
    return (native(found.group(1)), port) if port else None


@coroutine
def follow(loop, text, host=ROOT, port=43, seconds=SECONDS):
    # type: (Any, bytes, str, int, float) -> Any
    """Ask *host* and then whom it names, and so on; a Future of [(host, port, answer)]."""
    found = []                      # type: List[Tuple[str, int, bytes]]
    while len(found) <= MAX_REFERRALS:
        answer = yield fetch(loop, text, host, port, seconds)
        found.append((host, port, answer))
        place = referral(answer)
        if place is None or place in [each[:2] for each in found]:
            break
        host, port = place
    raise Return(found)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Tuple
    from carryall.core.future import Future
