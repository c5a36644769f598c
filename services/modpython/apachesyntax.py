# Copyright the carryall authors.  See LICENSE.
"""The syntax of Apache's configuration files: directives and sections.

Grammar:  a directive is a line, its name and its arguments with blanks between them.  A backslash
          at the end of a line joins it with the next.  An argument in quotes may have blanks, and
          a backslash before a quote.  Lines that begin with # are comments.  ``<Name arguments>``
          begins a section, ``</Name>`` ends it.
          Source: "Configuration Files" of the Apache HTTP Server's documentation, version 2.4.
Errors:   SyntaxFault, with the file and the number of the line.
Tests:    tests/services/modpython/test_siteconfig.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import UsageError
from carryall.core.patterns import Pattern

__all__ = ['Directive', 'SyntaxFault', 'parse']

# -- limits ------------------------------------------------------------------
MAX_LINE = 8192             # characters, joined lines included
MAX_LINES = 100000          # of one file
MAX_DEPTH = 20              # of sections in one another

NAME = Pattern(r'[A-Za-z][A-Za-z0-9_]*\Z')


class SyntaxFault(UsageError):
    """A configuration that cannot be used; the text has the file and the line."""

    def __init__(self, file, line, what):
        # type: (Text, int, Text) -> None
        UsageError.__init__(self, u'%s, line %d: %s' % (file, line, what))
        self.file = file
        self.line = line


class Directive(object):
    """One directive, or a section.

    Attributes:
        name:     as it is written.
        args:     list of its arguments.
        children: the directives of a section; None for a directive.
        file, line: where it stands.
    """

    __slots__ = ('name', 'args', 'children', 'file', 'line')

    def __init__(self, name, args, file, line, children=None):
        # type: (Text, List[Text], Text, int, Optional[List[Directive]]) -> None
        self.name = name
        self.args = args
        self.file = file
        self.line = line
        self.children = children

    def fault(self, what):
        # type: (Text) -> SyntaxFault
        """An error at this place."""
        return SyntaxFault(self.file, self.line, what)

    def __repr__(self):
        return '<%s %s, %s:%d>' % (self.name, self.args, self.file, self.line)


def parse(text, file):
    # type: (Text, Text) -> List[Directive]
    """The directives in *text*; *file* is its name, for errors.

    Raises:   SyntaxFault.
    """
    top = []                        # type: List[Directive]
    sections = []                   # type: List[Directive]
    for line, words in _lines(text, file):
        here = sections[-1].children if sections else top
        if words.startswith(u'</'):
            _end(words, sections, file, line)
        elif words.startswith(u'<'):
            section = _section(words, file, line)
            if len(sections) >= MAX_DEPTH:
                raise section.fault(u'sections are nested more than %d deep' % MAX_DEPTH)
            here.append(section)            # type: ignore
            sections.append(section)
        else:
            args = _split(words, file, line)
            name = _named(args[0], file, line)
            here.append(Directive(name, args[1:], file, line))      # type: ignore
    if sections:
        raise sections[-1].fault(u'<%s> is not closed' % sections[-1].name)
    return top


def _lines(text, file):
    # type: (Text, Text) -> Iterator[Tuple[int, Text]]
    """Each line that says something, joined, with the number of its first part."""
    joined = u''
    first = 0
    lines = text.split(u'\n')
    if len(lines) > MAX_LINES:
        raise SyntaxFault(file, MAX_LINES, u'the file has more lines than %d' % MAX_LINES)
    for number, line in enumerate(lines, 1):
        line = line.rstrip(u'\r')
        first = first or number
        if len(joined) + len(line) > MAX_LINE:
            raise SyntaxFault(file, number, u'the line is longer than %d' % MAX_LINE)
        if line.endswith(u'\\'):
            joined += line[:-1]
            continue
        whole = (joined + line).strip()
        if whole and not whole.startswith(u'#'):
            if u'\0' in whole:
                raise SyntaxFault(file, number, u'a NUL character')
            yield first, whole
        joined = u''
        first = 0
    if joined.strip():
        yield first, joined.strip()


def _named(name, file, line):
    # type: (Text, Text, int) -> Text
    if NAME.match(name) is None:
        raise SyntaxFault(file, line, u'"%s" is no name of a directive' % name)
    return name


def _section(words, file, line):
    # type: (Text, Text, int) -> Directive
    if not words.endswith(u'>'):
        raise SyntaxFault(file, line, u'the section has no ">" at its end')
    args = _split(words[1:-1].strip() or u'?', file, line)
    return Directive(_named(args[0], file, line), args[1:], file, line, [])


def _end(words, sections, file, line):
    # type: (Text, List[Directive], Text, int) -> None
    name = words[2:].rstrip(u'>').strip()
    if not words.endswith(u'>') or not sections or sections[-1].name.lower() != name.lower():
        wanted = u'; expected </%s>' % sections[-1].name if sections else u''
        raise SyntaxFault(file, line, u'%s closes no section%s' % (words, wanted))
    sections.pop()


def _split(words, file, line):
    # type: (Text, Text, int) -> List[Text]
    """The words of a line; quotes are taken off."""
    found = []
    at = 0
    while at < len(words):
        if words[at].isspace():
            at += 1
        elif words[at] in u'"\'':
            word, at = _quoted(words, at)
            if at < 0:
                raise SyntaxFault(file, line, u'a quote is not closed')
            found.append(word)
        else:
            end = at
            while end < len(words) and not words[end].isspace():
                end += 1
            found.append(words[at:end])
            at = end
    return found


def _quoted(words, at):
    # type: (Text, int) -> Tuple[Text, int]
    """A word in quotes, and the place behind it; -1 if it has no end."""
    quote = words[at]
    said = []
    at += 1
    while at < len(words):
        if words[at] == u'\\' and words[at + 1:at + 2] in (quote, u'\\'):
            at += 1
        elif words[at] == quote:
            return u''.join(said), at + 1
        said.append(words[at])
        at += 1
    return u'', -1


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterator, List, Optional, Text, Tuple
