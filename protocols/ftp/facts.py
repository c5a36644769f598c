# Copyright the carryall authors.  See LICENSE.
"""Facts of files: MLST and MLSD, and the times of MDTM and MFMT (RFC 3659 sections 2.3, 7).

Wire:     type=file;size=1024990;modify=20020707120000;perm=adfrw; name
Tests:    tests/protocols/ftp/test_facts.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.numbers import decimal
from carryall.protocols.ftp.filesystem import FILE, FOLDER, LINK, Entry
from carryall.core.codec.calendardates import civil, seconds_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, Optional, Sequence, Tuple

__all__ = ['FACTS', 'chosen_facts', 'features', 'format_facts', 'format_time', 'parse_facts',
           'parse_time']

# -- limits ------------------------------------------------------------------
MAX_SIZE = 2 ** 63 - 1
MIN_TIME = -62135596800     # 0001-01-01 00:00:00
MAX_TIME = 253402300799     # 9999-12-31 23:59:59; the grammar has four digits of a year

# The facts in the order in which they are sent (RFC 3659 section 7.5, and those of Unix).
FACTS = (b'type', b'size', b'modify', b'perm', b'unique', b'unix.mode', b'unix.uid', b'unix.gid',
         b'media-type', b'charset')
DEFAULT = (b'type', b'size', b'modify', b'perm', b'unique', b'unix.mode')

# (permission of the account, letter of the fact), RFC 3659 section 7.5.5.
OF_FILE = ((b'a', b'a'), (b'd', b'd'), (b'f', b'f'), (b'r', b'r'), (b'w', b'w'))
OF_FOLDER = ((b'w', b'c'), (b'd', b'd'), (b'e', b'e'), (b'f', b'f'), (b'l', b'l'), (b'm', b'm'),
             (b'd', b'p'))

# Types of other kinds -> letter in LIST; some servers spell them in full.
SPECIAL = {b'pipe': b'p', b'fifo': b'p', b'socket': b's', b'blk': b'b', b'block': b'b',
           b'chr': b'c', b'character': b'c'}
WORDS = {b'p': b'pipe', b's': b'socket', b'b': b'blk', b'c': b'chr'}

TYPES = {FILE: b'file', FOLDER: b'dir', LINK: b'OS.unix=symlink'}

TIME_PARTS = ((0, 4), (4, 6), (6, 8), (8, 10), (10, 12), (12, 14))

# -- times -------------------------------------------------------------------

def format_time(seconds):
    # type: (float) -> bytes
    """``YYYYMMDDHHMMSS`` in UTC, within the years 1 to 9999 (RFC 3659 section 2.3)."""
    year, month, day, hour, minute, second, _ = civil(min(max(seconds, MIN_TIME), MAX_TIME))
    return b'%04d%02d%02d%02d%02d%02d' % (year, month, day, hour, minute, second)


def parse_time(data):
    # type: (bytes) -> Optional[float]
    """The seconds since 1970 of ``YYYYMMDDHHMMSS[.sss]``; None if malformed."""
    whole, dot, fraction = data.partition(b'.')
    if len(whole) != 14 or not whole.isdigit():
        return None
    if dot and not fraction.isdigit() or len(fraction) > 9:
        return None
    parts = [decimal(whole[start:end], 9999) or 0 for start, end in TIME_PARTS]
    year, month, day, hour, minute, second = parts
    if not year or not 1 <= month <= 12 or not 1 <= day <= 31:
        return None
    if hour > 23 or minute > 59 or second > 60:
        return None
    found = seconds_of(year, month, day, hour, minute, min(second, 59))
    if civil(found)[2] != day:              # the 31st of a month of 30 days
        return None
    # A fraction is dropped: not every file system keeps it.
    return float(found)


# -- facts -------------------------------------------------------------------

def features(chosen):
    # type: (Sequence[bytes]) -> bytes
    """The line of FEAT: all facts, the chosen ones marked (RFC 3659 section 7.8)."""
    return b'MLST ' + b''.join(fact + (b'*;' if fact in chosen else b';') for fact in FACTS)


def chosen_facts(text):
    # type: (bytes) -> Tuple[bytes, ...]
    """The known facts of ``OPTS MLST fact;fact;`` (RFC 3659 section 7.9)."""
    wanted = set(text.lower().split(b';'))
    return tuple(fact for fact in FACTS if fact in wanted)


def _special(entry):
    # type: (Entry) -> bytes
    """The type of other kinds; of a device ``OS.unix=chr-13/29`` (RFC 3659 section 7.7.3)."""
    word = WORDS.get(entry.special, b'special')
    if entry.device is None:
        return b'OS.unix=' + word
    return b'OS.unix=%s-%d/%d' % ((word,) + entry.device)


def format_facts(entry, chosen, letters, kind=b'', media_type=b''):
    # type: (Entry, Sequence[bytes], bytes, bytes, bytes) -> bytes
    """The facts of an entry, each with its semicolon, without the blank and the name.

    Args:     chosen: of FACTS.
              letters: permissions of the account, of ``elradfmw``.
              kind: ``cdir`` or ``pdir`` instead of the entry's kind.
              media_type: b'' if unknown.
    """
    out = []
    folder = entry.kind == FOLDER
    for fact in chosen:
        value = b''
        if fact == b'type':
            value = kind or TYPES.get(entry.kind) or _special(entry)
        elif fact == b'size':
            value = b'' if folder else b'%d' % entry.size
        elif fact == b'modify':
            value = format_time(entry.modified)
        elif fact == b'perm':
            pairs = OF_FOLDER if folder else OF_FILE
            allowed = [shown for needed, shown in pairs if needed in letters]
            out.append(b'perm=' + b''.join(allowed) + b';')
        elif fact == b'unique':
            value = entry.unique
        elif fact == b'unix.mode':
            value = b'0%03o' % entry.mode
        elif fact == b'unix.uid':
            value = entry.owner
        elif fact == b'unix.gid':
            value = entry.group
        elif fact == b'media-type':
            value = media_type
        elif fact == b'charset':
            if not folder and media_type and not media_type.startswith(b'text/'):
                value = b'binary'
        if value:
            out.append(b'%s=%s;' % (fact, value.replace(b';', b'_').replace(b' ', b'_')))
    return b''.join(out)


def parse_facts(line):
    # type: (bytes) -> Optional[Tuple[Entry, Dict[bytes, bytes]]]
    """(Entry, all facts by lower-case name) of a line of MLSD; None if malformed.

    The kind of the directory itself is ``cdir``, that of its parent ``pdir``.
    """
    head, blank, name = line.partition(b' ')
    if not blank or not name or head and head[-1:] != b';':
        return None
    found = {}      # type: Dict[bytes, bytes]
    for fact in head.split(b';')[:-1]:
        key, equals, value = fact.partition(b'=')
        if not equals or len(found) >= 100:
            return None
        found[key.lower()] = value
    kind = found.get(b'type', b'file').lower()
    if kind in (b'dir', b'cdir', b'pdir'):
        shown = {b'dir': FOLDER, b'cdir': 'cdir', b'pdir': 'pdir'}[kind]
    elif kind.startswith((b'os.unix=slink', b'os.unix=symlink')):
        shown = LINK
    else:
        shown = FILE if kind == b'file' else 'other'
    size = decimal(found.get(b'size', found.get(b'sizd', b'0')), MAX_SIZE)
    modified = parse_time(found.get(b'modify', b'')) or 0.0
    entry = Entry(name, shown, size or 0, modified, unique=found.get(b'unique', b''))
    entry.target = found.get(b'type', b'').partition(b':')[2]       # in its own case
    if shown == 'other':
        entry.special = SPECIAL.get(kind.partition(b'=')[2].partition(b'-')[0], b'')
    return entry, found
