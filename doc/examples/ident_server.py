# Copyright the carryall authors.  See LICENSE.
"""An ident server on port 7113 with one answer: carryall ident -p 7113 6193 23 127.0.0.1"""
from carryall import runtimes
from carryall.protocols.ident import IdentServer, Lookup


class Everyone(Lookup):
    """One owner of all connections; an answer may also be a Future."""

    def lookup(self, ours, theirs):
        return u'everyone'


loop = runtimes.choose()
loop.listen_tcp(lambda: IdentServer(Everyone(), loop), port=7113)
loop.run()
