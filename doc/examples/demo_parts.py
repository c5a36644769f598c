# Copyright the carryall authors.  See LICENSE.
"""The parts that qtdemo.py, wxdemo.py, pbgtk.py and tkdemo.py share; it runs nothing by itself.

They are an HTTPS server and a child program: both live in the loop of the window.
"""
import sys

from carryall.core.net.process import ProcessProtocol
from carryall.core.tls import TLSContext, listening
from carryall.core.tls.authority import self_signed
from carryall.protocols.http import Response, Site

CHILD = 'import sys, time\nfor n in (1, 2, 3):\n    print("child: line %d" % n)\n' \
        '    sys.stdout.flush()\n    time.sleep(0.1)\n'


class Lines(ProcessProtocol):
    """Shows each line of a program."""

    def __init__(self, show):
        self.show = show
        self.rest = b''

    def pipe_data_received(self, fd, data):
        """Whole lines are shown, the rest waits."""
        lines = (self.rest + data).split(b'\n')
        self.rest = lines.pop()
        for line in lines:
            self.show(line.decode('ascii', 'replace').strip())

    def process_exited(self):
        """It has ended."""
        self.show('the child ended with %s' % self.transport.get_returncode())


def serve(loop, show):
    """Serves a page over TLS with a certificate that was made just now; a Listener."""
    pair = self_signed(['localhost', '127.0.0.1'], loop.wall())

    def page(request):
        show('somebody asked for a page')
        return Response(200, [(b'Content-Type', b'text/plain')], b'hello from a window\n')

    context = TLSContext(pair.identity(), alpn=('http/1.1',))
    listener = loop.listen_tcp(listening(loop, context, Site(page, loop)))
    show('serving https://%s:%d/' % ('127.0.0.1', listener.address.port))
    return listener


def run_child(loop, show):
    """Starts a program that says three lines."""
    return loop.spawn(lambda: Lines(show), [sys.executable, '-c', CHILD])


def told(show):
    """As *show*, and on standard output too."""
    def both(text):
        print(text)
        sys.stdout.flush()
        show(text)
    return both
