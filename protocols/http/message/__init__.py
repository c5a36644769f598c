# Copyright the carryall authors.  See LICENSE.
"""Messages of either role: octets to events and back, and their bodies (RFC 9112)."""
