# Copyright the carryall authors.  See LICENSE.
"""The servers that are measured: one script each,
started as a process that prints its port first."""
