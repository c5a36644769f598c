# Copyright the carryall authors.  See LICENSE.
"""Our static web service over a folder, as `carryall web --path` serves it, without a request log.

    carryall_static.py static|bigfile --root DIR [--backend NAME] [--certificate PEM]
"""
from __future__ import absolute_import, division, print_function

import sys

from ours import announce, chosen_loop, listen, options
from carryall.protocols.http import Settings, Site
from carryall.services.web.static import StaticFiles


def main(argv):
    """Serves until killed."""
    chosen = options(argv)
    loop = chosen_loop(chosen)
    announce(listen(loop, Site(StaticFiles(chosen.root, loop.wall), loop,
                               Settings(server=b'carryall')), chosen))
    loop.run()


if __name__ == '__main__':
    main(sys.argv[1:])
