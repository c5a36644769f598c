# Copyright the carryall authors.  See LICENSE.
"""An echo server on port 7007 of this machine; try it with: nc 127.0.0.1 7007"""
from carryall import runtimes
from carryall.protocols.simple.echo import Echo

loop = runtimes.choose()
loop.listen_tcp(Echo, port=7007)
loop.run()
