# Copyright the carryall authors.  See LICENSE.
"""The answers of a client to CTCP queries (modern.ircdocs.horse/ctcp), a few in a minute.

Answered are CLIENTINFO, ERRMSG, FINGER, PING, SOURCE, TIME, USERINFO and VERSION.

Tests:    tests/protocols/irc/test_ctcpreplies.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.calendardates import civil
from carryall.core.ratelimit import RateLimit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional
    from carryall.protocols.irc.ctcp import CTCP
    from carryall.protocols.irc.settings import ClientSettings

__all__ = ['CTCPReplies']

REPLIED = 5                 # queries that are answered at once; then one in ten seconds
KNOWN = b'ACTION CLIENTINFO DCC ERRMSG FINGER PING SOURCE TIME USERINFO VERSION'
MAX_ECHOED = 200            # octets of a PING or ERRMSG that go back


class CTCPReplies(object):
    """The answers of one client.

    Args:     clock: the loop.
              settings: a ClientSettings.
    """

    __slots__ = ('_clock', '_settings', '_pace')

    def __init__(self, clock, settings):
        # type: (Any, ClientSettings) -> None
        self._clock = clock
        self._settings = settings
        self._pace = RateLimit(clock, 0.1, REPLIED)

    def answer(self, query):
        # type: (CTCP) -> Optional[bytes]
        """The text of the answer; None: there is none, or there were too many."""
        if not self._settings.version:
            return None
        find = _ANSWERS.get(query.verb)
        text = None if find is None else find(self, query.text)
        return text if text is not None and self._pace.take() else None

    def version(self, _):
        # type: (bytes) -> Optional[bytes]
        """VERSION."""
        return self._settings.version

    def clientinfo(self, _):
        # type: (bytes) -> Optional[bytes]
        """CLIENTINFO: the verbs that are known."""
        return KNOWN

    def finger(self, _):
        # type: (bytes) -> Optional[bytes]
        """FINGER and USERINFO: the real name, and nothing of the machine."""
        return self._settings.realname

    def echo(self, text):
        # type: (bytes) -> Optional[bytes]
        """PING: the same text."""
        return text if len(text) <= MAX_ECHOED else None

    def error(self, text):
        # type: (bytes) -> Optional[bytes]
        """ERRMSG: the query, and that nothing is wrong."""
        return text[:MAX_ECHOED] + b' :No error'

    def source(self, _):
        # type: (bytes) -> Optional[bytes]
        """SOURCE: where the program comes from."""
        return self._settings.source or None

    def time(self, _):
        # type: (bytes) -> Optional[bytes]
        """TIME: that of UTC, which tells nothing of the place."""
        year, month, day, hour, minute, second = civil(self._clock.wall())[:6]
        return b'%04d-%02d-%02dT%02d:%02d:%02dZ' % (year, month, day, hour, minute, second)


_ANSWERS = {
    b'CLIENTINFO': CTCPReplies.clientinfo, b'ERRMSG': CTCPReplies.error,
    b'FINGER': CTCPReplies.finger, b'PING': CTCPReplies.echo, b'SOURCE': CTCPReplies.source,
    b'TIME': CTCPReplies.time, b'USERINFO': CTCPReplies.finger, b'VERSION': CTCPReplies.version,
}
