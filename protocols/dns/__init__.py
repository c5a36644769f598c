# Copyright the carryall authors.  See LICENSE.
"""DNS: for now the one question that mail asks, the hosts of a domain (RFC 1035)."""
