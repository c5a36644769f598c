# Copyright the carryall authors.  See LICENSE.
"""A page of 13 bytes, served from within the loop of a toolkit.

    guest_http.py BACKEND [--busy MILLISECONDS]

With --busy the toolkit has an event of its own after the other, each of which takes that long.
"""
from __future__ import absolute_import, division, print_function

import argparse
import sys

from ours import announce
from carryall import runtimes
from carryall.protocols.http import Response, Settings, Site

IDLE_SECONDS = 300.0
BETWEEN_SECONDS = 0.001     # two events of the toolkit


def hello(request):
    """The smallest application."""
    return Response(200, [(b'Content-Type', b'text/plain')], b'Hello, world!')


def keep_busy(loop, seconds):
    """Has the toolkit, or our loop if there is none, work without end."""
    later = loop.toolkit.call_later if hasattr(loop, 'toolkit') else loop.call_later

    kept = []                   # a timer of Qt that nothing refers to is collected

    def work():
        until = loop.time() + seconds
        while loop.time() < until:
            pass
        kept[:] = [later(BETWEEN_SECONDS, work)]

    work()


def main(argv):
    """Serves until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument('backend')
    parser.add_argument('--busy', type=float, default=0.0)
    chosen = parser.parse_args(argv)
    loop = runtimes.choose(None if chosen.backend == 'alone' else chosen.backend)
    site = Site(hello, loop, Settings(idle_seconds=IDLE_SECONDS, server=b'carryall'))
    announce(loop.listen_tcp(site))
    if chosen.busy:
        keep_busy(loop, chosen.busy * 0.001)
    loop.run()


if __name__ == '__main__':
    main(sys.argv[1:])
