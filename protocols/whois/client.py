# Copyright the carryall authors.  See LICENSE.
"""The whois client, and how it follows referrals (RFC 3912).

Tests:    tests/protocols/whois/test_client.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import LocalProtocolError
from carryall.core.future import Return, coroutine
from carryall.core.net.collector import Collector, collect
from carryall.protocols.whois.wire import MAX_QUERY, is_query, referral

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Tuple
    from carryall.core.future import Future

__all__ = ['PORT', 'ROOT', 'WhoisClient', 'fetch', 'follow']

PORT = 43
ROOT = 'whois.iana.org'     # knows the registry of each name and network

# -- limits ------------------------------------------------------------------
MAX_ANSWER = 1 << 20        # octets that a client accepts; the RFC is silent
MAX_REFERRALS = 4           # servers that are asked one after the other; the RFC is silent
SECONDS = 60.0              # for one server; the RFC is silent


class WhoisClient(Collector):
    """Asks one query.

    Args:     text: bytes.

    Attributes:
        answer: a Future of the bytes of the answer.
    """

    def __init__(self, text):
        # type: (bytes) -> None
        Collector.__init__(self, text + b'\r\n', MAX_ANSWER, may_be_empty=True)


def fetch(loop, text, host, port=PORT, timeout=SECONDS):
    # type: (Any, bytes, str, int, float) -> Future
    """Asks *host*; a Future of the answer's bytes, their line ends as ``\\n``.

    Args:     timeout: seconds, for all of it.

    Raises:   LocalProtocolError: *text* has a control character, is empty or too long.
              ConnectFailed, ConnectionLost, TimedOut; RemoteProtocolError: more than 1 MiB.
    """
    if not is_query(text):
        raise LocalProtocolError(u'a whois query is one line of at most %d octets' % MAX_QUERY)
    asked = collect(loop, host, port, text + b'\r\n', MAX_ANSWER, timeout, may_be_empty=True)
    return asked.then(lambda answer: answer.replace(b'\r\n', b'\n'))


@coroutine
def follow(loop, text, host=ROOT, port=PORT, timeout=SECONDS):
    # type: (Any, bytes, str, int, float) -> Any
    """Asks *host*, then the server that it refers to, and so on; a Future of [(host,
    port, answer)]."""
    found = []                      # type: List[Tuple[str, int, bytes]]
    while len(found) <= MAX_REFERRALS:
        answer = yield fetch(loop, text, host, port, timeout)
        found.append((host, port, answer))
        place = referral(answer)
        if place is None or place in [each[:2] for each in found]:
            break
        host, port = place
    raise Return(found)
