# Copyright the carryall authors.  See LICENSE.
"""Programs that are no servers: what they do, without the command line.

A program takes what it needs of the machine (loop, clock, files, output) from the command that
runs it: commands/ parses the options and wires.
"""
