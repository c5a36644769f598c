# Copyright the carryall authors.  See LICENSE.
"""carryall.pyz: one executable file for PyPy; any other Python from 2.7 on runs it too.

``jython carryall.pyz`` works as well.  It is a zip with a first line for the system.  Beside each
source lies its bytecode for the PyPy that built it.  A Python of another kind or version finds that
it is not its own, and compiles the source.
"""
import os

from dist import OUT, Trouble
from dist.archives import read_folder, write_file, write_zip
from dist.tools import epoch, fresh, need, run, say
from dist.wheel import contents, licence, manual_pages

FIRST_LINE = b'#!/usr/bin/env pypy3\n'
MAIN = b"""# Copyright the carryall authors.  See LICENSE.
import sys

from carryall.commands.main import main

if __name__ == '__main__':
    sys.exit(main())
"""


def make():
    """Writes the file; its path."""
    folder = fresh('pypy')
    for name, data in contents():
        write_file(os.path.join(folder, *name.split('/')), data)
        os.utime(os.path.join(folder, *name.split('/')), (epoch(), epoch()))
    _compile(folder)
    entries = [('__main__.py', MAIN, False), ('LICENSE', licence(), False)] + read_folder(folder)
    entries += [('share/man/man1/' + name, data, False) for name, data in manual_pages()]
    path = os.path.join(OUT, 'carryall.pyz')
    write_zip(path, entries, epoch(), FIRST_LINE)
    return path


def _compile(folder):
    try:
        pypy = need('pypy3', 'pypy3')
    except Trouble as trouble:
        say('      without bytecode: %s' % trouble)
        return
    script = os.path.join(folder, 'compile.py')
    write_file(script, COMPILE)
    run([pypy, script], folder)
    os.unlink(script)


# Run by PyPy in the folder to compile.  The names that a traceback shows are those inside the
# archive.  In the first form of marshal, because the later ones tell which strings happened to be
# shared at that moment: that is not the same each time.
COMPILE = b"""
import importlib.util, marshal, os, struct
for folder, folders, names in os.walk('carryall'):
    for name in sorted(names):
        if name.endswith('.py'):
            path = folder + '/' + name
            with open(path, 'rb') as file:
                source = file.read()
            code = compile(source, path, 'exec', 0, True)
            date = int(os.stat(path).st_mtime)
            head = importlib.util.MAGIC_NUMBER + struct.pack('<III', 0, date, len(source))
            with open(path + 'c', 'wb') as file:
                file.write(head + marshal.dumps(code, 0))
"""
