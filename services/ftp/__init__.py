# Copyright the carryall authors.  See LICENSE.
"""The FTP service: file systems (jail, memory, readonly), accounts (accounts, otp), the log of transfers, and the type."""
