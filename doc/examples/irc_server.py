# Copyright the carryall authors.  See LICENSE.
"""An IRC server on port 6667; enter it with: irssi -c 127.0.0.1"""
from carryall import runtimes
from carryall.protocols.irc import IRCServer, Network

loop = runtimes.choose()
network = Network(loop, b'irc.localhost', motd=[b'Tea is ready.'])
loop.listen_tcp(lambda: IRCServer(network, loop), port=6667)
loop.run()
