# Copyright the carryall authors.  See LICENSE.
"""LIST in the forms of servers: ls -l, MS-DOS, EPLF and VMS, by guessing (RFC 959 defines none).

Wire:     drwxr-xr-x  2 root  root    512 Apr  8  1994 etc               Unix; the group or the
          links may be missing
          04-27-00  09:09PM       <DIR>          licensed               IIS
          +i8388621.29609,m824255902,/,\\tdev                            EPLF
          CORE.DIR;1          1  8-SEP-1996 16:09 [SYSTEM] (RWE,RWE,RE,RE)   VMS
Not here: other forms; such lines are ignored.
Tests:    tests/protocols/ftp/test_listparser.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.numbers import decimal
from carryall.protocols.ftp.filesystem import FILE, FOLDER, LINK, OTHER, Entry
from carryall.core.codec.calendardates import MONTHS, civil, seconds_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Optional, Tuple

__all__ = ['is_plain', 'parse_line', 'parse_listing']

MAX_SIZE = 2 ** 63 - 1
MAX_EPLF_TIME = 253402300799
MONTH_NUMBERS = dict((name.lower(), number) for number, name in enumerate(MONTHS, 1))


def is_plain(name):
    # type: (bytes) -> bool
    """True if a server's name for an entry is a single name, and not a path out of the folder
    (``../x``, ``/etc/x``)."""
    return bool(name) and name not in (b'.', b'..') \
        and not [octet for octet in (b'/', b'\\', b'\0', b'\r', b'\n')
                                                            if octet in name]


def parse_listing(data, now):
    # type: (bytes, float) -> List[Entry]
    """The entries of a listing, without unknown lines, ``.`` and ``..``, and names that lead out of
    the folder.

    Args:     now: seconds since 1970, for dates without a year.
    """
    found = []
    pending = b''                   # VMS: a long name has a line of its own
    for line in data.replace(b'\r\n', b'\n').split(b'\n'):
        entry = parse_line(pending + line, now)
        if entry is None and line.rstrip()[-2:-1] == b';' and b' ' not in line.strip():
            pending = line.strip() + b' '
            continue
        pending = b''
        if entry is not None and is_plain(entry.name):
            found.append(entry)
    return found


def parse_line(line, now):
    # type: (bytes, float) -> Optional[Entry]
    """The entry of one line; None if its form is unknown."""
    if line[:1] == b'+':
        return _eplf(line)
    if line[:1] in b'0123456789' and line[2:3] == b'-':
        return _dos(line)
    if line[:1] in b'-bcdlpsD?' and len(line.split(None, 1)[0] if line.strip() else b'') >= 10:
        return _unix(line, now)
    if b';' in line:
        return _vms(line)
    return None


def _words(line, count):
    # type: (bytes, int) -> List[Tuple[bytes, int]]
    """The first *count* words, and the end of each."""
    found = []                      # type: List[Tuple[bytes, int]]
    at = 0
    while len(found) < count:
        while line[at:at + 1] in (b' ', b'\t'):
            at += 1
        end = at
        while end < len(line) and line[end:end + 1] not in (b' ', b'\t'):
            end += 1
        if end == at:
            break
        found.append((line[at:end], end))
        at = end
    return found


# -- Unix --------------------------------------------------------------------

def _unix(line, now):
    # type: (bytes, float) -> Optional[Entry]
    words = _words(line, 12)
    # The month is searched for: links, owner and group in front of it may be missing, or have
    # blanks.
    for place in range(2, len(words) - 3):
        month = MONTH_NUMBERS.get(words[place][0].lower())
        day = decimal(words[place + 1][0], 31)
        clock = words[place + 2][0]
        if month is None and decimal(words[place][0], 31):      # some have the day first
            month = MONTH_NUMBERS.get(words[place + 1][0].lower())
            day = decimal(words[place][0], 31)
        size = decimal(words[place - 1][0], MAX_SIZE)
        modified = _unix_time(month, day, clock, now) if month and day and size is not None \
            else None
        if modified is None:
            continue
        # One blank, then the name, which may begin with blanks itself.
        name = line[words[place + 2][1] + 1:]
        kind = {b'd': FOLDER, b'l': LINK, b'-': FILE}.get(line[:1], OTHER)
        target = b''
        if kind == LINK:
            name, _, target = name.partition(b' -> ')
        links = decimal(words[1][0], 2 ** 31)
        entry = Entry(name, kind, size or 0 if kind in (FILE, LINK) else 0, modified,
                      _mode(words[0][0]), words[2][0],
                      words[3][0] if place > 4 else b'', links or 1, target=target)
        if kind == OTHER and line[:1] in b'psbc':
            entry.special = line[:1]
        return entry
    return None


def _unix_time(month, day, clock, now):
    # type: (int, int, bytes, float) -> Optional[float]
    """The seconds of month and day, with ``HH:MM`` of the last twelve months or a year."""
    if b':' not in clock:
        year = decimal(clock, 9999)
        return _seconds(year, month, day, 0, 0) if year and year > 1900 else None
    hour, _, minute = clock.partition(b':')
    h = decimal(hour, 23)
    m = decimal(minute[:2], 59)
    if h is None or m is None:
        return None
    year = civil(now)[0]
    found = _seconds(year, month, day, h, m)
    if found is None or found > now + 86400:  # a day of grace, for we do not know the server's zone
        found = _seconds(year - 1, month, day, h, m)
    return found


def _seconds(year, month, day, hour, minute):
    # type: (int, int, int, int, int) -> Optional[float]
    found = seconds_of(year, month, day, hour, minute)
    return float(found) if civil(found)[2] == day else None


def _mode(letters):
    # type: (bytes) -> int
    mode = 0
    for place in range(9):
        letter = letters[place + 1:place + 2]
        if letter in (b'r', b'w', b'x', b's', b't'):
            mode |= 1 << 8 - place
        if letter in (b's', b'S', b't', b'T'):
            mode |= {2: 0o4000, 5: 0o2000, 8: 0o1000}.get(place, 0)
    return mode


# -- the others --------------------------------------------------------------

def _dos(line):
    # type: (bytes) -> Optional[Entry]
    words = _words(line, 4)
    date = words[0][0].split(b'-') if len(words) == 4 else []
    if len(date) != 3:
        return None
    month = decimal(date[0], 12)
    day = decimal(date[1], 31)
    year = decimal(date[2], 9999)
    clock = words[1][0].upper()
    hour = decimal(clock[:2], 23)
    minute = decimal(clock[3:5], 59)
    if not month or not day or year is None or hour is None or minute is None or clock[2:3] != b':':
        return None
    if clock[5:] in (b'AM', b'PM'):
        hour = hour % 12 + (12 if clock[5:] == b'PM' else 0)
    elif clock[5:]:
        return None
    if year < 100:
        year += 1900 if year >= 70 else 2000
    modified = _seconds(year, month, day, hour, minute)
    folder = words[2][0].upper() == b'<DIR>'
    size = 0 if folder else decimal(words[2][0].replace(b',', b''), MAX_SIZE)
    if modified is None or size is None:
        return None
    name = line[words[3][1] - len(words[3][0]):].rstrip(b' ')
    return Entry(name, FOLDER if folder else FILE, size, modified)


def _eplf(line):
    # type: (bytes) -> Optional[Entry]
    head, tab, name = line[1:].partition(b'\t')
    if not tab:
        return None
    entry = Entry(name, OTHER)
    for fact in head.split(b','):
        if fact == b'/':
            entry.kind = FOLDER
        elif fact == b'r':
            entry.kind = FILE
        elif fact[:1] == b's':
            entry.size = decimal(fact[1:], MAX_SIZE) or 0
        elif fact[:1] == b'm':
            entry.modified = float(decimal(fact[1:], MAX_EPLF_TIME) or 0)
        elif fact[:1] == b'i':
            entry.unique = fact[1:]
    return entry


def _vms(line):
    # type: (bytes) -> Optional[Entry]
    words = _words(line, 5)
    if len(words) < 4:
        return None
    name, _, version = words[0][0].rpartition(b';')
    date = words[2][0].split(b'-')
    if decimal(version, 99999) is None or len(date) != 3 or not name:
        return None
    day = decimal(date[0], 31)
    month = MONTH_NUMBERS.get(date[1].lower())
    year = decimal(date[2], 9999)
    clock = words[3][0].split(b':')
    hour = decimal(clock[0], 23)
    minute = decimal(clock[1], 59) if len(clock) > 1 else None
    if not day or not month or not year or hour is None or minute is None:
        return None
    modified = _seconds(year, month, day, hour, minute)
    if modified is None:
        return None
    blocks = decimal(words[1][0].partition(b'/')[0], MAX_SIZE // 512) or 0
    if name.upper().endswith(b'.DIR'):
        return Entry(name[:-4], FOLDER, 0, modified)
    return Entry(name, FILE, blocks * 512, modified)
