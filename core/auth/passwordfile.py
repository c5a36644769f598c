# Copyright the carryall authors.  See LICENSE.
"""The password file: a name and a verifier on each line, for all servers and all runtimes.

    # the choir
    anna:$pbkdf2-sha256$i=600000$...$...

Wire:     UTF-8, LF.  Blank lines and those that begin with # are kept unchanged.  A name has no
          colon and no blanks at its ends.  A malformed line gives no access, and is reported with
          its number, never with its text.
Classes:  ``PasswordFile`` is the checker.  It reads the file again when it has changed.  It checks
          in threads, a few at once, and lets some wait, shared fairly by source (checkqueue.py).
          ``PasswordTable`` and ``save_table`` change the file atomically.
Not here: locks and the file system, which are passed in; the command (commands/passwd.py).
Tests:    tests/core/auth/test_passwordfile.py
"""
from __future__ import absolute_import, division, print_function

import os
from binascii import hexlify
from collections import OrderedDict

from carryall.core.auth.checkers import Checker
from carryall.core.auth.credentials import (MAX_PASSWORD, LoginFailed, LoginUnavailable,
                                            UsernamePassword, usable_name)
from carryall.core.auth.checkqueue import CheckQueue
from carryall.core.auth.verifiers import ScramKeys, decoy, decoy_keys, parse_verifier
from carryall.core.compat import int_from_bytes
from carryall.core.crypto import STANDARD, crypto_of
from carryall.core.errors import CarryallError
from carryall.core.future import failed
from carryall.core.logs import get_logger
from carryall.core.files.smallfile import read_small
from carryall.core.files.stamps import stamp_of

__all__ = ['PasswordFile', 'PasswordFileError', 'PasswordTable', 'load_table', 'save_table']

# -- limits ------------------------------------------------------------------
MAX_FILE = 16 << 20         # bytes: some hundred thousand accounts
MAX_PROBLEMS = 20           # bad lines that are reported one by one
CHECKS_AT_ONCE = 4  # hashes that are worked on at the same time: each takes a core for some 0.3 s
CHECKS_WAITING = 64         # logins that wait for their turn; those beyond come again later
LOOKUPS_AT_ONCE = 2  # keys of SCRAM that are looked up at the same time: that costs nearly nothing
LOOKUPS_WAITING = 256       # such look-ups that wait for their turn
SMALL_FILE = 64 << 10       # octets of a file that is read on the loop: some 5 ms

PRIVATE = 0o600
OTHERS = 0o137              # what no password file ever allows: others, and running it

log = get_logger('auth')


class PasswordFileError(CarryallError):
    """The password file cannot be read or written; one sentence says why."""


# -- grammar -----------------------------------------------------------------

class PasswordTable(object):
    """A password file's text, and the accounts in it.

    Attributes:
        problems: one sentence for each line that cannot be read.
        schemes: the schemes of all accounts, as a set.
    """

    def __init__(self, data=b''):
        # type: (bytes) -> None
        self.problems = []              # type: List[str]
        self._lines = []                # type: List[bytes]
        # name: (number of its line, verifier)
        self._rows = OrderedDict()  # type: Dict[str, Tuple[int, Any]]
        for line in data.split(b'\n'):
            self._add(line.rstrip(b'\r'))
        if self._lines and not self._lines[-1]:
            self._lines.pop()           # what follows the last line's end
        self.schemes = frozenset(verifier.scheme for _, verifier in self._rows.values())
        # [(accounts up to and with this one, a verifier of that cost)]
        self._costs = None  # type: Any

    def _add(self, line):
        # type: (bytes) -> None
        self._lines.append(line)
        number = len(self._lines)
        if not line.strip() or line.startswith(b'#'):
            return
        name, _, text = line.partition(b':')
        try:
            known = name.decode('utf-8')
            if not usable_name(known):
                raise ValueError('the name cannot be used')
            if known in self._rows:
                raise ValueError('the name is a duplicate, and only the first counts')
            verifier = parse_verifier(text.decode('ascii'))
        except UnicodeError:
            self.problems.append(u'line %d: it is not UTF-8, or the verifier not ASCII' % number)
        except ValueError as exc:
            self.problems.append(u'line %d: %s' % (number, exc))
        else:
            self._rows[known] = (number - 1, verifier)

    def names(self):
        # type: () -> List[str]
        """The accounts, in the order of the file."""
        return list(self._rows)

    def get(self, name):
        # type: (str) -> Any
        """The verifier of an account; None if there is none."""
        row = self._rows.get(name)
        return None if row is None else row[1]

    def like(self, fraction):
        # type: (float) -> Any
        """A verifier for a name that has none to cost as much as; None if the table is empty.

        Each cost has the same share of the fractions as of the accounts.  So unknown names cost as
        much as known ones, for any mix of schemes.

        Args:     fraction: 0 <= fraction < 1, the same each time for the same name.
        """
        if self._costs is None:
            counts = {}                 # type: Dict[Any, List[Any]]
            for _, verifier in self._rows.values():
                counts.setdefault(verifier.cost(), [0, verifier])[0] += 1
            reached = 0
            costs = []
            for cost in sorted(counts):
                reached += counts[cost][0]
                costs.append((reached, counts[cost][1]))
            self._costs = costs
        for reached, verifier in self._costs:
            if fraction * len(self._rows) < reached:
                return verifier
        return None

    def with_account(self, name, verifier):
        # type: (str, Any) -> PasswordTable
        """A table where the account has this verifier, in its old place or at the end;
        ValueError for a bad name."""
        if not usable_name(name) or name.startswith(u'#'):
            raise ValueError('the name cannot be used')
        lines = list(self._lines)
        line = (u'%s:%s' % (name, verifier.text())).encode('utf-8')
        row = self._rows.get(name)
        if row is None:
            lines.append(line)
        else:
            lines[row[0]] = line
        return PasswordTable(_joined(lines))

    def without_account(self, name):
        # type: (str) -> PasswordTable
        """A table without the account; KeyError if it has none of that name."""
        number = self._rows[name][0]
        return PasswordTable(_joined(self._lines[:number] + self._lines[number + 1:]))

    def to_bytes(self):
        # type: () -> bytes
        """The text of the file."""
        return _joined(self._lines)


def _joined(lines):
    # type: (List[bytes]) -> bytes
    return b''.join(line + b'\n' for line in lines)


# -- the file ----------------------------------------------------------------

def load_table(path):
    # type: (str) -> PasswordTable
    """The table in a file; PasswordFileError if it cannot be read."""
    data = read_small(path, MAX_FILE, u'the password file', PasswordFileError)
    return PasswordTable(data)


def save_table(path, table, files):
    # type: (str, PasswordTable, Any) -> None
    """Replaces the file whole: anyone who looks, and whenever the power fails,
    finds the old one or the new.

    It keeps its owner and what its group may do; others may never do anything.

    Args:     files: the module ``carryall.runtimes.host.systemfiles``.
    Raises:   PasswordFileError: it cannot be written; the old file stands.
    """
    path = os.path.realpath(path)           # the file that a link leads to, not the link
    try:
        former = os.stat(path) if os.path.exists(path) else None
        target, name = files.create_private(path + '.new')
        try:
            with target:
                target.write(table.to_bytes())
                target.flush()
                files.sync(target)
            if former is not None:
                files.give_to(name, former.st_uid, former.st_gid)
                os.chmod(name, (former.st_mode & 0o777 | PRIVATE) & ~OTHERS)
            files.replace(name, path)
        except BaseException:
            files.remove(name)
            raise
        files.sync_folder(os.path.dirname(path))
    except (IOError, OSError) as exc:
        raise PasswordFileError(u'the password file %s cannot be written: %s'
                                % (path, exc.strerror or exc), exc)


# -- the checker -------------------------------------------------------------

class PasswordFile(Checker):
    """Accounts in a file; it may be changed while we run.

    Args:     path: of the file; it need not be there yet, but until it is no one comes in.
    """

    kinds = (UsernamePassword,)

    def __init__(self, path):
        # type: (str) -> None
        self.path = path
        # (what the file system says of the file, its table)
        self._seen = None  # type: Any
        self._latest = None             # type: Any  # the table that was read last
        self._reading = False           # whether a thread reads it for those who do not wait
        self._told = None               # type: Any  # the problems that were logged last
        self._secret = STANDARD.random(32)
        self._checks = CheckQueue(CHECKS_AT_ONCE, CHECKS_WAITING)
        self._lookups = CheckQueue(LOOKUPS_AT_ONCE, LOOKUPS_WAITING)

    def check(self, credentials, loop):
        name = credentials.username
        password = credentials.password
        if len(password) > MAX_PASSWORD:
            return failed(LoginFailed(u'the password is too long'))
        judged = self._checks.run(loop, credentials.host, self._judge, name, password,
                                  crypto_of(loop), loop.wall())
        return judged.then(_named)

    def _judge(self, name, password, crypto, now):
        # type: (str, bytes, Crypto, float) -> Tuple[str, Optional[str]]
        """On a thread: (name, why it fails or None)."""
        table = self.table(now)
        verifier = table.get(name)
        if verifier is None:
            # As long as for a name that exists, or the time would tell.
            decoy(crypto, self._like(table, name, crypto)).verify(password, crypto)
            return name, u'there is no such account'
        return name, None if verifier.verify(password, crypto) else u'the password is wrong'

    def _like(self, table, name, crypto):
        # type: (PasswordTable, str, Crypto) -> Any
        """The verifier whose cost an unknown name has; no one else can tell which that will be."""
        digest = crypto.hmac('sha256', self._secret, b'cost ' + name.encode('utf-8'))
        return table.like(int_from_bytes(digest[:4]) / 4294967296.0)

    def table(self, now):
        # type: (float) -> PasswordTable
        """The accounts as they are, read again only when the file has changed;
        *now* is the time of day in seconds."""
        return self._table_of(self._state(), now)

    def _state(self):
        # type: () -> Any
        try:
            return os.stat(self.path)
        except OSError as exc:
            raise PasswordFileError(u'the password file %s cannot be read: %s'
                                    % (self.path, exc.strerror or exc), exc)

    def _table_of(self, state, now):
        # type: (Any, float) -> PasswordTable
        stamp = stamp_of(state, now)
        seen = self._seen
        if stamp is not None and seen is not None and seen[0] == stamp:
            return seen[1]
        table = load_table(self.path)
        self._report(table.problems)
        self._latest = table
        self._seen = (stamp, table) if stamp is not None else None
        return table

    def _table_at_once(self, loop):
        # type: (Any) -> PasswordTable
        """The accounts, without waiting: the former ones while a thread reads a large file that has
        changed."""
        state = self._state()
        now = loop.wall()
        latest = self._latest
        seen = self._seen
        if latest is None or state.st_size <= SMALL_FILE:
            return self._table_of(state, now)
        if seen is None or stamp_of(state, now) != seen[0]:
            self._read_again(loop, now)
        return latest

    def mark_of(self, name, loop):
        # type: (str, Any) -> Optional[str]
        """A text that changes with the password of an account; None if there is no such account.

        Raises:   LoginUnavailable: the file cannot be read.
        """
        try:
            verifier = self._table_at_once(loop).get(name)
        except PasswordFileError as exc:
            raise LoginUnavailable(exc.message, exc)
        if verifier is None:
            return None
        text = verifier.text().encode('ascii')
        return hexlify(crypto_of(loop).hash('sha256', text)).decode('ascii')

    def _read_again(self, loop, now):
        # type: (Any, float) -> None
        if self._reading:
            return
        self._reading = True

        def ended(_):
            # type: (Future) -> None
            self._reading = False

        loop.run_in_thread(self.table, now).add_done_callback(ended)

    def _report(self, problems):
        # type: (List[str]) -> None
        if problems and problems != self._told:
            for problem in problems[:MAX_PROBLEMS]:
                log.warning('%s, %s', self.path, problem)
        self._told = problems

    def has_account(self, name, loop):
        now = loop.wall()

        def find():
            # type: () -> bool
            return name.lower() in [each.lower() for each in self.table(now).names()]

        return self._lookups.run(loop, '', find)

    def scram_keys(self, name, hash_name, loop):
        crypto = crypto_of(loop)
        now = loop.wall()

        def find():
            # type: () -> Any
            verifier = self.table(now).get(name)
            return verifier if isinstance(verifier, ScramKeys) and verifier.hash_name == hash_name \
                else None

        return self._lookups.run(loop, '', find)

    def scram_decoy(self, name, hash_name, loop):
        crypto = crypto_of(loop)
        now = loop.wall()

        def make():
            # type: () -> Any
            like = self._like(self.table(now), name, crypto)
            return decoy_keys(crypto, hash_name, name, self._secret, like.iterations)

        return self._lookups.run(loop, '', make)

    def scram_hashes(self, loop):
        """SCRAM is offered when every account has the keys for it:
        clients do not try another way when one fails."""
        try:
            schemes = self._table_at_once(loop).schemes
        except PasswordFileError:
            return ()
        return {('scram-sha-256',): ('sha256',), ('scram-sha-1',): ('sha1',)}.get(
            tuple(schemes), ())

    def problems(self, crypto=STANDARD):
        # type: (Crypto) -> List[str]
        """The problems of the file now, a sentence each; [] if a server can work with it."""
        try:
            table = load_table(self.path)
        except PasswordFileError as exc:
            return [exc.message]
        found = [u'%s, %s' % (self.path, problem) for problem in table.problems[:MAX_PROBLEMS]]
        if 'scrypt' in table.schemes and crypto.why_no_scrypt() is not None:
            found.append(u'%s has verifiers made with scrypt, which cannot be checked here: %s'
                         % (self.path, crypto.why_no_scrypt()))
        return found


def _named(judged):
    # type: (Tuple[str, Optional[str]]) -> str
    name, reason = judged
    if reason is not None:
        raise LoginFailed(reason)
    return name


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple
    from carryall.core.crypto import Crypto
    from carryall.core.future import Future
