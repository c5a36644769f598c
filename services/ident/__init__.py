# Copyright the carryall authors.  See LICENSE.
"""The ident service."""
