# Copyright the carryall authors.  See LICENSE.
"""What goes around a protocol: limits, relays, the PROXY header, the last word."""
