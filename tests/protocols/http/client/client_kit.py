# Copyright the carryall authors.  See LICENSE.
"""For the tests of the HTTP client: a server that answers from a script, and a loop with both."""
from __future__ import absolute_import, division, print_function

from carryall.core.net.protocol import Protocol
from carryall.core.testing import VirtualLoop, chunkings
from carryall.protocols.http.client.client import HTTPClient
from carryall.protocols.http.client.settings import Settings
from tests.protocols.http.stage import settled

OK = b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'


def ways():
    """Names of all ways to cut bytes."""
    return [name for name, _ in chunkings(b'x' * 10)]


def cut(data, way):
    """*data* cut in that way."""
    return [pieces for name, pieces in chunkings(data) if name == way][0]


class Script(Protocol):
    """One connection: answers each request with what ``World.answer`` gives for it."""

    def __init__(self, world):
        self.world = world
        self.data = b''
        world.connections.append(self)

    def data_received(self, data):
        self.data += data
        self.world.heard += data
        while self.request_is_whole():
            head, _, self.data = self.data.partition(b'\r\n\r\n')
            self.data = self.data[body_length(head):]
            self.world.requests.append(head)
            self.say(self.world.answer(head))

    def request_is_whole(self):
        head, mark, rest = self.data.partition(b'\r\n\r\n')
        return mark and len(rest) >= body_length(head)

    def say(self, answer):
        """Sends *answer*, cut up; None closes at once, a list is bytes to send and then 'close',
        'abort' or 'wait'.
        """
        if answer is None:
            self.transport.close()
            return
        data, then = answer if isinstance(answer, (list, tuple)) else (answer, 'wait')
        self.send(cut(data, self.world.way), then)

    def send(self, pieces, then):
        if pieces:
            self.transport.write(pieces[0])
            self.world.loop.call_soon(self.send, pieces[1:], then)
        elif then == 'close':
            self.transport.close()
        elif then == 'abort':
            self.transport.abort()


def body_length(head):
    for line in head.split(b'\r\n'):
        if line.lower().startswith(b'content-length:'):
            return int(line[15:])
    return 0


class World(object):
    """A loop, a scripted server at http://host.example/ (and whatever else), and a client.

    Args:     answers: what the server says, one a request; or a function from the request's head to
                  it.
    """

    def __init__(self, answers=(), way='whole', **options):
        self.loop = VirtualLoop({'host.example': ['93.184.216.34'],
                                 'other.example': ['93.184.216.35'],
                                 'inside.example': ['10.0.0.1'],
                                 'mixed.example': ['10.0.0.1', '93.184.216.34']})
        self.way = way
        self.answers = list(answers) if not callable(answers) else answers
        self.requests = []          # heads
        self.heard = b''
        self.connections = []
        for address in ('93.184.216.34', '93.184.216.35', '10.0.0.1'):
            self.loop.listen_tcp(lambda: Script(self), address, 80)
        self.client = HTTPClient(self.loop, **settled(options, Settings))

    def answer(self, head):
        if callable(self.answers):
            return self.answers(head)
        return self.answers.pop(0)

    def get(self, url='http://host.example/', **options):
        return self.run(self.client.get(url, **options))

    def run(self, future):
        try:
            return self.loop.run_until(future)
        finally:
            assert not self.loop.failures, self.loop.failures

    def body(self, response, maximum=1 << 20):
        return self.run(response.read_all(maximum))

    def fetch(self, url='http://host.example/', **options):
        """(status, body)."""
        response = self.get(url, **options)
        return response.status, self.body(response)

    def fails(self, kind, url='http://host.example/', method='GET', read=True, **options):
        """The error of a request that has to fail so."""
        future = self.client.request(method, url, **options)
        try:
            response = self.run(future)
            if read:
                self.body(response)
        except kind as exc:
            return str(exc)
        raise AssertionError('it did not fail with %s' % kind.__name__)


def reply(status, body=b'', *fields):
    """A response with Content-Length."""
    lines = b''.join(b'%s: %s\r\n' % field for field in fields)
    return b'HTTP/1.1 %d X\r\nContent-Length: %d\r\n%s\r\n%s' % (status, len(body), lines, body)
