# Copyright the carryall authors.  See LICENSE.
"""The users that finger shows: the accounts of a machine, or the subfolders of a folder.

The files of a user are optional, and are shown without interpretation:

    plan, project       text that the user chose; project is one line
    pgpkey              their public key
    forward             the address that their mail goes to
    links               a line for each: relation, URL and perhaps media type; for WebFinger
                        (services/web/webfinger.py)
    nofinger            if this file exists, the user is unknown to finger

The files of an account lie in its home folder, with a dot before their names.  A folder of users
has a subfolder for each user, named by the login; the file ``name`` in it holds the full name.
Only regular files are read, no links, and never more than MAX_FILE octets of one.

Tests:    tests/app/test_fingerusers.py
"""
from __future__ import absolute_import, division, print_function

import os
import stat
import warnings

from carryall.core.compat import FAILURES
from carryall.core.codec.numbers import decimal_text
from carryall.core.net.ip import source_of
from carryall.core.logs import get_logger
from carryall.core.files.plainfile import opened
from carryall.core.ratelimit import KeyedRateLimit

__all__ = ['Accounts', 'Folder', 'Person', 'QueryRate']

# -- limits ------------------------------------------------------------------
MAX_FILE = 16384            # octets of one file of a user
MAX_TABLE = 4 << 20         # octets of a file of accounts
MAX_PEOPLE = 10000
FIRST_UID = 1000            # lower ones belong to daemons on most systems
LAST_UID = 60000            # higher ones are reserved

log = get_logger('users')


class Person(object):
    """One user; all attributes are text.

    login, name:    name is u'' if it is unknown
    office:         u'', or the room and telephone that the account gives
    home, shell:    of an account; else u''
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
        """True if the user has a file ``nofinger``."""
        try:
            names = os.listdir(self._folder)
        except FAILURES:
            # The home is missing or must not be read: only the account's own line is shown.
            return False
        return self._dot + u'nofinger' in names

    def read(self, name):
        # type: (str) -> str
        """The text of a file of the user; u'' if it is missing or not readable by all."""
        return _read(os.path.join(self._folder, self._dot + name))


def _read(path, maximum=MAX_FILE, public=True):
    # type: (str, int, bool) -> str
    """The text of a regular file that all may read; u'' if it is not one."""
    try:
        source, found = opened(path, follow=False, buffering=-1)
        with source:
            return source.read(maximum).decode('utf-8', 'replace') if _is_fit(found, public) \
                else u''
    except FAILURES:
        return u''


def _is_fit(found, public):
    # type: (Any, bool) -> bool
    """True if all users may read the file.

    This process may be root, and must not publish a file that its owner keeps private.
    """
    return not public or bool(found.st_mode & stat.S_IROTH)


class Accounts(object):
    """The accounts in a file in the format of /etc/passwd.

    Args:     path: the file; it is read again for each query, as it may change.
              first, last: the lowest and the highest uid of users.
    """

    def __init__(self, path='/etc/passwd', first=FIRST_UID, last=LAST_UID):
        # type: (str, int, int) -> None
        self._path = path
        self._first = first
        self._last = last

    def people(self):
        # type: () -> List[Person]
        """All users, in the order of the file."""
        found = []                  # type: List[Person]
        for line in _read(self._path, MAX_TABLE, False).splitlines():
            fields = line.split(u':')
            uid = decimal_text(fields[2], 2 ** 32) if len(fields) == 7 else None
            if uid is None or not self._first <= uid <= self._last or len(found) >= MAX_PEOPLE:
                continue
            gecos = fields[4].split(u',')
            # In this field & stands for the login with a capital letter, as finger(1) reads it.
            name = gecos[0].replace(u'&', fields[0][:1].upper() + fields[0][1:])
            found.append(Person(fields[0], name, fields[5], u'.',
                                u', '.join(part for part in gecos[1:4] if part),
                                fields[5], fields[6]))
        return found


class Folder(object):
    """Users who have a subfolder each in one folder."""

    def __init__(self, path):
        # type: (str) -> None
        self._path = path

    def people(self):
        # type: () -> List[Person]
        """All users, sorted by name."""
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


class QueryRate(KeyedRateLimit):
    """Deprecated: a KeyedRateLimit of ``source_of(host)``, *rate* queries a minute."""

    __slots__ = ()

    def __init__(self, clock, rate):
        # type: (Any, float) -> None
        warnings.warn('carryall.services.fingerusers.QueryRate is'
                      ' carryall.core.ratelimit.KeyedRateLimit now', DeprecationWarning, 2)
        KeyedRateLimit.__init__(self, clock, rate / 60.0, rate)

    def allows(self, host):
        # type: (str) -> bool
        """Counts a query of *host*; False if it is one too many."""
        return self.take(source_of(host))


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List
