# Copyright the carryall authors.  See LICENSE.
"""The news service: groups and articles on disk, served by NNTP."""
