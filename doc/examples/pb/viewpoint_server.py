# Copyright the carryall authors.  See LICENSE.
"""One blackboard for all, which knows the writer of each line.  Then run viewpoint_client.py."""
from __future__ import print_function

import sys

from carryall import runtimes
from carryall.core.auth.checkers import MemoryChecker
from carryall.core.auth.portal import Portal
from carryall.protocols import pb


class Blackboard(pb.Viewable):
    """The first argument of a ``view_`` method is the caller; a client cannot forge it."""

    def __init__(self):
        self.lines = []

    def view_write(self, perspective, text):
        """One more line."""
        self.lines.append(u'%s: %s' % (perspective.name, text))

    def view_read(self, perspective):
        """All lines."""
        return self.lines


class Pupil(pb.Avatar):
    """Sees the blackboard."""

    def __init__(self, name, board):
        self.name = name
        self.board = board

    def perspective_board(self):
        """As this pupil sees it."""
        return self.board


class School(object):
    """The realm."""

    def __init__(self):
        self.board = Blackboard()

    def avatar(self, name, credentials, mind):
        """A pupil."""
        return Pupil(name, self.board)


loop = runtimes.choose()
root = pb.LoginRoot(Portal(School(), [MemoryChecker({u'anna': b'a', u'ben': b'b'})]))
port = int((sys.argv[1:] or [pb.PORT])[0])
listener = loop.listen_tcp(lambda: pb.Broker(loop, root), '127.0.0.1', port)
print('listening on %s' % (listener.address,))
sys.stdout.flush()
loop.run()
