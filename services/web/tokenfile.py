# Copyright the carryall authors.  See LICENSE.
"""Bearer tokens, checked against a file of their hashes (RFC 6750; feature WEB-13).

    anna:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824

Each line has the name of an account and the SHA-256 of one of its tokens, in hexadecimal.  A token
is long and random, so one round of a hash is enough, and the file is of no use to a thief.  A new
one, and its line:

    token=$(openssl rand -hex 32)
    printf 'anna:%s\\n' $(printf %s $token | sha256sum | cut -c1-64) >> tokens

The file may change while the server runs.

Tests:    tests/services/web/test_tokenfile.py
"""
from __future__ import absolute_import, division, print_function

import os
from binascii import hexlify

from carryall.core.auth.credentials import LoginUnavailable, Proven, usable_name
from carryall.core.auth.portal import Portal, Realm
from carryall.core.crypto import crypto_of
from carryall.core.errors import UsageError
from carryall.core.files.smallfile import read_small
from carryall.core.files.stamps import stamp_of
from carryall.core.future import failed
from carryall.core.logs import get_logger
from carryall.protocols.http.fields import quote

__all__ = ['BearerScheme', 'TokenFile']

# -- limits ------------------------------------------------------------------
MAX_FILE = 16 << 20         # octets; as of a password file
MAX_PROBLEMS = 20           # bad lines that are reported one by one

HEXADECIMAL = b'0123456789abcdef'
DIGITS = 64                 # of a SHA-256

log = get_logger('web')


class TokenFile(object):
    """The hashes of one file.

    Args:     wall: the time of day in seconds, as ``loop.wall``.
    """

    def __init__(self, path, wall):
        # type: (str, Callable[[], float]) -> None
        self.path = path
        self._wall = wall
        self._seen = None           # type: Any   # (identity of the file, its table)
        self._told = None           # type: Any   # the problems that were logged last

    def table(self):
        # type: () -> Dict[bytes, Text]
        """Hash -> name of the account.

        Raises:   UsageError: the file cannot be read.
        """
        try:
            state = os.stat(self.path)
        except OSError as exc:
            raise UsageError(u'%s cannot be read: %s' % (self.path, exc.strerror or exc))
        stamp = stamp_of(state, self._wall())
        seen = self._seen
        if stamp is not None and seen is not None and seen[0] == stamp:
            return seen[1]
        table, problems = parse(read_small(self.path, MAX_FILE))
        if problems and problems != self._told:
            for problem in problems[:MAX_PROBLEMS]:
                log.warning('%s, %s', self.path, problem)
        self._told = problems
        self._seen = (stamp, table) if stamp is not None else None
        return table


def parse(data):
    # type: (bytes) -> Tuple[Dict[bytes, Text], List[Text]]
    """({hash: name}, [a text for each wrong line, without any of its content])."""
    table = {}                  # type: Dict[bytes, Text]
    problems = []               # type: List[Text]
    for number, line in enumerate(data.split(b'\n'), 1):
        line = line.strip()
        if not line or line.startswith(b'#'):
            continue
        octets, _, digits = line.rpartition(b':')
        name = octets.decode('utf-8', 'replace')
        digits = digits.lower()
        if len(digits) != DIGITS or digits.strip(HEXADECIMAL) or not usable_name(name):
            problems.append(u'line %d: not NAME:HASH with %d hexadecimal digits'
                            % (number, DIGITS))
        else:
            table.setdefault(digits, name)
    return table, problems


class BearerScheme(object):
    """Bearer, checked against a file of tokens; see BasicScheme of loginguard.py for its methods.

    Raises:   UsageError: the file cannot be read, or has no token.
    """

    name = b'Bearer'
    needs_secrecy = True

    def __init__(self, path, realm, loop):
        # type: (str, bytes, Any) -> None
        self._file = TokenFile(path, loop.wall)
        self._crypto = crypto_of(loop)
        self._portal = Portal(Realm(), [])      # for its log only
        self._challenges = [b'Bearer realm=' + quote(realm)]
        if not self._file.table():
            raise UsageError(u'%s has no line NAME:HASH of a token' % path)

    def challenges(self, stale=False):
        # type: (bool) -> List[bytes]
        """One (RFC 6750 section 3)."""
        return self._challenges

    def forget(self):
        # type: () -> None
        """Does nothing, as nothing is cached."""

    def check(self, request, given):
        # type: (Any, Authorization) -> Any
        """Checks the token; see BasicScheme."""
        if given.scheme != b'bearer' or not given.token:
            return None
        try:
            table = self._file.table()
        except UsageError as exc:
            log.error('a token could not be judged: %s', exc)
            return failed(LoginUnavailable(u'the file of tokens cannot be read', exc))
        # By its hash: how long this takes tells nothing of the tokens that there are.
        name = table.get(hexlify(self._crypto.hash('sha256', given.token)))
        if name is None:
            return self._portal.refuse(Proven(u'a bearer token', u'Bearer'),
                                       u'the token is unknown')
        return name


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Text, Tuple
    from carryall.protocols.http.auth import Authorization
