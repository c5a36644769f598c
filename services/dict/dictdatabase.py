# Copyright the carryall authors.  See LICENSE.
"""DictDatabase: one database that is served; its searches run on a thread.

    open_database(u'wn', u'/usr/share/dictd/wn')    wn.index with wn.dict or wn.dict.dz
    open_database(u'own', u'own.txt')               a word, a tab and its definition on each line

Tests:    tests/services/dict/test_dictdatabase.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.core.compat import to_bytes
from carryall.core.errors import UsageError
from carryall.services.dict.dictindex import DictIndex, number_in_base64
from carryall.services.dict.dictzip import MAX_READ, BrokenDatabase, BytesSource, open_source
from carryall.services.dict.headwords import decoded, fold
from carryall.services.dict.strategies import matches

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Tuple
    from carryall.services.dict.dictindex import Entry

__all__ = ['DictDatabase', 'find_files', 'open_database']

# -- limits ------------------------------------------------------------------
MAX_LIST = 64 << 20         # octets of a word list, whose index is made in memory
MAX_WORD = 255              # characters of a headword of a word list
MAX_DESCRIPTION = 200       # characters of the short description

INDEX = u'.index'
DATA = (u'.dict.dz', u'.dict')


class DictDatabase(object):
    """A database of dictd.

    Args:     name: an atom (text).
              index: a DictIndex.
              data: the source of the definitions (dictzip.py).
              description: in place of that which the database has.
    """

    def __init__(self, name, index, data, description=None):
        # type: (str, DictIndex, Any, Optional[str]) -> None
        self.name = name
        self.index = index
        self.data = data
        if description is None:
            description = u' '.join(self.header(b'short').split())[:MAX_DESCRIPTION]
        self.description = description or name

    def header(self, name):
        # type: (bytes) -> str
        """The text of a header, such as ``info``, without the line that names it."""
        entry = self.index.header(name)
        if entry is None:
            return u''
        text = self.read(entry)
        first, _, rest = text.partition(u'\n')
        return rest if first.startswith((u'00-database', u'00database')) else text

    def read(self, entry):
        # type: (Entry) -> str
        """The text of a definition."""
        return decoded(self.octets(entry))

    def octets(self, entry):
        # type: (Entry) -> bytes
        """The octets of a definition, as they are in the file."""
        if entry.length > MAX_READ:
            raise BrokenDatabase(u'a definition of more than %d octets' % MAX_READ)
        with self.data.open() as reader:
            found = reader.read(entry.offset, entry.length)
        if len(found) != entry.length:
            raise BrokenDatabase(u'%s: a definition lies behind the end of the file' % self.name)
        return found

    def define(self, word, limit):
        # type: (str, int) -> List[Entry]
        """The entries of a word, each definition once."""
        key = self.index.fold(word)
        found = []                  # type: List[Entry]
        if not key:
            return found
        seen = set()
        with self.index.source.open() as reader:
            for entry in self.index.exact(reader, key):
                if (entry.offset, entry.length) not in seen:
                    seen.add((entry.offset, entry.length))
                    found.append(entry)
                if len(found) >= limit:
                    break
        return found

    def match(self, strategy, word, limit, stopped=lambda: False):
        # type: (str, str, int, Callable[[], bool]) -> List[str]
        """The headwords that a strategy finds, each once.

        Raises:   BadExpression: the pattern of ``re`` is malformed.
        """
        found = []                  # type: List[str]
        seen = set()
        with self.index.source.open() as reader:
            for _, entry in matches(self.index, reader, strategy, word, stopped):
                if entry.headword not in seen:
                    seen.add(entry.headword)
                    found.append(entry.headword)
                if len(found) >= limit:
                    break
        return found

    def info(self):
        # type: () -> str
        """The text of SHOW INFO."""
        return self.header(b'info')

    def size(self):
        # type: () -> int
        """Octets of the definitions."""
        return self.data.size


class _WordList(DictDatabase):
    """A list of words, each with a tab and its definition behind it."""

    def read(self, entry):
        lines = _unescaped(decoded(self.octets(entry))).split(u'\n')
        return u'%s\n%s\n' % (entry.headword, u'\n'.join(u'   ' + line for line in lines))

    def header(self, name):
        return u''

    def info(self):
        return u'%s: a list of words' % self.description


def find_files(path):
    # type: (str) -> Any
    """(index, data) of a database of dictd at *path*, given with an ending or without;
    None if it is a word list."""
    for ending in (INDEX,) + DATA:
        if path.endswith(ending):
            path = path[:-len(ending)]
            break
    else:
        if not os.path.isfile(path + INDEX):
            return None
    found = [path + ending for ending in DATA if os.path.isfile(path + ending)]
    return path + INDEX, (found or [path + DATA[-1]])[0]


def open_database(name, path, description=None):
    # type: (str, str, Optional[str]) -> DictDatabase
    """The database in these files.

    Raises:   UsageError: they cannot be read, or are none.
    """
    files = find_files(path)
    try:
        if files is None:
            return _open_list(name, path, description)
        index = DictIndex(open_source(to_bytes(files[0])))
        return DictDatabase(name, index, open_source(to_bytes(files[1])), description)
    except BrokenDatabase as exc:
        raise UsageError(u'database %s: %s' % (name, exc.message), exc)


def _open_list(name, path, description):
    # type: (str, str, Optional[str]) -> DictDatabase
    data = open_source(to_bytes(path))
    if data.size > MAX_LIST:
        raise UsageError(u'%s has more than %d bytes; dictfmt makes an index of it'
                         % (path, MAX_LIST))
    with data.open() as reader:
        whole = reader.read(0, data.size)
    rows = []                       # type: List[bytes]
    offset = 0
    for number, line in enumerate(whole.split(b'\n')):
        row = _row(line, offset)
        if row is None:
            raise UsageError(u'%s: line %d is not a word, a tab and its definition'
                             % (path, number + 1))
        if row:
            rows.append(row)
        offset += len(line) + 1
    rows.sort(key=lambda row: row.partition(b'\t')[0])
    # Its order is that of the octets, as the header utf8 says.
    rows.insert(0, b'00databaseutf8\tA\tA')
    return _WordList(name, DictIndex(BytesSource(b'\n'.join(rows) + b'\n')), data,
                     description or name)


def _row(line, offset):
    # type: (bytes, int) -> Optional[bytes]
    """The line of the index for a line of a list; empty if there is none, None if it is wrong."""
    line = line[:-1] if line[-1:] == b'\r' else line
    if not line.strip():
        return b''
    word, tab, text = line.partition(b'\t')
    headword = decoded(word)
    key = fold(headword)
    if not tab or not key or len(headword) > MAX_WORD:
        return None
    return b'\t'.join([key, number_in_base64(offset + len(word) + 1), number_in_base64(len(text)),
                       headword.encode('utf-8')])


_ESCAPES = {u'n': u'\n', u't': u'\t', u'\\': u'\\'}


def _unescaped(text):
    # type: (str) -> str
    """A definition with the line ends for ``\\n``, as StarDict's lists have it."""
    parts = text.split(u'\\')
    out = [parts[0]]
    at = 1
    while at < len(parts):
        part = parts[at]
        if not part and at + 1 < len(parts):        # two backslashes stand for one
            at += 1
            out.append(u'\\' + parts[at])
        elif part[:1] in _ESCAPES:
            out.append(_ESCAPES[part[:1]] + part[1:])
        else:
            out.append(u'\\' + part)
        at += 1
    return u''.join(out)
