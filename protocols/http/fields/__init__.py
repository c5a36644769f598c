# Copyright the carryall authors.  See LICENSE.
"""The values of header fields and targets, as pure functions (RFC 9110)."""
