# Copyright the carryall authors.  See LICENSE.
"""DNS: the look-up of the hosts that accept mail for a domain (RFC 1035)."""
from __future__ import absolute_import, division, print_function

from carryall.protocols.dns.errors import DNSError
from carryall.protocols.dns.mxlookup import (MX, NO_ERROR, NO_NAME, PORT, Answer, ask,
                                             format_question, parse_answer)
from carryall.protocols.dns.settings import Settings

__all__ = ['Answer', 'DNSError', 'MX', 'NO_ERROR', 'NO_NAME', 'PORT', 'Settings', 'ask',
           'format_question', 'parse_answer']
