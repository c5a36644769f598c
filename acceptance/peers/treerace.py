# Copyright the carryall authors.  See LICENSE.
"""Open one file of a tree again and again, while somebody swaps its folder for a link:
ROOT WAY COUNT.

WAY is ``never`` or ``owner`` of the web server's tree, or ``jail`` of the FTP server's.  Prints how
often it was given, refused, and how often something else was given.
"""
from __future__ import absolute_import, division, print_function

import sys

from carryall import runtimes       # noqa: F401  on Jython it provides what opens folders
from carryall.core.compat import to_bytes
from carryall.protocols.ftp import FileFault
from carryall.services.ftp.jail import Jail
from carryall.services.web.tree import FileTree, Unreadable

WAY = [b'd', b'file']


def of_tree(tree):
    """A call that opens the file in a FileTree; None if it is refused."""
    def opened():
        located = tree.locate(WAY)
        try:
            return None if located is None else tree.open(located)[0]
        except Unreadable:
            return None
    return opened


def of_jail(jail):
    """The same in a Jail."""
    def opened():
        try:
            return jail.open(tuple(WAY))[0]
        except FileFault:
            return None
    return opened


def main(root, way, count):
    """Opens, reads, counts."""
    opened = of_jail(Jail(to_bytes(root))) if way == 'jail' else of_tree(
        FileTree(root, symlinks=way))
    given = 0
    refused = 0
    wrong = 0
    for _ in range(count):
        source = opened()
        if source is None:
            refused += 1
            continue
        with source:
            data = source.read()
        if data == b'public':
            given += 1
        else:
            wrong += 1
    print('%s: %d openings, %d given, %d refused, %d wrong' % (way, count, given, refused, wrong))
    sys.stdout.flush()


main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
