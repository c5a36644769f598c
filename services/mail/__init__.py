# Copyright the carryall authors.  See LICENSE.
"""The mail service: SMTP in, maildirs, POP3 out, and a durable queue to other servers.

    service     the type ``mail``               options     its options, with those of 0.19 and 1.2
    policy      rules for senders and targets   domains     our domains and accounts
    aliases     addresses that stand for others ownership   the mailboxes that root may work on
    envelope    an accepted message             mailheaders header fields that we add
    delivery    journal, then maildirs          journal     makes accepted messages durable
    maildir     mailboxes of one file a message mbox        mailboxes of one file
    maildrops   mailboxes for POP3              disk        durable files
    queue       messages that wait to go out    mailrelay   sends them
    routes, mx  the servers of a domain         transports  targets to which mail is handed over
    reports     delivery status notifications
"""
