# Copyright the carryall authors.  See LICENSE.
"""Octets to values and back: buffers, cursors, numbers, DER."""
