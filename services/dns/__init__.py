# Copyright the carryall authors.  See LICENSE.
"""The service of dns."""
