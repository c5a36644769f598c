# Copyright the carryall authors.  See LICENSE.
"""The finger client (RFC 1288).

    answer = yield fetch(loop, Query(b'ann'), 'a.example')

Tests:    tests/protocols/finger/test_client.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.net.collector import Collector, collect
from carryall.protocols.finger.wire import format_query

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from carryall.core.future import Future
    from carryall.protocols.finger.wire import Query

__all__ = ['FingerClient', 'PORT', 'fetch']

PORT = 79

# -- limits ------------------------------------------------------------------
MAX_ANSWER = 1 << 20        # octets that a client accepts; the RFC is silent
ANSWER_SECONDS = 60.0       # from connecting to the end of the answer; the RFC is silent


class FingerClient(Collector):
    """Asks one query.

    Attributes:
        answer: a Future of the bytes of the answer; ``clean`` them before they are shown.
    """

    def __init__(self, query):
        # type: (Query) -> None
        Collector.__init__(self, format_query(query), MAX_ANSWER, may_be_empty=True)


def fetch(loop, query, host, port=PORT, timeout=ANSWER_SECONDS):
    # type: (Any, Query, str, int, float) -> Future
    """Asks *host*; a Future of the answer's bytes, their line ends as ``\\n``.

    Args:     timeout: seconds, for all of it.

    Raises:   ConnectFailed, ConnectionLost, TimedOut; RemoteProtocolError: more than 1 MiB.
    """
    asked = collect(loop, host, port, format_query(query), MAX_ANSWER, timeout, may_be_empty=True)
    return asked.then(lambda answer: answer.replace(b'\r\n', b'\n'))
