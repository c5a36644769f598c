# Copyright the carryall authors.  See LICENSE.
"""`python -m carryall`: the command carryall."""
from __future__ import absolute_import, division, print_function

import os
import sys

if not __package__:         # started as a file or a folder: then this folder is on the path, and its parent is not
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

try:
    from carryall.commands.umbrella import main
except KeyboardInterrupt:   # so early the command cannot tell its status itself
    sys.exit(130)

if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
