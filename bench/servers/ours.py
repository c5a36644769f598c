# Copyright the carryall authors.  See LICENSE.
"""The parts that our measured servers share: options, the loop of that name,
the port on the first line."""
from __future__ import absolute_import, division, print_function

import argparse
import sys

from carryall import runtimes


def options(argv):
    """The kind, --backend, --root, and --certificate for TLS."""
    parser = argparse.ArgumentParser()
    parser.add_argument('kind')
    parser.add_argument('--backend')
    parser.add_argument('--root')
    parser.add_argument('--certificate', help='PEM of certificate and key')
    return parser.parse_args(argv)


def chosen_loop(chosen):
    """A loop over that backend."""
    if chosen.backend == 'uvloop':
        import uvloop
        from carryall.runtimes.guests.asyncio_py3 import AsyncioLoop
        return AsyncioLoop(uvloop.new_event_loop())
    return runtimes.choose(chosen.backend)


def listen(loop, site, chosen):
    """A listener for the site, with TLS if a certificate was given."""
    if chosen.certificate:
        from carryall.core.tls import Identity, TLSContext, listening
        return loop.listen_tcp(listening(
            loop, TLSContext(Identity(chosen.certificate), alpn=('http/1.1',)), site))
    return loop.listen_tcp(site)


def announce(listener):
    """Prints the port."""
    print(listener.address.port)
    sys.stdout.flush()
