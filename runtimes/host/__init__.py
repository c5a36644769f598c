# Copyright the carryall authors.  See LICENSE.
"""The process and its system: background, pid file, rights, signals, terminal, systemd."""
