# Copyright the carryall authors.  See LICENSE.
"""SQL text with parameters: one text for the drivers of all five styles of PEP 249.

    statement = parsed(u'SELECT 1 FROM t WHERE a = ? AND b = ?', 'qmark')
    text, parameters = statement.for_driver('pyformat', (1, 2))

The text of a program has one of these styles.  The default is qmark for a sequence of parameters
and named for a mapping:

    qmark     a = ?             a question mark is ``??``
    numeric   a = :1
    named     a = :name         ``a::text`` is a cast, and no parameter
    format    a = %s            a percent sign is ``%%``
    pyformat  a = %(name)s
    dollar    a = $1            PostgreSQL's own

Strings, quoted names, comments and PostgreSQL's dollar quotes are left alone.  Values never become
part of a text: the driver carries them.
Source:   PEP 249, "paramstyle"; PostgreSQL 15, section 4.1.
Tests:    tests/core/database/test_sqltext.py
"""
from __future__ import absolute_import, division, print_function

import re

from carryall.core.compat import int_types, text_type, thread_local
from carryall.core.database.dberrors import ProgrammingError
from carryall.core.patterns import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence, Tuple

__all__ = ['STYLES', 'Statement', 'first_word', 'parsed']

# -- limits ------------------------------------------------------------------
MAX_KEPT = 500              # parsed texts that are kept in each thread
MAX_KEPT_LENGTH = 20000     # characters of a text that is kept

# Text that holds no parameter: strings, quoted names, comments.
_QUOTED = (r"(?<!\w)[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'"
           r'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|--[^\n]*'
           r'|\$(?P<tag>(?:[^\W\d]\w*)?)\$.*?\$(?P=tag)\$')
_NAME = r'[^\W\d]\w*'
# The group `next`, `number` or `name` is a parameter, `one` a character that was doubled.
_MARKS = {
    'qmark': r'(?P<one>\?\?)|(?P<next>\?)',
    'numeric': r'::|(?<![\w:]):(?P<number>\d+)',
    'named': r'::|(?<![\w:]):(?P<name>' + _NAME + ')',
    'format': r'(?P<one>%%)|(?P<next>%s)',
    'pyformat': r'(?P<one>%%)|%\((?P<name>' + _NAME + r')\)s',
    'dollar': r'(?<!\w)\$(?P<number>\d+)',
}
# Drivers of these two format the whole text, strings and comments too.
_BLIND = ('format', 'pyformat')
STYLES = tuple(sorted(_MARKS))
_COMMENT = Pattern(r'/\*|\*/')
_FIRST_WORD = Pattern(r'(?:\s|--[^\n]*\n|/\*.*?\*/)*(\w+)', re.DOTALL | re.UNICODE)


def _pattern(style):
    # type: (str) -> Any
    skipped = r'' if style in _BLIND else r'(?P<comment>/\*)|%s|' % _QUOTED
    return Pattern(skipped + _MARKS[style], re.DOTALL | re.UNICODE)


_PATTERNS = dict((style, _pattern(style)) for style in STYLES)


class Statement(object):
    """A text, taken apart.

    Args:     pieces: the text between the parameters; one more than *keys*.
              keys: of the parameters in the order of the text: each an index from 0, or a name.
    """

    __slots__ = ('pieces', 'keys', 'by_name', '_used', '_wanted', '_texts')

    def __init__(self, pieces, keys):
        # type: (Sequence[str], Sequence[Any]) -> None
        self.pieces = tuple(pieces)
        self.keys = tuple(keys)
        self.by_name = bool(keys) and not isinstance(keys[0], int_types)
        self._wanted = 0 if self.by_name or not keys else max(keys) + 1
        self._used = list(range(self._wanted))          # type: List[Any]
        for key in keys:
            if key not in self._used:
                self._used.append(key)
        self._texts = {}            # type: Dict[str, str]

    def for_driver(self, style, parameters=()):
        # type: (str, Any) -> Tuple[str, Any]
        """The text and the parameters for a driver of this *style*.

        Raises:   ProgrammingError: a parameter is missing, or there are too many.
        """
        text = self._texts.get(style)
        if text is None:
            text = self._written(style)
            self._texts[style] = text
        return text, self.ordered(style, parameters)

    def _written(self, style):
        # type: (str) -> str
        pieces = self.pieces
        if style in _BLIND:
            pieces = tuple(piece.replace(u'%', u'%%') for piece in pieces)
        written = [pieces[0]]
        for key, piece in zip(self.keys, pieces[1:]):
            written.append(self._mark(style, key))
            written.append(piece)
        return u''.join(written)

    def _mark(self, style, key):
        # type: (str, Any) -> str
        """The parameter as a driver of *style* wants it written."""
        number = self._used.index(key) + 1
        name = key if self.by_name else 'p%d' % number
        return {'qmark': u'?', 'format': u'%s', 'named': u':%s' % name, 'dollar': u'$%d' % number,
                'pyformat': u'%%(%s)s' % name, 'numeric': u':%d' % number}[style]

    def ordered(self, style, parameters):
        # type: (str, Any) -> Any
        """The *parameters* of a program as a driver of *style* takes them."""
        if not self.by_name and len(parameters) != self._wanted:
            raise ProgrammingError(u'the statement takes %d parameters, and %d were given'
                                   % (self._wanted, len(parameters)))
        try:
            if style in ('qmark', 'format'):
                return tuple([parameters[key] for key in self.keys])
            if style in ('numeric', 'dollar'):
                return tuple([parameters[key] for key in self._used])
            return dict((key if self.by_name else 'p%d' % (number + 1), parameters[key])
                        for number, key in enumerate(self._used))
        except (KeyError, TypeError) as exc:
            raise ProgrammingError(u'the statement has parameters by name, and %s was not given'
                                   % (u'one' if isinstance(exc, TypeError) else exc.args[0]), exc)


def _comment_end(text, begin):
    # type: (str, int) -> int
    """The end of the comment at *begin*; comments nest."""
    depth = 0
    for mark in _COMMENT.finditer(text, begin):
        depth += 1 if mark.group() == '/*' else -1
        if not depth:
            return mark.end()
    return len(text)


def _taken_apart(text, style):
    # type: (str, str) -> Statement
    pattern = _PATTERNS[style]
    pieces = [u'']
    keys = []                   # type: List[Any]
    place = 0
    while True:
        mark = pattern.search(text, place)
        if mark is None:
            break
        pieces[-1] += text[place:mark.start()]
        place = mark.end()
        found = mark.groupdict()
        if found.get('comment'):
            place = _comment_end(text, mark.start())
            pieces[-1] += text[mark.start():place]
        elif found.get('one'):
            pieces[-1] += found['one'][0]
        elif found.get('next') or found.get('number') or found.get('name'):
            keys.append(_key(found, len(keys)))
            pieces.append(u'')
        else:
            pieces[-1] += mark.group()
    pieces[-1] += text[place:]
    return Statement(pieces, keys)


def _key(found, count):
    # type: (Dict[str, Any], int) -> Any
    if found.get('name'):
        return found['name']
    if not found.get('number'):
        return count
    if len(found['number']) > 5 or found['number'].strip('0') == '':
        raise ProgrammingError(u'there is no parameter with the number %s' % found['number'])
    return int(found['number']) - 1


class _Kept(thread_local):
    """The texts that this thread has parsed."""

    def __init__(self):
        # type: () -> None
        self.statements = {}        # type: Dict[Any, Statement]


_kept = _Kept()


def parsed(text, style=None, parameters=()):
    # type: (Any, Optional[str], Any) -> Statement
    """*text*, taken apart by its *style*; None: qmark, or named if *parameters* is a mapping.

    Raises:   ProgrammingError: the style is unknown, or the text has octets that are not UTF-8.
    """
    if style is None:
        style = 'named' if hasattr(parameters, 'keys') else 'qmark'
    kept = _kept.statements
    statement = kept.get((text, style))
    if statement is not None:
        return statement
    if style not in _PATTERNS:
        raise ProgrammingError(u'there is no style %s of parameters; there are: %s'
                               % (style, u', '.join(STYLES)))
    try:
        plain = text if isinstance(text, text_type) else text.decode('utf-8')
    except UnicodeError as exc:
        raise ProgrammingError(u'the statement is not UTF-8', exc)
    statement = _taken_apart(plain, style)
    if len(plain) <= MAX_KEPT_LENGTH:
        if len(kept) >= MAX_KEPT:
            kept.clear()
        kept[text, style] = statement
    return statement


def first_word(query):
    # type: (str) -> str
    """The first word of a statement in upper case; '' if it has none."""
    found = _FIRST_WORD.match(query)
    return found.group(1).upper() if found else ''
