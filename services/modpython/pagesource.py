# Copyright the carryall authors.  See LICENSE.
"""The language of PSP: pages with Python between ``<%`` and ``%>``.

    code = python_of(u'<% for n in range(3):\\n%>\\n<p><%= n %></p>\\n<%\\n# end\\n%>')

    <%= expression %>           its ``str``
    <% statements %>            Python
    <%@ include file="NAME" %>  another page, as if it were written there
    <%-- comment --%>           nothing

Indents:  text and expressions stand at the indent of the last line of the last block with a line
          end in it, comments included.  If that line ends with a colon, they are indented by a tab
          more.  A block without a line end stands where the text around it does.
Source:   mod_python 3.3's manual, "psp - Python Server Pages"; the indents as 3.5 has them.
Tests:    tests/services/modpython/test_psppages.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.core.errors import UsageError
from carryall.core.files.smallfile import read_small_text
from carryall.core.patterns import Pattern

__all__ = ['PageFault', 'escaped', 'python_of', 'read_page']

# -- limits ------------------------------------------------------------------
MAX_SOURCE = 4 << 20        # octets of a page
MAX_INCLUDES = 100          # pages that one page includes, in all
MAX_DEPTH = 10              # of pages that include one another

ENTITIES = (('&', '&amp;'), ('<', '&lt;'), ('>', '&gt;'), ('"', '&quot;'), ("'", '&#39;'))
INCLUDE = Pattern(r'\s*include\s+file\s*=\s*"([^"]*)"\s*\Z')


class PageFault(SyntaxError):
    """A page that is none."""


def escaped(text):
    # type: (Any) -> Any
    """*text* escaped for HTML; a native string, in whatever encoding it is."""
    for character, entity in ENTITIES:
        text = text.replace(character, entity)
    return text


def read_page(path):
    # type: (str) -> Text
    """The source in a file, in UTF-8.

    Raises:   PageFault: it cannot be read.
    """
    try:
        return read_small_text(path, MAX_SOURCE)
    except UsageError as exc:
        raise PageFault('%s' % exc)


def python_of(source, folder=None):
    # type: (Text, Optional[str]) -> Text
    """The Python source of a page, for a name ``req`` that has ``write``.

    Args:     folder: of pages that it includes; None if it may include none.
    Raises:   PageFault.
    """
    writer = _Writer()
    _Page(writer).take(source, folder, 0)
    return writer.text()


class _Writer(object):
    """The lines of the Python source, with the indent that counts now."""

    def __init__(self):
        # type: () -> None
        self._lines = []            # type: List[Text]
        self._indent = u''

    def text(self):
        # type: () -> Text
        """The source."""
        return u'\n'.join(self._lines) + u'\n'

    def add(self, line):
        # type: (Text) -> None
        """Adds a statement at the indent."""
        self._lines.append(self._indent + line)

    def block(self, code):
        # type: (Text) -> None
        """Adds a block of the page."""
        lines = code.split(u'\n')
        first = lines.pop(0).strip()
        if first:
            self.add(first)
        if not lines:
            return
        self._lines.extend(line.rstrip() for line in lines)
        said = [line for line in lines if line.strip()]
        last = said[-1].rstrip() if said else first
        if said or first:
            self._indent = last[:len(last) - len(last.lstrip())] if said else self._indent
            if last.endswith(u':') and not last.lstrip().startswith(u'#'):
                self._indent += u'\t'
        else:                       # a block of line ends ends all others
            self._indent = u''


class _Page(object):
    """Takes a page, and those that it includes, apart."""

    def __init__(self, writer):
        # type: (_Writer) -> None
        self._writer = writer
        self._includes = 0

    def take(self, source, folder, depth):
        # type: (Text, Optional[str], int) -> None
        """Writes the statements of *source*."""
        source = source.replace(u'\r\n', u'\n')
        at = 0
        text = u''
        while True:
            start = source.find(u'<%', at)
            text += source[at:] if start < 0 else source[at:start]
            if start >= 0 and source.startswith(u'<%--', start):
                at = self._end(source, start, u'--%>')      # the text goes on behind it
                continue
            if text:
                self._writer.add(u'req.write(%s, 0)' % _literal(text))
            if start < 0:
                return
            text = u''
            at = self._end(source, start, u'%>')
            self._tag(source[start + 2:at - 2], folder, depth)

    @staticmethod
    def _end(source, start, mark):
        # type: (Text, int, Text) -> int
        end = source.find(mark, start + 2)
        if end < 0:
            raise PageFault('line %d: what begins there has no %s'
                            % (source.count(u'\n', 0, start) + 1, mark))
        return end + len(mark)

    def _tag(self, inside, folder, depth):
        # type: (Text, Optional[str], int) -> None
        if inside.startswith(u'='):
            self._writer.add(u'req.write(str(%s), 0)' % inside[1:].strip())
        elif inside.startswith(u'@'):
            self._include(inside[1:], folder, depth)
        else:
            self._writer.block(inside)

    def _include(self, words, folder, depth):
        # type: (Text, Optional[str], int) -> None
        found = INCLUDE.match(words)
        if found is None:
            raise PageFault('<%%@%s%%> is no directive' % words)
        self._includes += 1
        if folder is None or depth >= MAX_DEPTH or self._includes > MAX_INCLUDES:
            raise PageFault('%s cannot be included here' % found.group(1))
        path = os.path.join(folder, '%s' % found.group(1))
        self.take(read_page(path), os.path.dirname(path), depth + 1)


def _literal(text):
    # type: (Text) -> Text
    """*text* as a literal of str, on one line; its octets in UTF-8 on Python 2."""
    said = repr(text if isinstance(text, str) else text.encode('utf-8'))
    return said if isinstance(said, type(u'')) else said.decode('ascii')


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Text
