# Copyright the carryall authors.  See LICENSE.
"""SOCKS 4, 4a and 5, and HTTP CONNECT, server and client.

    wire      the messages, bytes to values and back
    rules     who may go where
    server    one connection of a client: all four on one port, told apart by the first octet
    outward   what the server does on a client's behalf: CONNECT, BIND
    datagrams UDP ASSOCIATE, server and client
    client    CONNECT and BIND through a proxy
    trace     what is relayed, in hexadecimal
"""
