# Copyright the carryall authors.  See LICENSE.
"""Commands that read: groups, articles, overview and header fields.

Long answers go out page by page, no faster than the client reads, and other connections have their
turn between two pages.

Tests:    tests/protocols/nntp/test_reading.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.numbers import decimal
from carryall.core.errors import RemoteProtocolError
from carryall.core.future import Return, coroutine, sleep
from carryall.protocols.nntp.article import is_message_id, parse_article, references_of
from carryall.protocols.nntp.articlestore import message_id_of
from carryall.protocols.nntp.injection import places_of
from carryall.protocols.nntp.newsgroups import CLOSED
from carryall.protocols.nntp.overview import LEGACY_FORMAT, clean, overview_field
from carryall.protocols.nntp.wildmat import BadWildmat, Wildmat
from carryall.protocols.nntp.wire import MAX_NUMBER, block, parse_range

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional, Tuple
    from carryall.protocols.nntp.articlestore import Found
    from carryall.protocols.nntp.server import NNTPServer

__all__ = ['ReadCommands', 'page_out']

# -- limits ------------------------------------------------------------------
PAGE = 500                  # rows that are asked for and sent at once
FEW = 50                    # articles that are read at once for a field that overview has not

# -- replies (RFC 3977 section 6 and 8) ---------------------------------------
NO_GROUP = b'411 No such newsgroup'
NOT_CHOSEN = b'412 No newsgroup selected'
NO_CURRENT = b'420 No current article selected'
NO_NEXT = b'421 No next article in this group'
NO_LAST = b'422 No previous article in this group'
NO_NUMBER = b'423 No article with that number'
NO_RANGE = b'423 No articles in that range'
NO_ID = b'430 No article with that message-id'
SYNTAX = b'501 Syntax error'

ARTICLE = 220
HEAD = 221
BODY = 222
STAT = 223


class ReadCommands(object):
    """The reading of one connection."""

    __slots__ = ('_server', '_store')

    def __init__(self, server):
        # type: (NNTPServer) -> None
        self._server = server               # type: Any
        self._store = server.service.store

    def close(self):
        # type: () -> None
        """The connection is gone."""
        self._server = None

    # -- groups --------------------------------------------------------------

    def _choose(self, name):
        # type: (bytes) -> Any
        group = self._server.service.groups.get(name)
        if group is None or group.status == CLOSED:
            raise RemoteProtocolError(u'no such group', reply=NO_GROUP)
        self._server.group = group
        self._server.current = group.low if group.count else None
        self._server.progress(self._server.settings.unproductive_seconds)
        return group

    def _chosen(self):
        # type: () -> Any
        group = self._server.group
        if group is None:
            raise RemoteProtocolError(u'no group', reply=NOT_CHOSEN)
        return group

    def cmd_group(self, name):
        # type: (bytes) -> bytes
        """GROUP (RFC 3977 section 6.1.1)."""
        return _chosen_line(self._choose(name))

    @coroutine
    def cmd_listgroup(self, name=None, which=None):
        # type: (Optional[bytes], Optional[bytes]) -> Any
        """LISTGROUP (RFC 3977 section 6.1.2)."""
        bounds = (1, MAX_NUMBER) if which is None else parse_range(which)
        if bounds is None:
            raise Return(SYNTAX)
        if name is None:
            group = self._chosen()
            self._server.current = group.low if group.count else None
        else:
            group = self._choose(name)
        first = _chosen_line(group) + b' list follows'
        answer = yield self._ranged(group, bounds, first, None, _number_line)
        raise Return(answer)

    def cmd_next(self):
        # type: () -> Any
        """NEXT (RFC 3977 section 6.1.4)."""
        return self._step(1, NO_NEXT)

    def cmd_last(self):
        # type: () -> Any
        """LAST (RFC 3977 section 6.1.3)."""
        return self._step(-1, NO_LAST)

    def _step(self, step, refusal):
        # type: (int, bytes) -> Any
        group = self._chosen()
        if self._server.current is None:
            return NO_CURRENT
        found = self._store.neighbour(group.name, self._server.current, step)
        return found.then(lambda pair: self._stepped(pair, refusal))

    def _stepped(self, pair, refusal):
        # type: (Any, bytes) -> bytes
        if pair is None:
            return refusal
        if self._server is not None:
            self._server.current = pair[0]
        return b'223 %d %s' % (pair[0], message_id_of(pair[1]))

    # -- articles ------------------------------------------------------------

    def cmd_article(self, which=None):
        # type: (Optional[bytes]) -> Any
        """ARTICLE (RFC 3977 section 6.2.1)."""
        return self._find(which, ARTICLE)

    def cmd_head(self, which=None):
        # type: (Optional[bytes]) -> Any
        """HEAD (RFC 3977 section 6.2.2)."""
        return self._find(which, HEAD)

    def cmd_body(self, which=None):
        # type: (Optional[bytes]) -> Any
        """BODY (RFC 3977 section 6.2.3)."""
        return self._find(which, BODY)

    def cmd_stat(self, which=None):
        # type: (Optional[bytes]) -> Any
        """STAT (RFC 3977 section 6.2.4)."""
        return self._find(which, STAT)

    def _find(self, which, code):
        # type: (Optional[bytes], int) -> Any
        server = self._server
        server.progress(server.settings.unproductive_seconds)
        if which is not None and which[:1] == b'<':
            if not is_message_id(which):
                return SYNTAX
            if code == STAT:
                return self._store.row_by_id(which).then(
                    lambda row: NO_ID if row is None else b'223 0 ' + which)
            return self._store.by_id(which).then(lambda found: _told(found, code, NO_ID))
        group = self._chosen()
        if which is None:
            number = server.current
            if number is None:
                return NO_CURRENT
            refusal = NO_CURRENT
        else:
            number = decimal(which, MAX_NUMBER)
            if number is None:
                return SYNTAX
            refusal = NO_NUMBER
        if not group.low <= number <= group.high:
            return refusal
        if code == STAT:
            return self._store.rows(group.name, number, number, 1).then(
                lambda rows: self._stat(rows, refusal))
        return self._store.by_number(group.name, number).then(
            lambda found: self._numbered(found, code, refusal))

    def _stat(self, rows, refusal):
        # type: (List[Tuple[int, bytes]], bytes) -> bytes
        return self._stepped(rows[0], refusal) if rows else refusal

    def _numbered(self, found, code, refusal):
        # type: (Optional[Found], int, bytes) -> bytes
        if found is not None and self._server is not None:
            self._server.current = found.number
        return _told(found, code, refusal)

    # -- overview and fields -------------------------------------------------

    def cmd_over(self, which=None):
        # type: (Optional[bytes]) -> Any
        """OVER (RFC 3977 section 8.3)."""
        return self._fields(which, b'224 Overview information follows', None, _row_line, True)

    def cmd_xover(self, which=None):
        # type: (Optional[bytes]) -> Any
        """XOVER (RFC 2980 section 2.8)."""
        return self._fields(which, b'224 Overview information follows', None, _row_line, False)

    def cmd_hdr(self, name, which=None):
        # type: (bytes, Optional[bytes]) -> Any
        """HDR (RFC 3977 section 8.5): a line for each article, with or without the field."""
        return self._fields(which, b'225 Headers follow', name.lower(), _hdr_line, True)

    def cmd_xhdr(self, name, which=None):
        # type: (bytes, Optional[bytes]) -> Any
        """XHDR (RFC 2980 section 2.6): a line for each article that has the field."""
        name = name.lower()
        # peer: these names have no colon in front here.
        name = LEGACY_FORMAT.get(name + b':', name)
        return self._fields(which, b'221 Headers follow', name, _xhdr_line, True, True)

    def cmd_xpat(self, name, which, *patterns):
        # type: (bytes, bytes, *bytes) -> Any
        """XPAT (RFC 2980 section 2.9)."""
        try:
            wildmat = Wildmat(b','.join(patterns))
        except BadWildmat:
            return SYNTAX

        def line(number, value):
            # type: (int, Optional[bytes]) -> Optional[bytes]
            if value is None or not wildmat.matches(value):
                return None
            return _hdr_line(number, value)

        name = name.lower()
        name = LEGACY_FORMAT.get(name + b':', name)
        return self._fields(which, b'221 Headers follow', name, line, True, True)

    def cmd_xrover(self, which=None):
        # type: (Optional[bytes]) -> Any
        """XROVER (RFC 2980 section 2.11): the references alone."""
        return self._fields(which, b'224 Overview information follows', b'references', _xrover_line,
                            False)

    def cmd_xpath(self, message_id):
        # type: (bytes) -> Any
        """XPATH (RFC 2980 section 2.10): where an article is, as group/number."""
        if not is_message_id(message_id):
            return SYNTAX
        return self._store.row_by_id(message_id).then(_path_line)

    def _fields(self, which, first, name, line, by_id, legacy=False):
        # type: (Optional[bytes], bytes, Optional[bytes], Any, bool, bool) -> Any
        """An answer with a line for each article that *which* names.

        Args:     name: of the field in small letters; None for the row.
                  line: called with (number, row or value of the field), gives a line or None.
                  by_id: *which* may be a message-id.
                  legacy: lines of an article asked for by message-id begin with that.
        """
        server = self._server
        server.progress(server.settings.unproductive_seconds)
        if name is not None and (not name.strip(b':') or name[:1] == b':'
                                 and name not in (b':bytes', b':lines')):
            return b'503 No such metadata'
        if which is not None and which[:1] == b'<':
            if not by_id or not is_message_id(which):
                return SYNTAX
            return self._of_id(which, first, name, line, legacy)
        group = self._chosen()
        if which is None:
            if server.current is None:
                return NO_CURRENT
            return self._ranged(group, (server.current, server.current), first, name, line,
                                NO_CURRENT)
        bounds = parse_range(which)
        if bounds is None:
            return SYNTAX
        return self._ranged(group, bounds, first, name, line, NO_RANGE)

    @coroutine
    def _of_id(self, message_id, first, name, line, legacy):
        # type: (bytes, bytes, Optional[bytes], Any, bool) -> Any
        row = yield self._store.row_by_id(message_id)
        if row is None:
            raise Return(NO_ID)
        value = row
        if name is not None:
            value = overview_field(row, name)
            if value is None:
                found = yield self._store.by_id(message_id)
                value = None if found is None else parse_article(found.octets).get(name)
                value = None if value is None else clean(value)
        said = line(0, value)
        if said is not None and legacy:
            said = message_id + said[1:]
        raise Return(first + b'\r\n' + (b'' if said is None else said + b'\r\n') + b'.')

    @coroutine
    def _ranged(self, group, bounds, first, name, line, refusal=None):
        # type: (Any, Tuple[int, int], bytes, Optional[bytes], Any, Optional[bytes]) -> Any
        """Sends *first* and a line for each article between *bounds*.

        Args:     refusal: is said if there is none; None for an answer without lines.
        """
        low = max(bounds[0], group.low)
        high = min(bounds[1], group.high)
        store = self._store
        is_cheap = name is None or overview_field(b'\t' * 7, name) is not None
        size = PAGE if is_cheap else FEW
        out = page_out(self._server, first)
        begun = False
        while low <= high:
            rows = yield store.rows(group.name, low, high, size)
            if not rows:
                break
            if name is None:
                lines = [line(number, row) for number, row in rows]
            elif is_cheap:
                lines = [line(number, overview_field(row, name)) for number, row in rows]
            else:
                lines = []
                for number, _ in rows:
                    value = yield self._value(group.name, number, name)
                    lines.append(line(number, value))
            begun = True
            low = rows[-1][0] + 1
            is_last = len(rows) < size or low > high
            yield out(block([each for each in lines if each is not None]), is_last)
        if not begun and refusal is not None:
            raise Return(refusal)
        answer = yield out(b'', True)
        raise Return(answer)

    @coroutine
    def _value(self, group, number, name):
        # type: (bytes, int, bytes) -> Any
        """A Future of a field that overview has not; None if the article has none."""
        found = yield self._store.by_number(group, number)
        value = None if found is None else parse_article(found.octets).get(name)
        raise Return(None if value is None else clean(value))


def page_out(server, first):
    # type: (Any, bytes) -> Callable[[bytes, bool], Any]
    """A function that sends the pages of an answer.

    Called with a page, it gives a Future of the moment for the next.  Called with b'' at the end,
    it gives a Future of the rest, which the framework sends as the reply.
    """
    state = {'held': [first + b'\r\n'], 'ended': False}     # type: Any

    @coroutine
    def out(page, is_last):
        # type: (bytes, bool) -> Any
        if not page and is_last:
            raise Return(b''.join(state['held']) + b'.')
        state['held'].append(page)
        if is_last or server.too_late():
            raise Return(None)
        server.flush()
        server.transport.write(b''.join(state['held']))
        del state['held'][:]
        yield server.room()
        yield sleep(server.clock, 0)        # the others' turn
        server.progress(server.settings.unproductive_seconds)
    return out


def _chosen_line(group):
    # type: (Any) -> bytes
    return b'211 %d %d %d %s' % ((group.count,) + _marks(group))


def _marks(group):
    # type: (Any) -> Tuple[int, int, bytes]
    """(low, high, name); an empty group has a low mark above the high one (RFC 3977 section
    6.1.1.2)."""
    low = group.low if group.count else group.high + 1
    return low, group.high, group.name


def _told(found, code, refusal):
    # type: (Optional[Found], int, bytes) -> bytes
    if found is None:
        return refusal
    octets = found.octets
    if code != ARTICLE:
        # A header ends with an empty line, and has no other.
        end = octets.find(b'\r\n\r\n') + 2
        octets = octets[:end] if code == HEAD else octets[end + 2:]
    text = octets.replace(b'\r\n.', b'\r\n..')
    if text[:1] == b'.':
        text = b'.' + text
    return b'%d %d %s\r\n%s.' % (code, found.number, found.message_id, text)


def _number_line(number, row):
    # type: (int, bytes) -> bytes
    return b'%d' % number


def _row_line(number, row):
    # type: (int, Any) -> bytes
    return b'%d\t%s' % (number, row)


def _hdr_line(number, value):
    # type: (int, Optional[bytes]) -> bytes
    return b'%d %s' % (number, value or b'')


def _xhdr_line(number, value):
    # type: (int, Optional[bytes]) -> Optional[bytes]
    return None if not value else b'%d %s' % (number, value)


def _xrover_line(number, value):
    # type: (int, Optional[bytes]) -> Optional[bytes]
    words = references_of(value or b'')
    return b'%d %s' % (number, b' '.join(words)) if words else None


def _path_line(row):
    # type: (Optional[bytes]) -> bytes
    if row is None:
        return NO_ID
    places = places_of(overview_field(row, b'xref') or b'')
    if not places:
        return NO_ID
    return b'223 ' + b' '.join([b'%s/%d' % (group.replace(b'.', b'/'), number)
                                for group, number in places])
