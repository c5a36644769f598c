# Copyright the carryall authors.  See LICENSE.
"""The mail service: mail comes in by SMTP, is stored in maildirs, fetched by POP3, or relayed from
a durable queue.

    options     the options, of 0.19 and 1.2 too            service     the type ``mail``
    exchange    what SMTP asks: who may send to whom        domains     whose mail is ours; aliases: where it goes
    parcels     one message with its envelope               headers     what is written above it
    office      takes messages: journal, then delivery      journal     what makes an accepted message survive
    maildir     the store                                   maildrops   the store as POP3 sees it
    queue       messages that wait to go out                relay       sends them
    routes      where a domain's mail goes                  reports     delivery status notifications
    disk        files, surely on the disk
"""
