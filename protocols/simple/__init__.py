# Copyright the carryall authors.  See LICENSE.
"""The small protocols, one page each: the place to begin reading, ``echo`` first.

    echo          sends back what comes                         RFC 862
    discard       takes what comes and keeps only the count     RFC 863
    chargen       sends characters for as long as they are read RFC 864
    qotd          a quotation                                   RFC 865
    systat        who is logged in                              RFC 866
    daytime       the date and time for people                  RFC 867
    timeprotocol  the time for programs                         RFC 868
    ident         who owns a connection                         RFC 1413
    tcpmux        one port for services with names              RFC 1078

Each holds its server over TCP, where there is one its server over UDP,
and the clients.  They share:

    bounded       the time limit of a connection
    shortanswer   TCP: say one thing and end; its client
    guarded       UDP: answer only who may be answered, so that nobody can aim our packets at a
                  third party; its client
"""
