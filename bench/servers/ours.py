# Copyright the carryall authors.  See LICENSE.
"""What our measured servers share: options, the loop of that name, the port on the first line."""
from __future__ import absolute_import, division, print_function

import argparse
import sys

from carryall import runtimes


def options(argv):
    """The kind, --backend and --root."""
    parser = argparse.ArgumentParser()
    parser.add_argument('kind')
    parser.add_argument('--backend')
    parser.add_argument('--root')
    return parser.parse_args(argv)


def chosen_loop(chosen):
    """A loop over that backend."""
    if chosen.backend == 'uvloop':
        import uvloop
        from carryall.runtimes.host_asyncio_py3 import AsyncioLoop
        return AsyncioLoop(uvloop.new_event_loop())
    return runtimes.choose(chosen.backend)


def announce(listener):
    """Prints the port."""
    print(listener.address.port)
    sys.stdout.flush()
