# Copyright the carryall authors.  See LICENSE.
"""Telnet: the virtual terminal, its options and their negotiation, server and client (RFC 854, 855, 1143 and others).

    wire      octets to events and back
    qmethod   who does which option, without loops (RFC 1143)
    session   one connection: events, options, text
    options   what each option says: window, terminal, environment, charset, speed ...
    linemode  LINEMODE and its special characters (RFC 1184)
    comport   serial ports behind the connection (RFC 2217)
    mud       compression, out-of-band messages, end of record
    starttls  TLS inside of Telnet
    server    lines and single keys for an application
    client    what a terminal shows and types
"""
