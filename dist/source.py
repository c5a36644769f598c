# Copyright the carryall authors.  See LICENSE.
"""The tree that everything is built from, and the source distribution: all that the project has.

The source distribution is carryall-VERSION.tar.gz.
"""
import os
import re

from admin.checks.tree import Tree
from dist import OUT, ROOT
from dist.archives import gzip_bytes, tar_bytes, write_file
from dist.tools import epoch, fresh


def version():
    """carryall's version, read and not imported."""
    with open(os.path.join(ROOT, 'carryall', '__init__.py'), encoding='utf-8') as file:
        return re.search(r"^__version__ = '([^']+)'", file.read(), re.M).group(1)


def entries():
    """All files of the project."""
    tree = Tree(ROOT)
    found = []
    for name in tree.everything():
        with open(tree.full(name), 'rb') as file:
            found.append((name, file.read(), os.access(tree.full(name), os.X_OK)))
    return found


def export():
    """Writes the project's files into build/freeze/source, with plain modes and one date.

    Returns:  the folder.
    """
    folder = fresh('source')
    for name, data, executable in entries():
        path = os.path.join(folder, *name.split('/'))
        write_file(path, data, executable)
        os.utime(path, (epoch(), epoch()))
    return folder


def make_sdist(metadata, generated):
    """Writes the source distribution.

    Args:     metadata:  the wheel's METADATA, which is its PKG-INFO.
              generated: entries that are made for it, such as the manual pages.
    """
    top = 'carryall-' + version()
    # In an unpacked source distribution they lie there already.
    made = {name for name, _, _ in generated}
    packed = [(top + '/' + name, data, executable) for name, data, executable in entries()
              if name not in made]
    packed += [(top + '/' + name, data, executable) for name, data, executable in generated]
    packed.append((top + '/PKG-INFO', metadata, False))
    path = os.path.join(OUT, top + '.tar.gz')
    write_file(path, gzip_bytes(tar_bytes(packed, epoch()), epoch()))
    return path
