# Copyright the carryall authors.  See LICENSE.
"""The files of zones: master files with what they include, copies of secondaries, and keys.

Tests:    tests/services/dns/test_zonefiles.py
"""
from __future__ import absolute_import, division, print_function

import base64
import os

from carryall.core.errors import LocalProtocolError, UsageError
from carryall.core.files.plainfile import open_plain
from carryall.core.files.smallfile import read_small_text
from carryall.protocols.dns import (KeyRing, MasterFile, MasterFileError, TSIGKey, Zone,
                                    format_name, parse_name)
from carryall.services.dns.pyzone import read_pyzone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

__all__ = ['file_name', 'load_keys', 'load_pyzone', 'load_zone', 'read_whole', 'save_zone',
           'zone_of']

# -- limits ------------------------------------------------------------------
MAX_FILE = 1 << 30          # octets of a master file; that of a large TLD is below
PIECE = 1 << 20             # octets that are read at once
MAX_KEYS = 1000             # lines of a file of keys


def load_zone(path, origin):
    # type: (str, bytes) -> Zone
    """The zone in a master file.

    Raises:   UsageError: it cannot be read, or is wrong; with the file and the line.
    """
    return zone_of(_octets(path), origin, path, lambda name: _included(path, name))


def zone_of(data, origin, file, include=None):
    # type: (bytes, bytes, str, Any) -> Zone
    """The zone in the octets of a master file."""
    zone = Zone(origin)
    source = MasterFile(data, origin, file, include)
    try:
        for record in source:
            try:
                zone.add(record)
            except LocalProtocolError as exc:
                raise source.fault(exc.message)
        zone.rclass = source.rclass or 1
        zone.check()
    except LocalProtocolError as exc:
        if isinstance(exc, MasterFileError) and exc.file == file:
            raise UsageError(exc.message)
        raise UsageError(u'%s: %s' % (file, exc.message))
    return zone


def _octets(path):
    # type: (str) -> bytes
    try:
        return read_whole(path, MAX_FILE)
    except (IOError, OSError) as exc:
        raise UsageError(u'%s cannot be read: %s' % (path, exc.strerror or exc))


def read_whole(path, maximum):
    # type: (str, int) -> bytes
    """All octets of a file; UsageError if they are more than *maximum*."""
    pieces = []
    size = 0
    with open_plain(path, 'rb') as source:
        while True:
            # jython: a read takes memory for all that it was asked for
            piece = source.read(PIECE)
            if not piece:
                return b''.join(pieces)
            pieces.append(piece)
            size += len(piece)
            if size > maximum:
                raise UsageError(u'%s has more than %d octets' % (path, maximum))


def _included(path, name):
    # type: (str, str) -> bytes
    """The octets of a file that a master file includes: it lies in the same folder or below."""
    folder = os.path.realpath(os.path.dirname(path) or u'.')
    whole = os.path.realpath(os.path.join(folder, name))
    if not whole.startswith(os.path.join(folder, u'')):
        raise LocalProtocolError(u'%s lies outside of the folder of the zone' % name)
    return read_whole(whole, MAX_FILE)


def load_pyzone(path):
    # type: (str) -> Zone
    """The zone in a file of Twisted's Python source."""
    return read_pyzone(_octets(path), path)


def save_zone(zone, path):
    # type: (Zone, str) -> None
    """Writes a zone: a crash leaves the file as it was, or whole."""
    part = path + u'.part'
    with open(part, 'wb') as target:
        for record in zone.records():
            target.write(record.text().encode('ascii') + b'\n')
        target.flush()
        os.fsync(target.fileno())
    os.rename(part, path)


def load_keys(path):
    # type: (Optional[str]) -> KeyRing
    """The keys in a file; none without one."""
    if path is None:
        return KeyRing()
    keys = []
    for number, line in enumerate(read_small_text(path).splitlines()):
        words = line.split()
        if not words or words[0].startswith(u'#'):
            continue
        if len(words) != 3 or len(keys) == MAX_KEYS:
            raise UsageError(u'%s: line %d is not a name, an algorithm and a secret'
                             % (path, number + 1))
        try:
            keys.append(TSIGKey(parse_name(words[0]), words[1].lower(), _secret(words[2])))
        except LocalProtocolError as exc:
            raise UsageError(u'%s: line %d: %s' % (path, number + 1, exc.message))
    return KeyRing(keys)


def _secret(text):
    # type: (str) -> bytes
    try:
        return base64.b64decode(text.encode('ascii'))
    except (TypeError, ValueError, UnicodeError):
        raise LocalProtocolError(u'the secret is not in base 64')


def file_name(origin):
    # type: (bytes) -> str
    """The name of a file for a zone: no character of it leads elsewhere."""
    text = format_name(origin)[:-1].replace(u'/', u'\\047')
    return text or u'root'
