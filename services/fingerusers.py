# Copyright the carryall authors.  See LICENSE.
"""Where finger gets its people from: the accounts of a machine, or a folder.

A person's files, each optional, and shown without being interpreted:

    plan, project       what they tell; project is one line
    pgpkey              their public key
    forward             where their mail goes
    links               a line for each: relation, URL and perhaps media type; for WebFinger
                        (services/web/webfinger.py)
    nofinger            if it is there, the person is not: as if there were no such user

Of an account they lie in the home folder with a dot before their names; a folder of people has a
folder for each, whose name is the login, and in it also ``name``, the full name.  Only regular
files are read, no links, and never more than MAX_FILE octets of one.

Tests:    tests/services/test_fingerusers.py
"""
from __future__ import absolute_import, division, print_function

import os
import stat
from collections import OrderedDict

from carryall.core.compat import FAILURES
from carryall.core.codec.numbers import decimal_text
from carryall.core.net.ip import source_of
from carryall.core.logs import get_logger
from carryall.core.files.plainfile import opened

__all__ = ['Accounts', 'Folder', 'Person', 'QueryRate']

# -- limits ------------------------------------------------------------------
MAX_FILE = 16384            # octets of one file of a person
MAX_TABLE = 4 << 20         # octets of a file of accounts
MAX_PEOPLE = 10000
FIRST_UID = 1000            # of people and not of daemons; what most systems have
LAST_UID = 60000            # beyond are nobody and made-up ones
MAX_SOURCES = 4096          # clients whose queries are counted

log = get_logger('finger')


class Person(object):
    """One of them; all text.

    login, name:    name is u'' if nobody knows it
    office:         u'' or what the account says of room and telephone
    home, shell:    of an account, else u''
    """

    __slots__ = ('login', 'name', 'office', 'home', 'shell', '_folder', '_dot')

    def __init__(self, login, name, folder, dot, office=u'', home=u'', shell=u''):
        # type: (str, str, str, str, str, str, str) -> None
        self.login = login
        self.name = name
        self.office = office
        self.home = home
        self.shell = shell
        self._folder = folder
        self._dot = dot

    def hidden(self):
        # type: () -> bool
        """Whether the person wants not to be there."""
        try:
            names = os.listdir(self._folder)
        except FAILURES:
            # No home, or none that we may look into: what the account says is all there is.
            return False
        return self._dot + u'nofinger' in names

    def read(self, name):
        # type: (str) -> str
        """One of the files; u'' if it is not there or not for everybody."""
        return _read(os.path.join(self._folder, self._dot + name))


def _read(path, maximum=MAX_FILE, public=True):
    # type: (str, int, bool) -> str
    """Text of a regular file that everybody may read; u'' if it is none."""
    try:
        source, found = opened(path, follow=False, buffering=-1)
        with source:
            return source.read(maximum).decode('utf-8', 'replace') if _is_fit(found, public) \
                else u''
    except FAILURES:
        return u''


def _is_fit(found, public):
    # type: (Any, bool) -> bool
    """Whether it is for everybody; what its owner keeps from others is not for the network:
    we may be root."""
    return not public or bool(found.st_mode & stat.S_IROTH)


class Accounts(object):
    """The accounts in a file in the format of /etc/passwd.

    Args:     path: of the file; it is read again for each query, as it may change.
              first, last: uids of people.
    """

    def __init__(self, path='/etc/passwd', first=FIRST_UID, last=LAST_UID):
        # type: (str, int, int) -> None
        self._path = path
        self._first = first
        self._last = last

    def people(self):
        # type: () -> List[Person]
        """All, in the file's order."""
        found = []                  # type: List[Person]
        for line in _read(self._path, MAX_TABLE, False).splitlines():
            fields = line.split(u':')
            uid = decimal_text(fields[2], 2 ** 32) if len(fields) == 7 else None
            if uid is None or not self._first <= uid <= self._last or len(found) >= MAX_PEOPLE:
                continue
            gecos = fields[4].split(u',')
            # The field's old convention: & stands for the login, with a capital.
            name = gecos[0].replace(u'&', fields[0][:1].upper() + fields[0][1:])
            found.append(Person(fields[0], name, fields[5], u'.',
                                u', '.join(part for part in gecos[1:4] if part),
                                fields[5], fields[6]))
        return found


class Folder(object):
    """People who have a folder each, in one folder."""

    def __init__(self, path):
        # type: (str) -> None
        self._path = path

    def people(self):
        # type: () -> List[Person]
        """All, by name."""
        try:
            names = sorted(os.listdir(self._path))
        except FAILURES as exc:
            log.error('%s cannot be listed: %s', self._path, exc)
            return []
        found = []                  # type: List[Person]
        for name in names[:MAX_PEOPLE]:
            folder = os.path.join(self._path, name)
            if not name.startswith('.') and os.path.isdir(folder):
                login = name.decode('utf-8', 'replace') if isinstance(name, bytes) else name
                found.append(Person(login, _read(os.path.join(folder, 'name')).strip(),
                                    folder, u''))
        return found


class QueryRate(object):
    """How often each client may ask, so that nobody reads out all names; of IPv6 each /64 is one,
    for a subscriber has all of it.

    Args:     clock: anything with ``time()``.
              rate: queries a minute.
    """

    def __init__(self, clock, rate):
        # type: (Any, float) -> None
        self._clock = clock
        self._rate = float(rate)
        # Source -> (queries that are free, when)
        self._asked = OrderedDict()  # type: Dict[Any, Tuple[float, float]]

    def allows(self, host):
        # type: (str) -> bool
        """Count a query of *host*; False if it is one too many."""
        now = self._clock.time()
        rate = self._rate
        source = source_of(host)
        free, then = self._asked.pop(source, (rate, now))
        free = min(rate, free + (now - then) * rate / 60.0)
        while len(self._asked) >= MAX_SOURCES:
            del self._asked[next(iter(self._asked))]
        self._asked[source] = (max(0.0, free - 1.0), now)
        return free >= 1.0


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Tuple
