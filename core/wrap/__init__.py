# Copyright the carryall authors.  See LICENSE.
"""Wrappers around a protocol: limits, relays, the PROXY header, the last word."""
