# Copyright the carryall authors.  See LICENSE.
"""The service of a DICTServer: databases, strategies and definitions; and one in memory.

What a hook returns may be a Future.

Tests:    tests/protocols/dict/test_server.py
"""
from __future__ import absolute_import, division, print_function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Sequence

__all__ = ['Database', 'Definition', 'DictionaryService', 'MemoryDictionary', 'Strategy']


class Database(object):
    """One row of SHOW DB (RFC 2229 section 3.5.1).

    Args:     name: an atom (text).
              description: a short one (text).
    """

    __slots__ = ('name', 'description')

    def __init__(self, name, description):
        # type: (str, str) -> None
        self.name = name
        self.description = description


class Strategy(Database):
    """One row of SHOW STRAT (RFC 2229 section 3.5.2)."""

    __slots__ = ()


class Definition(object):
    """One definition of a word (RFC 2229 section 3.2).

    Attributes:
        word: as the database spells it (text).
        database: its name (text).
        description: of the database (text).
        text: of the definition (text).
        header: lines of MIME (octets, each with CRLF) that stand before it after OPTION MIME; empty
            for plain text.
    """

    __slots__ = ('word', 'database', 'description', 'text', 'header')

    def __init__(self, word, database, description, text=u'', header=b''):
        # type: (str, str, str, str, bytes) -> None
        self.word = word
        self.database = database
        self.description = description
        self.text = text
        self.header = header

    def read(self):
        # type: () -> Any
        """The text, or its octets in UTF-8; a server calls it when it is about to send them."""
        return self.text


class DictionaryService(object):
    """The base of services.

    Attributes:
        portal: a Portal whose checkers judge Challenged credentials, for AUTH; None for no AUTH.
        guard: a LoginGuard, or None.
        default_strategy: name of the one that "." stands for; the best to correct spelling.
    """

    portal = None               # type: Any
    guard = None                # type: Any
    default_strategy = u'prefix'

    def admits(self, host):
        # type: (str) -> bool
        """True if a client of this numeric address may connect."""
        return True

    def for_user(self, user):
        # type: (str) -> Any
        """The service as an account that has logged in sees it."""
        return self

    def databases(self):
        # type: () -> Any
        """The Database objects, in the order in which they are searched."""
        raise NotImplementedError

    def strategies(self):
        # type: () -> Any
        """The Strategy objects; 'exact' and 'prefix' must be there (RFC 2229 section 3.3)."""
        raise NotImplementedError

    def define(self, database, word, limit, host):
        # type: (str, str, int, str) -> Any
        """The Definition objects of a word, *limit* of them at most.

        Args:     database: the name of one that ``databases`` gives.
                  host: the client's numeric address; '' on a Unix socket.
        """
        raise NotImplementedError

    def match(self, database, strategy, word, limit, host):
        # type: (str, str, str, int, str) -> Any
        """The headwords (text) that a strategy finds, *limit* of them at most.

        Args:     strategy: the name of one that ``strategies`` gives.
        """
        raise NotImplementedError

    def info(self, database):
        # type: (str) -> Any
        """The text of SHOW INFO: source and licence of a database."""
        return u''

    def about(self):
        # type: () -> Any
        """The text of SHOW SERVER."""
        return u''


class MemoryDictionary(DictionaryService):
    """One database in memory, for tests and small lists.

    Args:     name: of the database.
              words: word to definition, both text.
    """

    def __init__(self, name, words, description=u''):
        # type: (str, Dict[str, str], str) -> None
        self._database = Database(name, description or name)
        self._words = sorted(words.items())

    def databases(self):
        return [self._database]

    def strategies(self):
        return [Strategy(u'exact', u'Match headwords exactly'),
                Strategy(u'prefix', u'Match prefixes')]

    def define(self, database, word, limit, host):
        found = self._found(u'exact', word)[:limit]
        shown = self._database
        return [Definition(each, shown.name, shown.description, text) for each, text in found]

    def match(self, database, strategy, word, limit, host):
        return [each for each, _ in self._found(strategy, word)[:limit]]

    def _found(self, strategy, word):
        # type: (str, str) -> List[Any]
        wanted = word.lower()
        if strategy == u'exact':
            return [row for row in self._words if row[0].lower() == wanted]
        return [row for row in self._words if row[0].lower().startswith(wanted)]

    def info(self, database):
        return u'%d words in memory' % len(self._words)

    def about(self):
        return u'A dictionary in memory.'
