# Copyright the carryall authors.  See LICENSE.
"""The file of keys for Digest, in the format of Apache's ``htdigest`` (RFC 7616 section 3.4.2).

    anna:the reading room:939e7578ed9e3c518a452acee763bce9              MD5: 32 hexadecimal digits
    anna:the reading room:e5b2...64 digits                              SHA-256:
    the same account once more

The last field is H(name:realm:password).  Digest cannot be checked against the salted hashes of a
password file: it needs the password, or this key.  A key is enough to log in to its realm without
the password, so the file must be kept secret.  It must be made again if the realm's name changes.

Tests:    tests/services/web/test_digestfile.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.core.auth.credentials import usable_name
from carryall.core.auth.passwordfile import PasswordTable
from carryall.core.errors import UsageError
from carryall.core.logs import get_logger
from carryall.core.files.smallfile import read_small
from carryall.core.files.stamps import stamp_of
from carryall.protocols.http.auth import ALGORITHMS

__all__ = ['DigestFile', 'MAX_FILE']

# -- limits ------------------------------------------------------------------
MAX_FILE = 16 << 20         # octets; as of a password file
MAX_PROBLEMS = 20           # bad lines that are reported one by one

HEXADECIMAL = b'0123456789abcdef'
_BY_DIGITS = {64: b'SHA-256', 32: b'MD5'}

log = get_logger('web')


class DigestFile(object):
    """The keys of one realm; the file may change while the server runs.

    Args:     path: of the file.
              realm: bytes; lines of other realms are ignored.
              wall: the time of day in seconds, as ``loop.wall``.
    """

    def __init__(self, path, realm, wall):
        # type: (str, bytes, Callable[[], float]) -> None
        self.path = path
        self._realm = realm
        self._wall = wall
        # (identity of the file, its keys)
        self._seen = None           # type: Any
        self._told = None           # type: Any   # the problems that were logged last

    def key(self, algorithm, name):
        # type: (bytes, bytes) -> Optional[bytes]
        """H(A1) of an account, in hexadecimal; None if the account is unknown.

        Raises:   UsageError: the file cannot be read.
        """
        return self._table().get((algorithm, name))

    def algorithms(self):
        # type: () -> Tuple[bytes, ...]
        """The algorithms for which every account has a key, the better one first: a client uses
        the first that it knows.

        Raises:   UsageError: the file cannot be read, or is not suitable.
        """
        table = self._table()
        names = set(name for _, name in table)
        found = tuple(each for each in ALGORITHMS if names
                      and all((each, name) in table for name in names))
        if not found:
            raise UsageError(self._fault(bool(names)))
        return found

    def _fault(self, has_accounts):
        # type: (bool) -> str
        if has_accounts:
            return (
                u'%s: some accounts have keys for MD5 and others for SHA-256; Digest needs an '
                u'algorithm that all have' % self.path)
        if PasswordTable(read_small(self.path, MAX_FILE)).names():
            return (
                u'%s holds salted hashes, which Digest cannot use; it needs a file of '
                u'NAME:REALM:KEY, as'
                    u' htdigest writes it, or --auth-kind basic' % self.path)
        return (u'%s has no account of the realm "%s"'
                % (self.path, self._realm.decode('utf-8', 'replace')))

    def _table(self):
        # type: () -> Dict[Tuple[bytes, bytes], bytes]
        try:
            state = os.stat(self.path)
        except OSError as exc:
            raise UsageError(u'%s cannot be read: %s' % (self.path, exc.strerror or exc))
        stamp = stamp_of(state, self._wall())
        seen = self._seen
        if stamp is not None and seen is not None and seen[0] == stamp:
            return seen[1]
        table, problems = parse(read_small(self.path, MAX_FILE), self._realm)
        if problems and problems != self._told:
            for problem in problems[:MAX_PROBLEMS]:
                log.warning('%s, %s', self.path, problem)
        self._told = problems
        self._seen = (stamp, table) if stamp is not None else None
        return table


def parse(data, realm):
    # type: (bytes, bytes) -> Tuple[Dict[Tuple[bytes, bytes], bytes], List[str]]
    """({(algorithm, name): key}, [a text for each wrong line, without any of its content])."""
    table = {}                  # type: Dict[Tuple[bytes, bytes], bytes]
    problems = []               # type: List[str]
    for number, line in enumerate(data.split(b'\n'), 1):
        line = line.rstrip(b'\r')
        if not line.strip() or line.startswith(b'#'):
            continue
        fields = line.split(b':')
        if fields[1:2] != [realm]:
            continue
        key = fields[-1].lower()
        algorithm = _BY_DIGITS.get(len(key))
        if len(fields) != 3 or algorithm is None or key.strip(HEXADECIMAL) or not usable_name(
            fields[0].decode('utf-8', 'replace')):
            problems.append(u'line %d: not NAME:REALM:KEY with 32 or 64 hexadecimal digits'
                            % number)
        elif (algorithm, fields[0]) in table:
            problems.append(u'line %d: duplicate name; only the first counts' % number)
        else:
            table[algorithm, fields[0]] = key
    return table, problems


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Tuple
