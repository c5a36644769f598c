# Copyright the carryall authors.  See LICENSE.
"""LIST in the form of ``ls -l`` (RFC 959 section 4.1.3 leaves the form open).

Wire:     -rw-r--r--   1 ftp      ftp         24486 Jul 07  2002 name
          lrwxrwxrwx   1 ftp      ftp             4 Jul 07 12:00 link -> name
Tests:    tests/protocols/ftp/test_unixlist.py
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.ftp.filesystem import FILE, FOLDER, LINK
from carryall.core.codec.calendardates import MONTHS, civil

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional, Tuple
    from carryall.protocols.ftp.filesystem import Entry

__all__ = ['Switches', 'format_line', 'letters_of', 'split_switches']

RECENT_SECONDS = 180 * 86400        # younger entries show a time of day, as in ls
SWITCHES = b'aAlRFrtSd1LCnhG'       # of ls, accepted; only a, A, R and d have a meaning


# (bit of the mode, place, letter with the x bit, letter without it)
SPECIAL_BITS = ((0o4000, 3, b's', b'S'), (0o2000, 6, b's', b'S'), (0o1000, 9, b't', b'T'))


class Switches(object):
    """The switches of ``LIST -aR``: hidden names, subdirectories, the directory itself."""

    __slots__ = ('hidden', 'deep', 'itself')

    def __init__(self, hidden=False, deep=False, itself=False):
        # type: (bool, bool, bool) -> None
        self.hidden = hidden
        self.deep = deep
        self.itself = itself


def split_switches(text):
    # type: (bytes) -> Tuple[Switches, bytes]
    """(switches, path) of the argument of LIST, NLST or STAT.

    peer: clients send the switches of ls, so a word of such letters behind a dash is no name.
    A file called ``-a`` is named ``./-a``.
    """
    switches = Switches()
    while text[:1] == b'-':
        word, _, rest = text.partition(b' ')
        if len(word) < 2 or word[1:].strip(SWITCHES):
            break
        switches.hidden = switches.hidden or b'a' in word or b'A' in word
        switches.deep = switches.deep or b'R' in word
        switches.itself = switches.itself or b'd' in word
        text = rest.lstrip(b' ')
    return switches, text


def letters_of(kind, mode, special=b''):
    # type: (str, int, bytes) -> bytes
    """``-rwxr-x---``; *special* is the first letter of other kinds."""
    out = [{FOLDER: b'd', LINK: b'l', FILE: b'-'}.get(kind, special or b'?')]
    for place, letter in enumerate((b'r', b'w', b'x') * 3):
        out.append(letter if mode & 1 << 8 - place else b'-')
    for bit, place, low, high in SPECIAL_BITS:
        if mode & bit:
            out[place] = low if out[place] == b'x' else high
    return b''.join(out)


def format_line(entry, now, offset=0, name=None):
    # type: (Entry, float, int, Optional[bytes]) -> bytes
    """One line, without its end.

    Args:     now: seconds since 1970; times older than half a year show their year.
              offset: seconds to add to UTC.
              name: to show instead of the entry's.
    """
    # Years before 1970 or of five digits confuse clients; the nearest time is shown.
    shown = min(max(entry.modified, 0.0), 253402300799.0)
    year, month, day, hour, minute, _, _ = civil(shown + offset)
    if -86400 <= now - shown < RECENT_SECONDS:
        when = b'%s %02d %02d:%02d' % (MONTHS[month - 1], day, hour, minute)
    else:
        when = b'%s %02d  %04d' % (MONTHS[month - 1], day, year)
    size = b'%d' % entry.size if entry.device is None else b'%d, %3d' % entry.device
    line = b'%s %3d %-8s %-8s %12s %s %s' % (
        letters_of(entry.kind, entry.mode, entry.special), entry.links, entry.owner or b'-',
        entry.group or b'-', size, when, entry.name if name is None else name)
    return line + b' -> ' + entry.target if entry.kind == LINK and entry.target else line
