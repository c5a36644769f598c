# Copyright the carryall authors.  See LICENSE.
"""The service type ``dict``: a server of dictionaries (RFC 2229).

    carryall serve dict --database wn=/usr/share/dictd/wn --database own=words.txt

Searches run on threads, few at a time, under a time limit.  Those that look at every headword are
counted by themselves, so that they do not delay the others.

Not here: the protocol (protocols/dict).
Tests:    tests/services/dict/test_dictservice.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.service import OneServer
from carryall.app.servicetypes import ServerType
from carryall.core.auth.checkers import MemoryChecker
from carryall.core.auth.credentials import LoginUnavailable
from carryall.core.auth.checkqueue import CheckQueue
from carryall.core.auth.portal import Portal, Realm
from carryall.core.errors import TimedOut, UsageError
from carryall.core.files.smallfile import read_small_text
from carryall.core.future import with_timeout
from carryall.core.logs import get_logger
from carryall.protocols.dict import (Database, Definition, DICTError, DICTServer, DictionaryService,
                                     Settings, Strategy)
from carryall.services.dict.dictdatabase import open_database
from carryall.services.dict.dictzip import BrokenDatabase
from carryall.services.dict.expressions import BadExpression
from carryall.services.dict.strategies import DEFAULT, SCANS, STRATEGIES
from carryall.services.dict.options import ACCOUNTS, CLIENTS, LISTENING, LOGINS, SCHEMA

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional
    from carryall.app.optionvalues import OptionValues
    from carryall.services.dict.dictdatabase import DictDatabase

__all__ = ['DictService', 'TYPE']

# -- limits ------------------------------------------------------------------
LOOKUPS = 4                 # at the same time; each takes a millisecond or so
SCANNING = 2                # searches through all headwords at the same time
SCANNING_OF_SOURCE = 1      # of these for one client address
WAITING = 64                # of each kind that wait for their turn
MOST_WAITING = 3            # times the time of a search, that one may wait for its turn
READ_AT_ONCE = 1 << 18      # octets of definitions that are read with the look-up

BUSY = b'420 Server temporarily unavailable, too many searches'
TOO_LONG = b'420 Server temporarily unavailable, the search took too long'
BROKEN = b'420 Server temporarily unavailable, the database cannot be read'
BAD_EXPRESSION = b'501 Syntax error, illegal parameters: a malformed regular expression'

log = get_logger('dict')


class DictService(OneServer):
    """A server of databases.

    Args:     options: as SCHEMA gives them.
    """

    def __init__(self, options):
        # type: (OptionValues) -> None
        OneServer.__init__(self, 'dict')
        self._options = options
        self._library = None                # type: Optional[Library]

    def start(self, loop):
        options = self._options
        self._library = Library(options, loop)
        self._library.load()
        settings = Settings(hostname=options.hostname.encode('utf-8'),
                            max_definitions=options.max_definitions,
                            max_matches=options.max_matches)
        limits = LISTENING.limits(options, BUSY + b'\r\n', loop)
        self.serve(loop, LISTENING.server(
            'dict', options, lambda: DICTServer(self._library, loop, settings), limits=limits))

    def reload(self):
        """Reads the databases, secrets and the text again; what is wrong leaves all as it was."""
        if self._library is not None:
            self._library.load()
        OneServer.reload(self)


class Library(DictionaryService):
    """The databases, as a client without a login sees them."""

    default_strategy = DEFAULT

    def __init__(self, options, loop):
        # type: (OptionValues, Any) -> None
        self._options = options
        self._loop = loop
        self._admits = CLIENTS.admits(options)
        self._open = []                     # type: List[DictDatabase]
        self._about = u''
        self._turns = CheckQueue(LOOKUPS, WAITING)
        self._scans = CheckQueue(SCANNING, WAITING, SCANNING_OF_SOURCE)
        has_accounts = options.secrets is not None or bool(options.user)
        self.guard = LOGINS.guard(options, loop) if has_accounts else None

    def load(self):
        # type: () -> None
        """Opens all files; UsageError says what is wrong with one."""
        options = self._options
        descriptions = dict(options.description)
        found = [open_database(name, path, descriptions.get(name))
                 for name, path in options.database]
        about = u'' if options.info is None else read_small_text(options.info)
        checkers = ACCOUNTS.checkers(options)
        if options.secrets is not None:
            checkers.append(MemoryChecker(_secrets(options.secrets)))
        portal = Portal(Realm(), checkers) if checkers else None
        self._open = found
        self._about = about
        self.portal = portal

    # -- who sees what -----------------------------------------------------------------------------

    def admits(self, host):
        return self._admits(host)

    def for_user(self, user):
        return _Everything(self)

    def shown(self, everything):
        # type: (bool) -> List[DictDatabase]
        """The databases; without those for accounts unless *everything*."""
        hidden = () if everything else self._options.restricted
        return [each for each in self._open if each.name not in hidden]

    def databases(self):
        return [Database(each.name, each.description) for each in self.shown(False)]

    def strategies(self):
        return [Strategy(*row) for row in STRATEGIES]

    def about(self):
        return self.about_all(False)

    def about_all(self, everything):
        # type: (bool) -> str
        """The text of SHOW SERVER."""
        rows = [u'%-20s %12d octets  %s\n' % (each.name, each.size(), each.description)
                for each in self.shown(everything)]
        return u'carryall, a server of dictionaries\n\n%s\n%s' % (u''.join(rows), self._about)

    # -- searches ----------------------------------------------------------------------------------

    def define(self, database, word, limit, host):
        found = self._named(database)
        return self._searched(self._turns, host, lambda _: self._define(found, word, limit, host))

    def _define(self, database, word, limit, host):
        # type: (DictDatabase, str, int, str) -> List[Definition]
        """On a thread: the definitions, with the texts of those that are read at once."""
        read = 0
        found = []                          # type: List[Definition]
        for entry in database.define(word, limit):
            read += entry.length
            text = database.read(entry) if read <= READ_AT_ONCE else None
            found.append(_Stored(self, database, entry, host, text))
        return found

    def text_of(self, database, entry, host):
        # type: (DictDatabase, Any, str) -> Any
        """A Future of the text of a definition."""
        return self._searched(self._turns, host, lambda _: database.read(entry))

    def match(self, database, strategy, word, limit, host):
        found = self._named(database)
        turns = self._scans if strategy in SCANS else self._turns
        return self._searched(turns, host,
                              lambda run: found.match(strategy, word, limit, run.is_stopped))

    def info(self, database):
        found = self._named(database)
        return self._searched(self._turns, '', lambda _: found.info())

    def _named(self, name):
        # type: (str) -> DictDatabase
        """The database of this name, which ``databases`` has given."""
        for each in self._open:
            if each.name == name:
                return each
        raise DICTError(u'a reload has taken the database away', 420, BROKEN)

    def _searched(self, turns, host, search):
        # type: (CheckQueue, str, Any) -> Any
        """A Future of what *search* finds, called on a thread with its _Run."""
        run = _Run(self._loop, self._options.search_time)
        future = with_timeout(self._loop, turns.run(self._loop, host, run.perform, search),
                              run.seconds, left=run.left)
        future.add_done_callback(lambda _: run.stop())
        return future.then(None, _failed)


class _Everything(DictionaryService):
    """The databases, as an account sees them."""

    def __init__(self, library):
        # type: (Library) -> None
        self._library = library
        self.portal = library.portal
        self.guard = library.guard
        self.default_strategy = library.default_strategy
        self.strategies = library.strategies
        self.define = library.define
        self.match = library.match
        self.info = library.info

    def databases(self):
        return [Database(each.name, each.description) for each in self._library.shown(True)]

    def about(self):
        return self._library.about_all(True)


class _Stored(Definition):
    """A definition in a database."""

    __slots__ = ('_library', '_database', '_entry', '_host')

    def __init__(self, library, database, entry, host, text):
        # type: (Library, DictDatabase, Any, str, Optional[str]) -> None
        Definition.__init__(self, entry.headword, database.name, database.description)
        self.text = text
        self._library = library
        self._database = database
        self._entry = entry
        self._host = host

    def read(self):
        if self.text is not None:
            return self.text
        return self._library.text_of(self._database, self._entry, self._host)


class _Run(object):
    """One search on a thread: its time, and whether its result is still wanted.

    The time begins with the search.  Otherwise a client whose searches take all of their time would
    use up that of the others, which wait for their turn meanwhile.

    Attributes:
        seconds: that it may take.
    """

    __slots__ = ('seconds', '_loop', '_wait_until', '_begun', '_stopped')

    def __init__(self, loop, seconds):
        # type: (Any, float) -> None
        self.seconds = seconds
        self._loop = loop
        self._wait_until = loop.time() + MOST_WAITING * seconds
        self._begun = None                  # type: Optional[float]  # loop time
        self._stopped = False

    def perform(self, search):
        # type: (Any) -> Any
        """On a thread: the result of *search*."""
        self._begun = self._loop.time()
        return search(self)

    def left(self):
        # type: () -> float
        """The seconds after which it has to be looked at again; 0 or less: its time is over."""
        now = self._loop.time()
        if self._begun is None:
            return min(self.seconds, self._wait_until - now)
        return self._begun + self.seconds - now

    def stop(self):
        # type: () -> None
        """Tells the thread that the result is not wanted any more."""
        self._stopped = True

    def is_stopped(self):
        # type: () -> bool
        """True once ``stop`` was called."""
        return self._stopped


def _failed(exc):
    # type: (BaseException) -> Any
    """The error of a search as the client learns it."""
    if isinstance(exc, TimedOut):
        raise DICTError(u'the search took too long', 420, TOO_LONG, exc)
    if isinstance(exc, LoginUnavailable):       # of CheckQueue: no place is free
        raise DICTError(u'too many searches', 420, BUSY, exc)
    if isinstance(exc, BadExpression):
        raise DICTError(exc.message, 501, BAD_EXPRESSION, exc)
    if isinstance(exc, (BrokenDatabase, IOError, OSError)):
        log.error('a database cannot be read: %s', exc)
        raise DICTError(u'a database cannot be read', 420, BROKEN, exc)
    raise exc


def _secrets(path):
    # type: (str) -> Dict[str, bytes]
    """Name to secret of a file."""
    found = {}                              # type: Dict[str, bytes]
    for number, line in enumerate(read_small_text(path).splitlines()):
        name, _, secret = line.strip().partition(u' ')
        if not name or name[:1] == u'#':
            continue
        if not secret.strip():
            raise UsageError(u'%s: line %d is not a name and a secret' % (path, number + 1))
        found[name] = secret.strip().encode('utf-8')
    return found


class DictType(ServerType):
    """The type ``dict``."""

    name = 'dict'
    summary = 'definitions of words, from databases of dictd (RFC 2229)'
    version = 1
    options = SCHEMA
    service = DictService
    listening = LISTENING


TYPE = DictType()
