# Copyright the carryall authors.  See LICENSE.
"""Accounts for every server: credentials, checkers, the portal between them,
and the guard against guessing.

    credentials     what a client offers; LoginFailed
    checkers        those who know accounts; passwordfile: the one that reads them from a file
    portal          checkers in front of a realm: a login goes in, a session comes out
    guard           delays and bans after failed logins
    sasl            the mechanisms by which mail, chat and directory protocols carry credentials
"""
