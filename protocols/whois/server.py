# Copyright the carryall authors.  See LICENSE.
"""The whois server (RFC 3912).

States:   query -> answer -> closed
Not here: the records; a service that looks them up is passed in.
Tests:    tests/protocols/whois/test_server.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.line.queryserver import QueryServer
from carryall.core.compat import to_bytes
from carryall.protocols.whois.errors import WhoisError
from carryall.protocols.whois.wire import MAX_QUERY, is_query

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ['Records', 'WhoisServer']

MALFORMED = u'The query cannot be understood.'


class Records(object):
    """The service of a WhoisServer."""

    def answer(self, text, host):
        # type: (str, str) -> Any
        """The text for a query, or a Future of it; None for no answer.

        Args:     host: the client's numeric address.
        """
        raise NotImplementedError


class WhoisServer(QueryServer):
    """The server of one connection.

    Args:     service: a Records.
              clock: the loop; None for no time limit.
              settings: Settings.
    """

    max_line = MAX_QUERY

    def ask(self, line, host):
        text = line.strip()
        if not is_query(text):
            raise WhoisError(u'malformed query', reply=MALFORMED)
        return self.service.answer(text.decode('utf-8', 'replace'), host)

    def encode(self, answer):
        """Text as UTF-8 with CRLF at the end of each line (RFC 3912 section 4 leaves the charset
        open)."""
        lines = to_bytes(answer or u'').replace(b'\r\n', b'\n').rstrip(b'\n')
        return lines.replace(b'\n', b'\r\n') + b'\r\n' if lines else b''
