# Copyright the carryall authors.  See LICENSE.
"""The File Transfer Protocol, server and client (RFC 959, 1123, 2228, 2389, 2428, 2640, 3659, 4217, 7151).

    server:  site.FTPSite          what the connections of one server share; called, it makes the protocol of one
             server.FTPServer      one control connection, made of accessing, datacommands, filecommands, sitecommands
             files.FileSystem      the contract of what is served; carryall.services.ftp has some
             accounts.Accounts     the contract of who may; likewise
    client:  client.FTPClient      one control connection: commands out, replies in
             clientsession         login, TLS, transfers, listings on top of it
    grammar: replies, addresses, paths, telnet, textmode, listing, listparser, facts, globbing
    data:    data (connections), transfers (what goes through them), rates

Not here: disks, users, options; services/ftp has them.
Tests:    tests/protocols/ftp/
"""
