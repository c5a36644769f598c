# Copyright the carryall authors.  See LICENSE.
"""SMTP and LMTP, server and client (RFC 5321, RFC 2033).

    addresses       mailboxes and paths, to the letter of the grammar
    parameters      of MAIL and RCPT; xtext
    body            the end of DATA, dots, line ends: what keeps messages from being smuggled
    session         settings, sessions, transactions, and the backend that takes the mail
    unhurried       replies that leave together, time, who must wait
    server          the server
    authentication  AUTH, for POP3 too
    replies         replies as the client reads them
    client          the client
    login           AUTH from the client's side
    sending         connect, encrypt, log in, send, in one call
"""
