# Copyright the carryall authors.  See LICENSE.
"""SASL: how mail, chat and directory protocols carry credentials (RFC 4422)."""
