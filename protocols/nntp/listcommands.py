# Copyright the carryall authors.  See LICENSE.
"""Commands that list: LIST with all keywords, NEWGROUPS, NEWNEWS, XGTITLE, XINDEX.

Lists are sent page by page; groups may come and go between two pages.

Tests:    tests/protocols/nntp/test_lists.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.future import Return, coroutine
from carryall.protocols.nntp.newsgroups import MODERATED
from carryall.protocols.nntp.overview import FORMAT
from carryall.protocols.nntp.readcommands import SYNTAX, page_out
from carryall.protocols.nntp.wildmat import ALL, BadWildmat, Wildmat
from carryall.protocols.nntp.wire import block, parse_date

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional
    from carryall.protocols.nntp.server import NNTPServer

__all__ = ['ListCommands']

# -- limits ------------------------------------------------------------------
PAGE = 500                  # groups, or articles, that are looked at before others have their turn


class ListCommands(object):
    """The lists of one connection."""

    __slots__ = ('_server', '_service')

    def __init__(self, server):
        # type: (NNTPServer) -> None
        self._server = server               # type: Any
        self._service = server.service

    def close(self):
        # type: () -> None
        """The connection is gone."""
        self._server = None

    @staticmethod
    def keywords():
        # type: () -> List[bytes]
        """The keywords of LIST, for CAPABILITIES."""
        return sorted(_KEYWORDS)

    def cmd_list(self, keyword=b'ACTIVE', *args):
        # type: (bytes, *bytes) -> Any
        """LIST (RFC 3977 section 7.6, RFC 6048)."""
        self._server.progress(self._server.settings.unproductive_seconds)
        method = _KEYWORDS.get(keyword.upper())
        if method is None:
            return b'501 Unknown keyword of LIST'
        return method(self, *args) if len(args) <= 1 else SYNTAX

    # -- of groups -----------------------------------------------------------

    def list_active(self, pattern=None):
        # type: (Optional[bytes]) -> Any
        """LIST ACTIVE (RFC 3977 section 7.6.3)."""
        return self._groups(pattern, b'215 List of newsgroups follows', _active_line)

    def list_counts(self, pattern=None):
        # type: (Optional[bytes]) -> Any
        """LIST COUNTS (RFC 6048 section 2.2)."""
        return self._groups(pattern, b'215 List of newsgroups follows', lambda group: (
            b'%s %d %d %d %s' % (group.name, group.high, _low(group), group.count, group.status)))

    def list_times(self, pattern=None):
        # type: (Optional[bytes]) -> Any
        """LIST ACTIVE.TIMES (RFC 3977 section 7.6.4)."""
        return self._groups(pattern, b'215 Information follows', lambda group: (
            b'%s %d %s' % (group.name, group.created,
                           b' '.join(group.creator.split()) or b'unknown')))

    def list_newsgroups(self, pattern=None):
        # type: (Optional[bytes]) -> Any
        """LIST NEWSGROUPS (RFC 3977 section 7.6.6)."""
        return self._groups(pattern, b'215 Descriptions follow', _description_line)

    def list_moderators(self, pattern=None):
        # type: (Optional[bytes]) -> Any
        """LIST MODERATORS (RFC 6048 section 2.5): each moderated group by its own name."""
        if pattern is not None:
            return SYNTAX
        return self._groups(None, b'215 List of submission addresses follows', lambda group: (
            b'%s:%s' % (group.name, group.moderator.replace(b'%', b'%%'))
            if group.status == MODERATED and group.moderator else None))

    @coroutine
    def _groups(self, pattern, first, line, wanted=None):
        # type: (Optional[bytes], bytes, Callable[[Any], Optional[bytes]], Any) -> Any
        try:
            wildmat = ALL if pattern is None else Wildmat(pattern)
        except BadWildmat:
            raise Return(SYNTAX)
        out = page_out(self._server, first)
        after = None                        # type: Optional[bytes]
        groups = self._service.groups.page(None, PAGE)
        while groups:
            lines = []                      # type: List[bytes]
            for group in groups:
                if wildmat.matches(group.name) and (wanted is None or wanted(group)):
                    said = line(group)
                    if said is not None:
                        lines.append(said)
            after = groups[-1].name
            is_last = len(groups) < PAGE
            yield out(block(lines), is_last)
            groups = [] if is_last else self._service.groups.page(after, PAGE)
        answer = yield out(b'', True)
        raise Return(answer)

    # -- of the server -------------------------------------------------------

    def list_overview(self, argument=None):
        # type: (Optional[bytes]) -> bytes
        """LIST OVERVIEW.FMT (RFC 3977 section 8.4)."""
        if argument is not None:
            return SYNTAX
        return _whole(b'215 Order of fields in overview', FORMAT)

    def list_headers(self, argument=None):
        # type: (Optional[bytes]) -> bytes
        """LIST HEADERS (RFC 3977 section 8.6): any field, and two metadata."""
        if argument is not None and argument.upper() not in (b'MSGID', b'RANGE'):
            return SYNTAX
        return _whole(b'215 Fields for HDR follow', [b':', b':bytes', b':lines'])

    def list_motd(self, argument=None):
        # type: (Optional[bytes]) -> bytes
        """LIST MOTD (RFC 6048 section 2.6)."""
        if argument is not None:
            return SYNTAX
        if not self._service.motd:
            return b'503 No message of the day'
        return _whole(b'215 Message of the day follows', self._service.motd)

    def list_subscriptions(self, pattern=None):
        # type: (Optional[bytes]) -> bytes
        """LIST SUBSCRIPTIONS (RFC 6048 section 2.7)."""
        try:
            wildmat = ALL if pattern is None else Wildmat(pattern)
        except BadWildmat:
            return SYNTAX
        return _whole(b'215 Subscriptions follow',
                      [each for each in self._service.subscriptions if wildmat.matches(each)])

    def list_distributions(self, argument=None):
        # type: (Optional[bytes]) -> bytes
        """LIST DISTRIBUTIONS (RFC 6048 section 2.4)."""
        if argument is not None:
            return SYNTAX
        if not self._service.distributions:
            return b'503 No list of distributions'
        return _whole(b'215 Distributions follow',
                      [b'%s %s' % each for each in self._service.distributions])

    def list_distrib_pats(self, argument=None):
        # type: (Optional[bytes]) -> bytes
        """LIST DISTRIB.PATS (RFC 3977 section 7.6.5)."""
        if argument is not None:
            return SYNTAX
        if not self._service.distrib_pats:
            return b'503 No list of patterns'
        return _whole(b'215 Patterns follow',
                      [b'%d:%s:%s' % each for each in self._service.distrib_pats])

    # -- by time -------------------------------------------------------------

    def cmd_newgroups(self, date, time, *rest):
        # type: (bytes, bytes, *bytes) -> Any
        """NEWGROUPS (RFC 3977 section 7.3); distributions of RFC 977 are ignored."""
        since = self._since(date, time, rest)
        if since is None:
            return SYNTAX
        return self._groups(None, b'231 List of new newsgroups follows', _active_line,
                            lambda group: group.created >= since)

    def _since(self, date, time, rest):
        # type: (bytes, bytes, Any) -> Optional[int]
        zone = rest[0] if rest and rest[0][:1] != b'<' else b''
        return parse_date(date, time, zone, self._server.clock.wall())

    @coroutine
    def cmd_newnews(self, pattern, date, time, *rest):
        # type: (bytes, bytes, bytes, *bytes) -> Any
        """NEWNEWS (RFC 3977 section 7.4)."""
        if not self._server.settings.newnews:
            raise Return(b'502 NEWNEWS is not available')
        since = self._since(date, time, rest)
        try:
            wildmat = Wildmat(pattern)
        except BadWildmat:
            raise Return(SYNTAX)
        if since is None:
            raise Return(SYNTAX)
        self._server.progress(self._server.settings.unproductive_seconds)
        out = page_out(self._server, b'230 List of new articles follows')
        after = None                        # type: Any
        while True:
            rows = yield self._service.store.newer(since, after, PAGE)
            if not rows:
                break
            lines = [message_id for _, message_id, groups in rows
                     if any([wildmat.matches(name) for name in groups])]
            after = rows[-1][0]
            is_last = len(rows) < PAGE
            yield out(block(lines), is_last)
            if is_last:
                break
        answer = yield out(b'', True)
        raise Return(answer)

    # -- of RFC 2980 ---------------------------------------------------------

    def cmd_xgtitle(self, pattern=None):
        # type: (Optional[bytes]) -> Any
        """XGTITLE (RFC 2980 section 2.5); without an argument the chosen group."""
        if pattern is None:
            if self._server.group is None:
                return b'481 No newsgroup selected'
            pattern = self._server.group.name
        return self._groups(pattern, b'282 List of groups and descriptions follows',
                            _description_line)

    def cmd_xindex(self, name=None):
        # type: (Optional[bytes]) -> bytes
        """XINDEX (RFC 2980 section 2.7), an index of tin that no server makes any more."""
        return b'418 No tin-style index is available for this newsgroup'


_KEYWORDS = {
    b'ACTIVE': ListCommands.list_active,
    b'ACTIVE.TIMES': ListCommands.list_times,
    b'COUNTS': ListCommands.list_counts,
    b'DISTRIB.PATS': ListCommands.list_distrib_pats,
    b'DISTRIBUTIONS': ListCommands.list_distributions,
    b'HEADERS': ListCommands.list_headers,
    b'MODERATORS': ListCommands.list_moderators,
    b'MOTD': ListCommands.list_motd,
    b'NEWSGROUPS': ListCommands.list_newsgroups,
    b'OVERVIEW.FMT': ListCommands.list_overview,
    b'SUBSCRIPTIONS': ListCommands.list_subscriptions,
}


def _low(group):
    # type: (Any) -> int
    return group.low if group.count else group.high + 1


def _active_line(group):
    # type: (Any) -> bytes
    return b'%s %d %d %s' % (group.name, group.high, _low(group), group.status)


def _description_line(group):
    # type: (Any) -> Optional[bytes]
    return b'%s\t%s' % (group.name, group.description) if group.description else None


def _whole(first, lines):
    # type: (bytes, Any) -> bytes
    return first + b'\r\n' + block(lines) + b'.'
