# Copyright the carryall authors.  See LICENSE.
"""Archives that are the same bytes each time they are made of the same files.

Their entries are sorted, have one date, and belong to no user.  An entry is (name inside, bytes,
executable).  A link in a tar is (name, text of the link's target, None).
"""
import gzip
import io
import os
import tarfile
import time
import zipfile

FIRST_ZIP_SECOND = 315532800        # 1980-01-01; a zip knows nothing earlier
MODE = 0o644
EXECUTABLE = 0o755
FOLDER = 0o755


def write_zip(path, entries, epoch, prefix=b'', stored=()):
    """Writes a zip file with the bytes *prefix* before it; names in *stored* are not compressed."""
    date = time.gmtime(max(epoch, FIRST_ZIP_SECOND))[:6]
    with open(path, 'wb') as file:
        file.write(prefix)
        with zipfile.ZipFile(file, 'w', zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for name, data, executable in entries:
                info = zipfile.ZipInfo(name, date)
                info.create_system = 3              # Unix, whatever this is: the modes below count
                info.external_attr = (0o100000 | (EXECUTABLE if executable else MODE)) << 16
                info.compress_type = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
                archive.writestr(info, data)
    if prefix:
        os.chmod(path, EXECUTABLE)


def tar_bytes(entries, epoch):
    """A tar of the entries and of the folders that they lie in."""
    target = io.BytesIO()
    folders = set()
    with tarfile.open(fileobj=target, mode='w', format=tarfile.GNU_FORMAT) as archive:
        for name, data, executable in sorted(entries, key=lambda entry: entry[0]):
            _add_folders(archive, name, folders, epoch)
            info = _plain_info(name, epoch)
            if executable is None:
                info.type = tarfile.SYMTYPE
                info.linkname = data
                info.mode = 0o777
                archive.addfile(info)
            else:
                info.size = len(data)
                info.mode = EXECUTABLE if executable else MODE
                archive.addfile(info, io.BytesIO(data))
    return target.getvalue()


def _add_folders(archive, name, seen, epoch):
    parts = name.split('/')[:-1]
    for count in range(1, len(parts) + 1):
        folder = '/'.join(parts[:count])
        if folder not in seen and folder != '.':
            seen.add(folder)
            info = _plain_info(folder, epoch)
            info.type = tarfile.DIRTYPE
            info.mode = FOLDER
            archive.addfile(info)


def _plain_info(name, epoch):
    info = tarfile.TarInfo(name)
    info.mtime = epoch
    info.uname = 'root'
    info.gname = 'root'
    return info


def gzip_bytes(data, epoch):
    """Compressed, without the name of a file."""
    target = io.BytesIO()
    with gzip.GzipFile('', 'wb', 9, target, mtime=epoch) as file:
        file.write(data)
    return target.getvalue()


def ar_bytes(members, epoch):
    """An ar archive, as a Debian package is: (name, data) of each member."""
    parts = [b'!<arch>\n']
    for name, data in members:
        header = '%-16s%-12d%-6d%-6d%-8o%-10d`\n' % (name, epoch, 0, 0, 0o100644, len(data))
        parts += [header.encode('ascii'), data, b'\n' if len(data) % 2 else b'']
    return b''.join(parts)


def read_zip(path):
    """The entries of a zip file, by name, without its folders."""
    with zipfile.ZipFile(path) as archive:
        return [(info.filename, archive.read(info), bool(info.external_attr >> 16 & 0o100))
                for info in sorted(archive.infolist(), key=lambda info: info.filename)
                if not info.is_dir()]


def read_folder(folder):
    """The entries of a folder, by name; links as such."""
    found = []
    for place, folders, names in os.walk(folder):
        folders.sort()
        links = [each for each in folders if os.path.islink(os.path.join(place, each))]
        for name in sorted(names + links):
            path = os.path.join(place, name)
            inside = os.path.relpath(path, folder).replace(os.sep, '/')
            if os.path.islink(path):
                found.append((inside, os.readlink(path), None))
            else:
                with open(path, 'rb') as file:
                    found.append((inside, file.read(), os.access(path, os.X_OK)))
    return sorted(found, key=lambda entry: entry[0])


def write_file(path, data, executable=False):
    """Writes a file in one step, with its folders."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + '.new', 'wb') as file:
        file.write(data)
    os.chmod(path + '.new', EXECUTABLE if executable else MODE)
    os.replace(path + '.new', path)
