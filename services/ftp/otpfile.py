# Copyright the carryall authors.  See LICENSE.
"""The store of one-time passwords: a file with a line for each account, replaced in one step after
each use.

    anna otp-sha1 498 ke1234 65d20d1949b5f7ab           the last response,
                                                        and the number that it had

A response is valid once: the file has the new one before the login succeeds, even if the power
fails in between.  The file does not reveal which names exist: unknown names are asked too, with a
challenge that is always the same for a name.

RFC 2289 section 9 describes a race, in which an attacker reads all but the end of a response and
guesses the rest.  It does not apply here, as a line arrives whole.
Tests:    tests/services/ftp/test_otpfile.py
"""
from __future__ import absolute_import, division, print_function

import binascii
import hashlib
import hmac
import os

from carryall.core.auth.credentials import LoginFailed, LoginUnavailable, usable_name
from carryall.core.compat import FAILURES
from carryall.core.errors import UsageError
from carryall.core.logs import get_logger
from carryall.core.files.plainfile import open_plain
from carryall.core.files.smallfile import read_small
from carryall.core.codec.numbers import decimal
from carryall.protocols.ftp import ALGORITHMS, MAX_COUNT, Challenge, answers, parse_response

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Tuple

__all__ = ['OTPFile']

MAX_FILE = 1 << 20          # octets
FEW = 10                    # remaining passwords from which on the log tells their number
PRIVATE = 0o600

log = get_logger('ftp.otp')


class _Row(object):
    """One account: the number and the octets of its last response."""

    __slots__ = ('algorithm', 'count', 'seed', 'last')

    def __init__(self, algorithm, count, seed, last):
        # type: (str, int, bytes, bytes) -> None
        self.algorithm = algorithm
        self.count = count
        self.seed = seed
        self.last = last


class OTPFile(object):
    """The accounts in the file at *path*.

    Raises:   UsageError: it cannot be read, or a line is wrong.
    """

    def __init__(self, path):
        # type: (Any) -> None
        self._path = path
        self._key = os.urandom(16)      # of the challenges for unknown names
        self._rows = {}                 # type: Dict[str, _Row]
        self.reload()

    def reload(self):
        # type: () -> None
        """Reads the file again; a missing file has no accounts."""
        data = read_small(self._path, MAX_FILE) if os.path.exists(self._path) else b''
        rows = {}
        for number, line in enumerate(data.split(b'\n'), 1):
            if line.strip() and not line.startswith(b'#'):
                name, row = _parse(line)
                if row is None or name in rows:
                    raise UsageError(u'%s, line %d is not a line of one-time passwords'
                                     % (self._path, number))
                rows[name] = row
        self._rows = rows

    def challenge(self, name):
        # type: (str) -> Challenge
        """The challenge of an account; for an unknown name, one that looks the same."""
        row = self._rows.get(name)
        if row is not None:
            return Challenge(row.algorithm, row.count - 1, row.seed)
        digest = hmac.new(self._key, name.encode('utf-8'), hashlib.sha256).hexdigest()
        first = int(digest[:8], 16)
        return Challenge('sha1' if self._all_sha1() else 'md5', 300 + first % 199, (u'%s%05d' % (
            u'abcdefghijklmnopqrstuvwxyz'[first % 26]
            + u'abcdefghijklmnopqrstuvwxyz'[first // 26 % 26],
            int(digest[8:16], 16) % 100000)).encode('ascii'))

    def _all_sha1(self):
        # type: () -> bool
        return not any(row.algorithm == 'md5' for row in self._rows.values())

    def check(self, name, password):
        # type: (str, bytes) -> int
        """Accepts a response and records it; returns how many are left.

        LoginFailed, or LoginUnavailable if it cannot be recorded.
        """
        row = self._rows.get(name)
        response = parse_response(password)
        if row is None or response is None or row.count <= 1 or not answers(
                row.algorithm, row.last, response):
            raise LoginFailed(u'wrong one-time password')
        used = _Row(row.algorithm, row.count - 1, row.seed, response)
        self._save(_with(self._rows, name, used))
        left = used.count - 1
        if left <= FEW:
            log.info('%s has %d one-time passwords left', name, left)
        return left

    def set(self, name, algorithm, count, seed, last):
        # type: (str, str, int, bytes, bytes) -> None
        """Begins a new chain for an account; *last* is the response number *count*."""
        if not usable_name(name) or u' ' in name or algorithm not in ALGORITHMS \
                or not 1 < count <= MAX_COUNT:
            raise UsageError(u'not possible as an account of one-time passwords')
        self._save(_with(self._rows, name, _Row(algorithm, count, seed, last)))

    def _save(self, rows):
        # type: (Dict[str, _Row]) -> None
        """Replaces the file in one step and syncs it: a lost response could be used again."""
        lines = [b'%s otp-%s %d %s %s\n' % (name.encode('utf-8'),
                                            rows[name].algorithm.encode('ascii'), rows[name].count,
                                           rows[name].seed, binascii.hexlify(rows[name].last))
                 for name in sorted(rows)]
        fresh = self._path + '.new'
        try:
            if os.path.lexists(fresh):          # left by a process that was killed
                os.remove(fresh)
            with open_plain(fresh, 'xb', permissions=PRIVATE) as target:
                os.chmod(fresh, PRIVATE)        # jython: the permissions may have been ignored
                target.write(b''.join(lines))
                target.flush()
                os.fsync(target.fileno())
            os.rename(fresh, self._path)
        except FAILURES as exc:
            log.error('%s cannot be written: %r', self._path, exc)
            _discard(fresh)
            raise LoginUnavailable(u'the one-time password could not be recorded', exc)
        self._rows = rows


def _discard(path):
    # type: (str) -> None
    """Removes a file that could not be completed."""
    try:
        os.remove(path)
    except FAILURES:
        pass


def _with(rows, name, row):
    # type: (Dict[str, _Row], str, _Row) -> Dict[str, _Row]
    rows = dict(rows)
    rows[name] = row
    return rows


def _parse(line):
    # type: (bytes) -> Tuple[str, Optional[_Row]]
    words = line.split()
    if len(words) != 5:
        return u'', None
    algorithm = words[1].lower()
    count = decimal(words[2], MAX_COUNT)
    last = parse_response(words[4])
    try:
        name = words[0].decode('utf-8')
    except UnicodeError:
        return u'', None
    if algorithm not in (b'otp-md5', b'otp-sha1') or not count or last is None \
            or not words[3].isalnum():
        return name, None
    return name, _Row('md5' if algorithm == b'otp-md5' else 'sha1', count, words[3].lower(), last)
