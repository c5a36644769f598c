# Copyright the carryall authors.  See LICENSE.
"""One object for two kinds of clients: a counter that programs call by Perspective Broker, and that
browsers see at http://127.0.0.1:7013/.
"""
from carryall import runtimes
from carryall.protocols import pb
from carryall.protocols.http import Response, Site


class Counter(pb.Root):
    """Counts the calls of both."""

    def __init__(self):
        self.calls = 0
        self.visits = 0

    def remote_count(self):
        """For programs: (calls, visits)."""
        self.calls += 1
        return self.calls, self.visits

    def __call__(self, request):
        """For browsers: the same as a page."""
        self.visits += 1
        text = '%d calls, %d visits\n' % (self.calls, self.visits)
        return Response(200, [(b'Content-Type', b'text/plain')], text.encode('ascii'))


loop = runtimes.choose()
counter = Counter()
loop.listen_tcp(lambda: pb.Broker(loop, counter), '127.0.0.1', pb.PORT)
loop.listen_tcp(Site(counter, loop), '127.0.0.1', 7013)
loop.run()
