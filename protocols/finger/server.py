# Copyright the carryall authors.  See LICENSE.
"""The finger server (RFC 1288).

States:   query -> answer -> closed
Not here: the users; a Directory is passed in.
Tests:    tests/protocols/finger/test_server.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.line.queryserver import QueryServer
from carryall.protocols.finger.errors import FingerError
from carryall.protocols.finger.wire import MAX_QUERY, encode_answer, parse_query

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ['Directory', 'FingerServer']

MALFORMED = u'The query cannot be understood.'
DENIED = u'Finger forwarding service denied.'      # RFC 1288 section 3.2.1


class Directory(object):
    """The service of a FingerServer: the users it tells about."""

    forward = None              # type: Any
    """Called with (Query for the next host, the host's name as bytes); gives the answer's text or
    bytes, or a Future of it.  None: queries for other hosts are refused."""

    def answer(self, user, verbose, host):
        # type: (str, bool, str) -> Any
        """The text about *user*, u'' for all users; or a Future of it; None for no answer.

        Args:     verbose: /W was given.
                  host: the client's numeric address.
        """
        raise NotImplementedError


class FingerServer(QueryServer):
    """The server of one connection.

    Args:     service: a Directory.
              clock: the loop; None for no time limit.
              settings: Settings.
    """

    max_line = MAX_QUERY

    def ask(self, line, host):
        query = parse_query(line)
        if query is None:
            raise FingerError(u'malformed query', reply=MALFORMED)
        if not query.hosts:
            user = query.user.decode('utf-8', 'replace')
            return self.service.answer(user, query.verbose, host)
        if self.service.forward is None:
            raise FingerError(u'forwarding denied', reply=DENIED)
        return self.service.forward(query, query.hosts.pop())

    def encode(self, answer):
        if isinstance(answer, bytes):
            answer = answer.decode('utf-8', 'replace')
        return encode_answer(answer or u'')
