# Copyright the carryall authors.  See LICENSE.
"""Ask an ident server: start ident_server.py, then run this."""
from __future__ import print_function

from carryall import runtimes
from carryall.protocols.ident import ask

loop = runtimes.choose()
identity = loop.run_until(ask(loop, '127.0.0.1', 6193, 23, port=7113))
print(identity.user.decode('utf-8'))
loop.close()
