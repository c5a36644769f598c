# Copyright the carryall authors.  See LICENSE.
"""The time that the HTTP server spends on one request: microseconds of data_received,
without a socket.

    python3 bench/micro_http.py [seconds]

Every limit, deadline and strict check is on; the transport is a list.  ``same`` sends the same head
each time, as clients on a kept connection do.  ``fresh`` changes one header each time, so that each
section must be checked again.
"""
from __future__ import absolute_import, division, print_function

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from carryall.protocols.http import Response, Site      # noqa: E402
from carryall.runtimes.clock import monotonic, wall     # noqa: E402

SMALL = b'GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n'
FEW = b'GET /hello?x=1 HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nConnection: keep-alive\r\n\r\n'
BROWSER = (b'GET /hello?x=1 HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nConnection: keep-alive\r\n'
           b'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0\r\n'
           b'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n'
           b'Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br\r\n'
           b'Cookie: session=0123456789abcdef0123456789abcdef\r\nCache-Control: no-cache\r\n\r\n')
POST = (b'POST /form HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nContent-Type: '
        b'application/x-www-form-urlencoded\r\n'
        b'Content-Length: 11\r\n\r\nhello=world')
SLICE = 25  # pieces between two looks at the clock: short, so that some slices are not disturbed
FRESH = 4000                # different heads; more than a site remembers


class NullTransport(object):
    """Takes everything and does nothing."""

    octets = 0

    def write(self, data):
        """Counts."""
        self.octets += len(data)

    def get_extra_info(self, name, default=None):
        """No one."""
        return default

    def get_write_buffer_size(self):
        """All is sent."""
        return 0

    def pause_reading(self):
        """Never."""
        raise AssertionError('the server paused')

    close = pause_reading
    abort = close
    resume_reading = close


class StillClock(object):
    """A clock whose sweeps never come."""

    time = staticmethod(monotonic)
    wall = staticmethod(wall)

    def call_later(self, delay, callback, *args):
        """No."""


def hello(_request):
    """The least that an application can do."""
    return Response(200, body=b'Hello, world\n')


def typed(_request):
    """The work of an application."""
    return Response(200, {b'Content-Type': b'text/plain'}, b'Hello, world\n')


def reading(request):
    """An application that reads the body first."""
    return request.body.read_all(1000).then(lambda body: Response(200, body=body))


def fresh(data, count):
    """*count* copies of *data*, each with another value in one header."""
    at = data.index(b'\r\n\r\n')
    return [data[:at] + b'\r\nX-Request-Id: %08d' % number + data[at:] for number in range(count)]


def measure(app, pieces, requests, seconds):
    """Microseconds of one request, a piece being *requests* of them:
    of the fastest slice in *seconds*."""
    connection = Site(app, StillClock())()
    transport = NullTransport()
    connection.connection_made(transport)
    receive = connection.data_received
    best = None
    at = 0
    end = monotonic() + seconds
    now = 0
    while now < end:
        some = pieces[at:at + SLICE]
        at = (at + SLICE) % len(pieces)
        began = monotonic()
        for piece in some:
            receive(piece)
        now = monotonic()
        cost = (now - began) / (len(some) * requests) * 1e6
        best = cost if best is None else min(best, cost)
    assert transport.octets
    return best


def main(arguments):
    """Measures each case and prints a line for it."""
    seconds = float(arguments[0]) if arguments else 2.0
    print('%s: microseconds of one request, the fastest slice of %d in %g s'
          % (sys.version.split('\n')[0], SLICE, seconds))
    cases = [
        ('1 header, same', hello, [SMALL] * SLICE, 1),
        ('2 headers, same', hello, [FEW] * SLICE, 1),
        ('2 headers, fresh', hello, fresh(FEW, FRESH), 1),
        ('8 headers, same', hello, [BROWSER] * SLICE, 1),
        ('8 headers, fresh', hello, fresh(BROWSER, FRESH), 1),
        ('8 headers, same, typed response', typed, [BROWSER] * SLICE, 1),
        ('2 headers, pipelined by 16', hello, [FEW * 16] * SLICE, 16),
        ('2 headers in two pieces', hello, [FEW[:30], FEW[30:]] * SLICE, 0.5),
        ('form of 11 octets, read', reading, [POST] * SLICE, 1),
    ]
    for name, app, pieces, requests in cases:
        print('%-34s %7.2f' % (name, measure(app, pieces, requests, seconds)))


if __name__ == '__main__':
    main(sys.argv[1:])
