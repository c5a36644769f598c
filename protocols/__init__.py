# Copyright the carryall authors.  See LICENSE.
"""The protocols: bytes in, bytes out, on top of `carryall.core` alone."""
