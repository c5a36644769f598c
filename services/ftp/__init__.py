# Copyright the carryall authors.  See LICENSE.
"""The FTP service: file systems, accounts, one-time passwords, the log of transfers, the type."""
