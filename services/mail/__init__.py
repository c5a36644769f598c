# Copyright the carryall authors.  See LICENSE.
"""The mail service: SMTP in, maildirs, POP3 out, and a durable queue to other servers.

    service     the type ``mail``               options     its options, those of 0.19 and 1.2 too
    policy      who may send to whom            domains     domains and accounts of ours
    aliases     where mail for an address goes  ownership   which mailboxes root may work on
    envelope    an accepted message             mailheaders header fields that we add
    delivery    journal, then maildirs          journal     what makes accepted messages durable
    maildir     mailboxes of one file a message mbox        mailboxes of one file
    maildrops   mailboxes as POP3 sees them     disk        durable files
    queue       messages that wait to go out    mailrelay   sends them
    routes, mx  where a domain's mail goes      transports  targets to which mail is handed over
    reports     delivery status notifications
"""
