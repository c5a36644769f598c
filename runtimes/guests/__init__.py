# Copyright the carryall authors.  See LICENSE.
"""Loops that run inside the event loop of another program."""
