# Copyright the carryall authors.  See LICENSE.
"""DNS: for now the one question that mail asks, the hosts of a domain (RFC 1035)."""
from __future__ import absolute_import, division, print_function

from carryall.protocols.dns.mxlookup import MX, NO_ERROR, NO_NAME, Answer, ask

__all__ = ['Answer', 'MX', 'NO_ERROR', 'NO_NAME', 'ask']
