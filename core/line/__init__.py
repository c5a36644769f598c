# Copyright the carryall authors.  See LICENSE.
"""Lines and counted strings: framings, command tables, and the server of a line protocol."""
