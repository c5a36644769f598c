# Copyright the carryall authors.  See LICENSE.
"""The password file: a name and a verifier on each line, for all servers and all runtimes.

    # the choir
    anna:$pbkdf2-sha256$i=600000$...$...

Wire:     UTF-8, LF.  Blank lines and those that begin with # are kept as they are.  A name has no colon and no blanks at its
          ends; a line that cannot be read lets nobody in, and is reported with its number, never with its text.
``PasswordFile`` is the checker: it reads the file again when it has changed, and works in threads, so many at once and
so many waiting at most.  ``PasswordTable`` and ``save_table`` change the file, whole and in one step.

Not here: locks and the file system's own ways, which are handed in; the command is commands/passwd.py.
Tests:    tests/core/auth/test_passwordfile.py
"""
from __future__ import absolute_import, division, print_function

import os
from collections import OrderedDict, deque

from carryall.core.auth.checkers import Checker
from carryall.core.auth.credentials import MAX_PASSWORD, LoginFailed, UsernamePassword, usable_name
from carryall.core.auth.verifiers import ScramKeys, decoy, decoy_keys, parse_verifier
from carryall.core.crypto import STANDARD, crypto_of
from carryall.core.errors import CarryallError
from carryall.core.future import Future, completed, failed
from carryall.core.logs import get_logger

__all__ = ['PasswordFile', 'PasswordFileError', 'PasswordTable', 'load_table', 'save_table']

# -- limits ------------------------------------------------------------------
MAX_FILE = 16 << 20         # bytes; ours: some hundred thousand accounts
MAX_PROBLEMS = 20           # bad lines that are reported one by one; ours
CHECKS_AT_ONCE = 4          # hashes that are worked on at the same time; ours: each takes a core for some 0.3 s
CHECKS_WAITING = 64         # logins that wait for their turn; those beyond fail at once; ours
FRESH_SECONDS = 2.0         # a file changed so lately may change again within the clock's step of the file system; ours

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
        self._rows = OrderedDict()      # type: Dict[str, Tuple[int, Any]]  # name: (number of its line, verifier)
        for line in data.split(b'\n'):
            self._add(line.rstrip(b'\r'))
        if self._lines and not self._lines[-1]:
            self._lines.pop()           # what follows the last line's end
        self.schemes = frozenset(verifier.scheme for _, verifier in self._rows.values())

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
                raise ValueError('the name stands twice, and only the first counts')
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

    def first(self):
        # type: () -> Any
        """The first verifier, which stands for all; None if there is none."""
        for _, verifier in self._rows.values():
            return verifier
        return None

    def with_account(self, name, verifier):
        # type: (str, Any) -> PasswordTable
        """A table where the account has this verifier, in its old place or at the end; ValueError for a bad name."""
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
    try:
        with open(path, 'rb') as source:
            data = source.read(MAX_FILE + 1)
    except (IOError, OSError) as exc:       # py2: IOError is not an OSError
        raise PasswordFileError(u'the password file %s cannot be read: %s' % (path, exc.strerror or exc), exc)
    if len(data) > MAX_FILE:
        raise PasswordFileError(u'the password file %s is larger than %d bytes' % (path, MAX_FILE))
    return PasswordTable(data)


def save_table(path, table, files):
    # type: (str, PasswordTable, Any) -> None
    """Replace the file whole: whoever looks, and whenever the power fails, finds the old one or the new.

    It keeps its owner and what its group may do; others may never do anything.

    Args:     files: the module ``carryall.runtimes.files``.
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
        raise PasswordFileError(u'the password file %s cannot be written: %s' % (path, exc.strerror or exc), exc)


# -- the checker -------------------------------------------------------------

class PasswordFile(Checker):
    """Accounts in a file; it may be changed while we run.

    Args:     path: of the file; it need not be there yet, but until it is nobody comes in.
    """

    kinds = (UsernamePassword,)

    def __init__(self, path):
        # type: (str) -> None
        self.path = path
        self._seen = None               # type: Any  # (what the file system says of the file, its table)
        self._told = None               # type: Any  # the problems that were logged last
        self._secret = STANDARD.random(32)
        self._turns = _Turns(CHECKS_AT_ONCE, CHECKS_WAITING)

    def check(self, credentials, loop):
        name, password = credentials.username, credentials.password
        if len(password) > MAX_PASSWORD:
            return failed(LoginFailed(u'the password is too long'))
        return self._turns.run(loop, self._judge, name, password, crypto_of(loop), loop.wall()).then(_named)

    def _judge(self, name, password, crypto, now):
        # type: (str, bytes, Crypto, float) -> Tuple[str, Optional[str]]
        """On a thread: (name, why it fails or None)."""
        table = self.table(now)
        verifier = table.get(name)
        if verifier is None:
            # As long as for a name that exists, or the time would tell.
            decoy(crypto, table.first()).verify(password, crypto)
            return name, u'there is no such account'
        return name, None if verifier.verify(password, crypto) else u'the password is wrong'

    def table(self, now):
        # type: (float) -> PasswordTable
        """The accounts as they are, read again only when the file has changed; *now* is the time of day in seconds."""
        try:
            state = os.stat(self.path)
        except OSError as exc:
            raise PasswordFileError(u'the password file %s cannot be read: %s' % (self.path, exc.strerror or exc), exc)
        mark = (state.st_mtime, state.st_size, state.st_ino)
        seen = self._seen
        if seen is not None and seen[0] == mark:
            return seen[1]
        table = load_table(self.path)
        self._report(table.problems)
        # A second change within one step of the file system's clock would show the same time.
        self._seen = (mark, table) if state.st_mtime < now - FRESH_SECONDS else None
        return table

    def _report(self, problems):
        # type: (List[str]) -> None
        if problems and problems != self._told:
            for problem in problems[:MAX_PROBLEMS]:
                log.warning('%s, %s', self.path, problem)
        self._told = problems

    def scram_keys(self, name, hash_name, loop):
        crypto, now = crypto_of(loop), loop.wall()

        def find():
            # type: () -> Any
            verifier = self.table(now).get(name)
            return verifier if isinstance(verifier, ScramKeys) and verifier.hash_name == hash_name else None

        return self._turns.run(loop, find)

    def scram_decoy(self, name, hash_name, loop):
        iterations = self.table(loop.wall()).first().iterations
        return completed(decoy_keys(crypto_of(loop), hash_name, name, self._secret, iterations))

    def scram_hashes(self, loop):
        """SCRAM is offered when every account has the keys for it: clients do not try another way when one fails."""
        try:
            schemes = self.table(loop.wall()).schemes
        except PasswordFileError:
            return ()
        return {('scram-sha-256',): ('sha256',), ('scram-sha-1',): ('sha1',)}.get(tuple(schemes), ())

    def problems(self, crypto=STANDARD):
        # type: (Crypto) -> List[str]
        """What is wrong with the file now, a sentence each; [] if a server can work with it."""
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


class _Turns(object):
    """Work on threads: so much at once, so much waiting, and no more."""

    def __init__(self, at_once, waiting):
        # type: (int, int) -> None
        self._free = at_once
        self._most = waiting
        self._waiting = deque()         # type: deque

    def run(self, loop, function, *args):
        # type: (Any, Callable[..., Any], *Any) -> Future
        """A Future of what ``function(*args)`` returns; LoginFailed at once if too many wait."""
        if self._free:
            self._free -= 1
            return self._begin(loop, function, args, Future())
        if len(self._waiting) >= self._most:
            return failed(LoginFailed(u'too many logins wait to be checked'))
        future = Future()
        self._waiting.append((loop, function, args, future))
        return future

    def _begin(self, loop, function, args, future):
        # type: (Any, Callable[..., Any], Tuple, Future) -> Future
        def ended(work):
            # type: (Future) -> None
            self._next()
            if future.done():           # whoever waited has gone
                return
            if work.exception() is None:
                future.set_result(work.result())
            else:
                future.set_exception(work.exception())

        loop.run_in_thread(function, *args).add_done_callback(ended)
        return future

    def _next(self):
        # type: () -> None
        while self._waiting:
            loop, function, args, future = self._waiting.popleft()
            if not future.done():
                self._begin(loop, function, args, future)
                return
        self._free += 1


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Tuple
    from carryall.core.crypto import Crypto
