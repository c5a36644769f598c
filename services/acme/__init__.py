# Copyright the carryall authors.  See LICENSE.
"""ACME: certificates of an authority, made and renewed by the web server (RFC 8555, RFC 8737)."""
