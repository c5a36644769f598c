# Copyright the carryall authors.  See LICENSE.
"""Files that others may change, or write at the same time."""
