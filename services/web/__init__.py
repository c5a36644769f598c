# Copyright the carryall authors.  See LICENSE.
"""The web service: a tree of files over HTTP."""
