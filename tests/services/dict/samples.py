# Copyright the carryall authors.  See LICENSE.
"""Databases for the tests of the dict service, as dictfmt and dictzip make them."""
from __future__ import absolute_import, division, print_function

import struct
import zlib

from carryall.services.dict.dictindex import number_in_base64
from carryall.services.dict.headwords import fold

FRUIT = ((u'apple', u'A round fruit.\n.dots'), (u'apple', u'A tree.'), (u'Apple Pie', u'A pie.'),
         (u'banana', u'A long fruit.'), (u'caf\xe9', u'A place.'), (u'foo-bar', u'A word.'),
         (u'\xc9clair', u'A cake.'))


def database(folder, name, words=FRUIT, flags=('utf8',), zipped=False, short=u'Fruit', keep=True):
    """Writes a database; the path without its ending.

    Args:     flags: headers without a text, such as ``allchars``.
              keep: write headwords as they are spelled into the fourth column.
    """
    allchars = 'allchars' in flags
    case_sensitive = 'case-sensitive' in flags
    data = b''
    rows = []
    headers = [(u'00-database-' + flag, u'') for flag in flags]
    headers += [(u'00-database-short', u'00-database-short\n     %s\n' % short),
                (u'00-database-info', u'00-database-info\nFree for all.\n')]
    for word, text in headers + [(word, word + u'\n' + text) for word, text in words]:
        octets = text.encode('utf-8') + b'\n'
        by_octets = allchars or 'utf8' in flags
        key = fold(word, allchars, case_sensitive)
        shown = key if by_octets else word.encode('utf-8')
        columns = [shown, number_in_base64(len(data)), number_in_base64(len(octets))]
        if keep and shown != word.encode('utf-8'):
            columns.append(word.encode('utf-8'))
        rows.append((key, b'\t'.join(columns)))
        data += octets
    rows.sort()
    path = folder.join(name) if hasattr(folder, 'join') else folder / name
    path = str(path)
    with open(path + '.index', 'wb') as file:
        file.write(b''.join(row + b'\n' for _, row in rows))
    with open(path + ('.dict.dz' if zipped else '.dict'), 'wb') as file:
        file.write(dictzipped(data) if zipped else data)
    return path


def dictzipped(data, piece=40, extra=b'', name=b'sample.dict'):
    """The octets in the format of dictzip, in pieces of so many octets."""
    coder = zlib.compressobj(9, zlib.DEFLATED, -15)
    parts = []
    for at in range(0, len(data), piece):
        parts.append(coder.compress(data[at:at + piece]) + coder.flush(zlib.Z_FULL_FLUSH))
    table = struct.pack('<HHH', 1, piece, len(parts)) + b''.join(
        struct.pack('<H', len(part)) for part in parts)
    field = extra + b'RA' + struct.pack('<H', len(table)) + table
    head = b'\x1f\x8b\x08' + (b'\x0c' if name else b'\x04') + b'\0' * 4 + b'\x02\x03'
    head += struct.pack('<H', len(field)) + field + (name + b'\0' if name else b'')
    tail = struct.pack('<II', zlib.crc32(data) & 0xffffffff, len(data) & 0xffffffff)
    return head + b''.join(parts) + coder.flush() + tail
