# Copyright the carryall authors.  See LICENSE.
"""The cost of StaticFiles itself for one request, in microseconds: no sockets,
and with --site the engine around it.

    python3 bench/micro_static.py [--site] [seconds]
"""
from __future__ import absolute_import, division, print_function

import os
import shutil
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from carryall.core.testing import VirtualLoop                               # noqa: E402
from carryall.protocols.http import Headers, Request, Site                         # noqa: E402
from carryall.services.web.static import StaticFiles                        # noqa: E402

FIELDS = [(b'Host', b'127.0.0.1:8080'), (b'User-Agent', b'bench'), (b'Accept', b'*/*'),
          (b'Accept-Encoding', b'gzip')]


class _Section(object):
    """The parts of a Request."""

    version = (1, 1)
    length = 0
    keep_alive = True
    expects_continue = False
    host = b'127.0.0.1'

    def __init__(self, more=()):
        self.headers = Headers(FIELDS + list(more))


class _Sink(object):
    """A transport that swallows everything."""

    def write(self, data):
        """Swallows *data*."""

    def get_extra_info(self, name, default=None):
        """There is nothing to tell."""
        return default


# Seconds of processor that this process has had, for others may want it too;
# Jython and 2.7 cannot tell.
_used = getattr(time, 'process_time', time.time)


def _rate(call, seconds):
    """Microseconds of one call, the best of three rounds after one to warm up."""
    best = None
    for _ in range(4):
        count = 0
        begin = time.time()
        since = _used()
        while time.time() - begin < seconds:
            for _ in range(1000):
                call()
            count += 1000
        took = (_used() - since) / count * 1e6
        best = took if best is None else min(best, took)
    return best


def _measure(root, seconds, through_site):
    app = StaticFiles(root, time.time, gzip=True)
    plain = StaticFiles(root, time.time)
    section = _Section()
    etag = app(Request(b'GET', b'/k.html', section)).headers.get(b'etag')
    again = _Section([(b'If-None-Match', etag)])
    print('%-34s %8.2f us'
          % ('1 KiB, ready', _rate(lambda: plain(Request(b'GET', b'/k.html', section)), seconds)))
    print('%-34s %8.2f us' % ('1 KiB, ready, gzip',
                              _rate(lambda: app(Request(b'GET', b'/k.html', section)), seconds)))
    print('%-34s %8.2f us' % ('1 KiB, not modified',
                              _rate(lambda: app(Request(b'GET', b'/k.html', again)), seconds)))
    print('%-34s %8.2f us'
          % ('1 KiB, HEAD', _rate(lambda: plain(Request(b'HEAD', b'/k.html', section)), seconds)))
    print('%-34s %8.2f us' % ('1 MiB, opened each time',
                              _rate(lambda: plain(Request(b'GET', b'/big', section)).body.close(),
                                    seconds)))
    print('%-34s %8.2f us'
          % ('not there', _rate(lambda: plain(Request(b'GET', b'/nothing', section)), seconds)))
    if through_site:
        protocol = Site(plain, VirtualLoop())()
        protocol.connection_made(_Sink())
        head = b'GET /k.html HTTP/1.1\r\n' + b''.join(b'%s: %s\r\n' % field for field in FIELDS) \
            + b'\r\n'

        print('%-34s %8.2f us' % ('1 KiB, with the engine',
                                  _rate(lambda: protocol.data_received(head), seconds)))


def main(words):
    """Measures in a folder of its own."""
    root = tempfile.mkdtemp()
    try:
        for name, size in (('k.html', 1024), ('big', 1 << 20)):
            with open(os.path.join(root, name), 'wb') as out:
                out.write(b'x' * size)
        time.sleep(3)               # until the files are settled
        _measure(root, float(([word for word in words if word[:1] != '-'] or ['1'])[0]),
                 '--site' in words)
    finally:
        shutil.rmtree(root)


if __name__ == '__main__':
    main(sys.argv[1:])
