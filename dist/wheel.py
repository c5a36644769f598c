# Copyright the carryall authors.  See LICENSE.
"""The wheel, for every Python there is; the other artifacts are made of what is in it."""
import glob
import os

from admin.manual.page import rendered
from dist import OUT, Trouble
from dist.archives import read_zip, write_file, write_zip
from dist.source import export, make_sdist, version
from dist.tools import epoch, fresh, python, run

MANUAL = '.data/data/share/man/man1/'      # where a wheel keeps what is installed as share/man/man1
_made = []                  # the path, once per run of the command


def make():
    """Builds the wheel and the source distribution; the wheel's path."""
    if _made:
        return _made[0]
    build = python()
    folder = export()
    fresh_wheels = fresh('wheel')
    manual = [('doc/man/' + name, text.encode('ascii'), False)
              for name, text in sorted(rendered(epoch()).items())]
    for name, data, _ in manual:
        write_file(os.path.join(folder, *name.split('/')), data)
    run([build, '-m', 'pip', '--disable-pip-version-check', '--quiet', 'wheel', '--no-deps',
         '--no-build-isolation', '--no-index', '--wheel-dir', fresh_wheels, folder])
    found = glob.glob(os.path.join(fresh_wheels, '*.whl'))
    if len(found) != 1:
        raise Trouble('pip made %s' % (found or 'no wheel'))
    packed = read_zip(found[0])
    os.makedirs(OUT, exist_ok=True)
    path = os.path.join(OUT, os.path.basename(found[0]))
    for pattern in ('carryall-*.whl', 'carryall-*.tar.gz'):
        for old in glob.glob(os.path.join(OUT, pattern)):
            os.unlink(old)
    # RECORD has to be the last entry, says the wheel's specification.
    record = [entry for entry in packed if entry[0].endswith('.dist-info/RECORD')]
    write_zip(path, [entry for entry in packed if entry not in record] + record, epoch())
    make_sdist(next(data for name, data, _ in packed if name.endswith('.dist-info/METADATA')),
               manual)
    _made.append(path)
    return path


def contents():
    """(name, data) of each file of the package in the wheel, ``carryall/...``; no metadata."""
    return [(name, data) for name, data, _ in read_zip(make()) if name.startswith('carryall/')]


def manual_pages():
    """(file name, data) of each manual page in the wheel."""
    return [(name.rpartition('/')[2], data) for name, data, _ in read_zip(make())
            if MANUAL in name]


def licence():
    """The licence's text."""
    return next(data for name, data, _ in read_zip(make()) if name.endswith('/LICENSE'))


__all__ = ['MANUAL', 'contents', 'licence', 'make', 'manual_pages', 'version']
