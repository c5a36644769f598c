# Copyright the carryall authors.  See LICENSE.
"""A finger server with users of its own, on port 7979.

Ask it with: carryall finger -p 7979 ann@127.0.0.1
"""
from carryall import runtimes
from carryall.protocols.finger import Directory, FingerServer

PEOPLE = {u'ann': u'Ann Example is in room 5.', u'bob': u'Bob is away.'}


class People(Directory):
    """The users; an answer may also be a Future."""

    def answer(self, user, verbose, host):
        """Text; *user* is u'' if all are asked for."""
        return PEOPLE.get(user, u'Known here: ' + u', '.join(sorted(PEOPLE)))


loop = runtimes.choose()
loop.listen_tcp(lambda: FingerServer(People(), loop), port=7979)
loop.run()
