# Copyright the carryall authors.  See LICENSE.
"""`python -m carryall`: the command carryall."""
from __future__ import absolute_import, division, print_function

import os
import sys

# Started as a file or a folder: then this folder is on the path, and its parent is not.
if not __package__:
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
elif not hasattr(sys.modules[__package__], '__version__'):
    # A folder named carryall, a checkout say, lies in the current folder and was taken for the
    # package (PEP 420), while this very file was found by the finder of an editable installation.
    # The package is looked for again beside this file.
    for _name in [name for name in sys.modules if name == __package__
                  or name.startswith(__package__ + '.')]:
        del sys.modules[_name]
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

try:
    from carryall.commands.main import main
except KeyboardInterrupt:   # so early the command cannot tell its status itself
    sys.exit(130)

if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
