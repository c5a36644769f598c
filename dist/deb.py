# Copyright the carryall authors.  See LICENSE.
"""carryall_VERSION_all.deb: for Debian's own Python 3, with a systemd unit that runs a tap.

    /usr/bin/carryall, carryalld (twistd),      the command; names that no other package has
        carryall-mktap
    /usr/lib/carryall/bin/mktap, twistd         the old names, for users with that folder on the
                                                path
    /usr/lib/python3/dist-packages/carryall     the library; the pytest plug-in too
    /usr/share/man/man1/carryall*.1.gz          the manual; that of the old names lies in
                                                /usr/lib/carryall/share
    /lib/systemd/system/carryall@.service       runs /etc/carryall/NAME.tap
    /etc/carryall                               taps

Written by this program alone: an ar archive of two tars, with one date and no owner but root.
"""
import glob
import hashlib
import os

from dist import OUT, ROOT
from dist.archives import ar_bytes, gzip_bytes, read_zip, tar_bytes, write_file
from dist.source import version
from dist.tools import epoch
from dist.wheel import MANUAL, licence, make as make_wheel, manual_pages

PACKAGES = 'usr/lib/python3/dist-packages/'
UNITS = 'lib/systemd/system/'
OLD_NAMES = ('mktap', 'twistd')

CONTROL = """Package: carryall
Version: %s
Section: net
Priority: optional
Architecture: all
Depends: python3 (>= 3.8), python3:any
Maintainer: the carryall authors <authors@carryall.invalid>
Installed-Size: %d
Description: portable suite of internet servers and clients
 One program with servers and clients for many internet protocols, with nothing
 to install beside it.  A server is run at once, or configured, saved as a tap
 and run by systemd: carryall@NAME.service runs /etc/carryall/NAME.tap.
"""
COMMAND = b"""#!/usr/bin/python3
# Copyright the carryall authors.  See LICENSE.
import os
import sys

_top = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
_packages = os.path.join(_top, 'lib', 'python3', 'dist-packages')
if os.path.isdir(os.path.join(_packages, 'carryall')):
    # The library of this very package, wherever it was unpacked; and nothing of the folder that
    # the program lies in.
    sys.path[0] = _packages

from carryall.commands.main import main     # noqa: E402

if __name__ == '__main__':
    sys.exit(main())
"""
AFTER_INSTALLING = b"""#!/bin/sh
set -e
if [ "$1" = configure ]; then
    if command -v py3compile >/dev/null; then py3compile -p carryall; fi
    if [ -d /run/systemd/system ]; then systemctl daemon-reload || true; fi
fi
"""
BEFORE_REMOVING = b"""#!/bin/sh
set -e
if command -v py3clean >/dev/null; then py3clean -p carryall; fi
"""
COPYRIGHT = b"carryall, written by the carryall authors.\n\n"
TAPS_README = b'One tap a server: carryall@NAME.service runs NAME.tap of this folder.\n'


def make():
    """Writes the package; its path."""
    files = _files()
    size = sum(len(data) for _, data, executable in files if executable is not None)
    sums = ''.join('%s  %s\n' % (hashlib.md5(data).hexdigest(), name)
                   for name, data, executable in sorted(files, key=lambda entry: entry[0])
                   if executable is not None)
    control = [('./control', (CONTROL % (version(), (size + 1023) // 1024)).encode('ascii'), False),
               ('./md5sums', sums.encode('utf-8'), False), ('./postinst', AFTER_INSTALLING, True),
               ('./prerm', BEFORE_REMOVING, True)]
    date = epoch()
    installed = [('./' + entry[0],) + entry[1:] for entry in files]
    packed = ar_bytes([('debian-binary', b'2.0\n'),
                       ('control.tar.gz', gzip_bytes(tar_bytes(control, date), date)),
                       ('data.tar.gz', gzip_bytes(tar_bytes(installed, date), date))], date)
    for old in glob.glob(os.path.join(OUT, 'carryall_*.deb')):
        os.unlink(old)
    path = os.path.join(OUT, 'carryall_%s_all.deb' % version())
    write_file(path, packed)
    return path


def manual_path(name):
    """The path of an installed manual page.

    Those of the old names lie next to their programs, where man(1) finds them by the path.
    """
    top = 'usr/lib/carryall' if name.startswith(OLD_NAMES) else 'usr'
    return '%s/share/man/man1/%s.gz' % (top, name)


def _files():
    """The entries of all that is installed."""
    files = [(PACKAGES + name, data, False) for name, data, _ in read_zip(make_wheel())
             if not name.endswith('/RECORD') and MANUAL not in name]
    files += [(manual_path(name), gzip_bytes(data, epoch()), False)
              for name, data in manual_pages()]
    files.append(('usr/bin/carryall', COMMAND, True))
    files += [('usr/bin/carryalld', 'carryall', None), ('usr/bin/carryall-mktap', 'carryall', None)]
    files += [('usr/lib/carryall/bin/' + name, '../../../bin/carryall', None)
              for name in OLD_NAMES]
    for name in ('carryall@.service',):
        with open(os.path.join(ROOT, 'dist', 'systemd', name), 'rb') as file:
            files.append((UNITS + name, file.read(), False))
    with open(os.path.join(ROOT, 'README.md'), 'rb') as file:
        files.append(('usr/share/doc/carryall/README.md', file.read(), False))
    files.append(('usr/share/doc/carryall/copyright', COPYRIGHT + licence(), False))
    files.append(('etc/carryall/README', TAPS_README, False))
    return files
