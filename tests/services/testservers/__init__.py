# Copyright the carryall authors.  See LICENSE.
"""The servers for tests."""
