# Copyright the carryall authors.  See LICENSE.
"""DNS: the question that mail asks, which hosts accept mail for a domain (RFC 1035)."""
from __future__ import absolute_import, division, print_function

from carryall.protocols.dns.mxlookup import (MX, NO_ERROR, NO_NAME, Answer, ask, format_question,
                                             parse_answer)

__all__ = ['Answer', 'MX', 'NO_ERROR', 'NO_NAME', 'ask', 'format_question', 'parse_answer']
