# Copyright the carryall authors.  See LICENSE.
"""Our web server with the smallest application, every limit and deadline on as they are by default.

    carryall_http.py hello [--backend NAME] [--certificate PEM]
"""
from __future__ import absolute_import, division, print_function

import sys

from ours import announce, chosen_loop, listen, options
from carryall.protocols.http import Response, Settings, Site

# As the peers are told, so that the idle bench is not about who hangs up first.
IDLE_SECONDS = 300.0


def hello(request):
    """The smallest application."""
    return Response(200, [(b'Content-Type', b'text/plain')], b'Hello, world!')


def main(argv):
    """Serves until killed."""
    chosen = options(argv)
    loop = chosen_loop(chosen)
    announce(listen(loop, Site(
        hello, loop, Settings(idle_seconds=IDLE_SECONDS, server=b'carryall')), chosen))
    loop.run()


if __name__ == '__main__':
    main(sys.argv[1:])
