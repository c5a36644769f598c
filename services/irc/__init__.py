# Copyright the carryall authors.  See LICENSE.
"""The IRC service."""
