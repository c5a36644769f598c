# Copyright the carryall authors.  See LICENSE.
"""The commands: option parsing and wiring only.

Each module here that is a command has `main(words) -> status`,
with the words after the command's name.
"""
