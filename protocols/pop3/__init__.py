# Copyright the carryall authors.  See LICENSE.
"""POP3, server and client (RFC 1939).

    maildrop    what the server serves
    retrieval   parts of messages, piece by piece
    server      the server
    client      the client
"""
