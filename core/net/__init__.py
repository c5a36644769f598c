# Copyright the carryall authors.  See LICENSE.
"""The seam: protocols, transports, the loop, addresses and time."""
