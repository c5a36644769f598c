# Copyright the carryall authors.  See LICENSE.
"""Row readers: the rows of a statement, as fast as the interpreter can.

    reader = row_reader([(23, BINARY), (25, TEXT)], True)
    place = reader(data, place, len(data), rows.append)

The columns of a statement that is asked often are known.  A function is written and compiled for
each kind of row.  It unpacks columns of a fixed size that are next to each other in one call, with
the lengths around them.  A row may look otherwise: with a NULL in such a column, or a false length.
It is read column by column instead, which tells what is wrong with it.

The text of such a function has nothing of the server in it but the kinds of columns.  On Jython,
which loads its compiler for 150 ms, rows are always read column by column.
Tests:    tests/protocols/postgresql/test_rowreader.py
"""
from __future__ import absolute_import, division, print_function

import struct

from carryall.core.compat import ON_JYTHON
from carryall.protocols.postgresql.binaryvalues import BINARY_READERS, FIXED
from carryall.protocols.postgresql.pgvalues import READERS, read_text
from carryall.protocols.postgresql.wire import BINARY, TEXT, data_row

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Sequence, Tuple

__all__ = ['best_formats', 'row_reader', 'skipped_rows']

MAX_COMPILED = 500          # kinds of rows for which functions are kept
MAX_COLUMNS = 100           # of a row for which a function is compiled

_ROW = 68                   # the letter D
_HEAD = struct.Struct('!Bi')
_read_head = _HEAD.unpack_from

_compiled = {}              # type: Dict[Tuple[Any, ...], Callable[..., int]]


def best_formats(columns):
    # type: (Sequence[Tuple[str, int, int]]) -> List[int]
    """The formats that the next execution asks for."""
    return [BINARY if kind in BINARY_READERS else TEXT for _, kind, _ in columns]


def row_reader(columns, often):
    # type: (Sequence[Tuple[int, int]], bool) -> Callable[[bytes, int, int, Any], int]
    """The function that reads rows of these (number of a type, format) of columns.

    It is called with octets, the place where a message begins, the place where the octets end, and
    a function that takes each row.  It gives the place of the first message that is no row, or not
    whole.

    Args:     often: a function for just these columns is worth its while.
    """
    readers = [_value_reader(kind, form) for kind, form in columns]
    if not often or ON_JYTHON or len(columns) > MAX_COLUMNS:
        return _by_columns(readers)
    key = tuple(columns)
    found = _compiled.get(key)
    if found is None:
        if len(_compiled) >= MAX_COMPILED:
            _compiled.clear()
        found = _compile(key, readers)
        _compiled[key] = found
    return found


def skipped_rows(data, place, end, _):
    # type: (bytes, int, int, Any) -> int
    """A reader of rows that nothing wants."""
    while place + 5 <= end:
        kind, size = _read_head(data, place)
        stop = place + 1 + size
        if kind != _ROW or size < 4 or stop > end:
            break
        place = stop
    return place


def _value_reader(kind, form):
    # type: (int, int) -> Callable[[bytes], Any]
    if form == BINARY:
        # Text and json are the same in both forms; of other types the octets are all we know.
        return BINARY_READERS.get(kind, bytes)
    return READERS.get(kind, read_text)


def _by_columns(readers):
    # type: (List[Any]) -> Callable[[bytes, int, int, Any], int]
    def read(data, place, end, append):
        # type: (bytes, int, int, Any) -> int
        last = end - 5
        while place <= last:
            kind, size = _read_head(data, place)
            stop = place + 1 + size
            if kind != _ROW or size < 4 or stop > end:
                break
            append(data_row(data, place + 5, stop, readers))
            place = stop
        return place
    return read


def _compile(columns, readers):
    # type: (Tuple[Tuple[int, int], ...], List[Any]) -> Callable[..., int]
    writer = _Source(len(columns))
    for number, (kind, form) in enumerate(columns):
        if form == BINARY and kind in FIXED:
            writer.fixed(number, kind)
        else:
            writer.variable(number, readers[number], form == TEXT and readers[number] is read_text)
    names = writer.names
    names.update(readers=readers, data_row=data_row, struct_error=struct.error,
                 rest=_by_columns(readers))
    made = {}                       # type: Dict[str, Any]
    exec(compile(writer.finish(), '<row reader>', 'exec', 0, True), made)
    return made['make'](**names)


class _Source(object):
    """Writes the source text of a reader."""

    def __init__(self, count):
        # type: (int) -> None
        self.names = {}             # type: Dict[str, Any]
        self._body = []             # type: List[str]
        self._values = []           # type: List[str]
        self._letters = 'BiH'       # of what is unpacked at once
        self._size = 7
        self._targets = ['kind', 'size', 'count']
        self._checks = ['count != %d' % count]
        self._begin = 'place'
        self._head_size = 0
        self._runs = 0

    def fixed(self, number, kind):
        # type: (int, int) -> None
        """A column whose size is known."""
        letter, size, form, convert = FIXED[kind]
        self._letters += 'i' + letter
        self._size += 4 + size
        self._targets += ['n%d' % number, 'v%d' % number]
        self._checks.append('n%d != %d' % (number, size))
        value = form % ('v%d' % number)
        if convert is not None:
            self.names['r%d' % number] = convert
            value = value.replace('READ', 'r%d' % number)
        self._values.append(value)

    def variable(self, number, read, is_text):
        # type: (int, Any, bool) -> None
        """A column whose length is before it."""
        self._letters += 'i'
        self._size += 4
        self._targets.append('n%d' % number)
        behind = self._unpack()
        self._checks.append('n%d < -1' % number)
        self._refuse()
        value = 'data[p%d:q%d]' % (number, number)
        if is_text:
            value += '.decode("utf-8")'
        elif read is not bytes:
            self.names['r%d' % number] = read
            value = 'r%d(%s)' % (number, value)
        self._body += ['p%d = %s' % (number, behind),
                       'if n%d < 0:' % number,
                       '    v%d = None' % number,
                       '    q%d = p%d' % (number, number),
                       'else:',
                       '    q%d = p%d + n%d' % (number, number, number),
                       '    v%d = %s' % (number, value)]
        self._values.append('v%d' % number)
        self._letters = ''
        self._size = 0
        self._targets = []
        self._begin = 'q%d' % number

    def _unpack(self):
        # type: () -> str
        """Unpacks the fields so far; an expression of the place behind them."""
        name = 'u%d' % self._runs
        self.names[name] = struct.Struct('!' + self._letters).unpack_from
        self._body.append('%s = %s(data, %s)' % (', '.join(self._targets) + ',', name,
                                                 self._begin))
        if not self._runs:
            self._head_size = self._size
            self._body += ['if kind != %d:' % _ROW, '    return place',
                           'stop = place + 1 + size', 'if stop > end:', '    return place']
        self._runs += 1
        return '%s + %d' % (self._begin, self._size)

    def _refuse(self):
        # type: () -> None
        """Has a row that does not look as expected read by columns."""
        self._body += ['if %s:' % ' or '.join(self._checks),
                       '    append(data_row(data, place + 5, stop, readers))',
                       '    place = stop',
                       '    continue']
        self._checks = []

    def finish(self):
        # type: () -> str
        """The whole text."""
        behind = self._unpack() if self._letters else self._begin
        self._checks.append('%s != stop' % behind)
        self._refuse()
        self._body += ['append((%s))' % (''.join(value + ', ' for value in self._values) or ''),
                       'place = stop']
        # pypy: what a closure has is a constant of its compiled code, a global name is not.
        lines = ['def make(%s):' % ', '.join(sorted(self.names)),
                 '  def read(data, place, end, append):',
                 '    last = end - %d' % self._head_size,
                 '    while place <= last:',
                 '        try:',
                 '            while place <= last:']
        lines += [' ' * 16 + line for line in self._body]
        # A row of NULLs at the end is shorter than what is unpacked at once.
        lines += ['        except (struct_error, ValueError, TypeError, ArithmeticError):',
                  '            append(data_row(data, place + 5, stop, readers))',
                  '            place = stop',
                  '    return rest(data, place, end, append)',
                  '  return read', '']
        return '\n'.join(lines)
