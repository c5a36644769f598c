# Copyright the carryall authors.  See LICENSE.
"""Bans of a whole network: K-lines of users, D-lines of networks; each may end by itself.

    bans = NetworkBans(loop, fold_ascii)
    bans.add(KLINE, b'*@10.0.0.0/8', b'spam', b'ann', seconds=3600)
    bans.add(DLINE, b'2001:db8::/32', b'spam', b'ann')
    bans.of_user(user), bans.of_address('10.1.2.3')

A K-line is user@host, and its host has `*` and `?`, or is a network.  It ends users as they
register; a D-line ends connections as they come.

Not here: commands (operatorcommands.py).
Tests:    tests/protocols/irc/test_networkbans.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.numbers import decimal
from carryall.core.compat import native
from carryall.core.errors import UsageError
from carryall.core.net.networks import Network
from carryall.core.patterns import Pattern
from carryall.protocols.irc.chatchannel import UserMask

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Tuple
    from carryall.protocols.irc.chatnetwork import User

__all__ = ['DLINE', 'KLINE', 'NetworkBan', 'NetworkBans', 'normalised_user_mask', 'parse_duration']

# -- kinds ---------------------------------------------------------------------------
KLINE = b'K'                # user@host
DLINE = b'D'                # a network

MAX_BANS = 10000            # of both kinds together
MAX_SECONDS = 10 * 366 * 86400
NEVER = float('inf')

_DURATION = Pattern(br'(?:([0-9]{1,9})([smhdwy]?))')
_UNITS = {b's': 1, b'm': 60, b'h': 3600, b'd': 86400, b'w': 7 * 86400, b'y': 365 * 86400}


class NetworkBan(object):
    """One ban.

    Attributes:
        kind: KLINE or DLINE.
        mask, reason, setter: bytes.
        at, until: Unix times; *until* is infinite for a ban without end.
    """

    __slots__ = ('kind', 'mask', 'reason', 'setter', 'at', 'until', '_rule')

    def __init__(self, kind, mask, reason, setter, at, until, rule):
        # type: (bytes, bytes, bytes, bytes, float, float, Any) -> None
        self.kind = kind
        self.mask = mask
        self.reason = reason
        self.setter = setter
        self.at = at
        self.until = until
        self._rule = rule

    def is_of_user(self, user):
        # type: (User) -> bool
        """True if this K-line stands for the user."""
        return self.kind == KLINE and self._rule.matches(user)

    def is_of_address(self, host):
        # type: (str) -> bool
        """True if this D-line has the address."""
        return self.kind == DLINE and host in self._rule


class NetworkBans(object):
    """The bans of a network.

    Args:     clock: the loop.
              fold: the case mapping.

    Attributes:
        changed: called with no argument when a ban was added or taken away; gives a Future of when
            that is safe, or None.
        kept: what `changed` has given last.
    """

    def __init__(self, clock, fold):
        # type: (Any, Callable[[bytes], bytes]) -> None
        self._clock = clock
        self._fold = fold
        self._bans = {}                 # type: Dict[Tuple[bytes, bytes], NetworkBan]
        self._ends = NEVER              # when the next ban ends
        self.changed = _nothing         # type: Callable[[], Any]
        self.kept = None                # type: Any

    def add(self, kind, mask, reason, setter, seconds=None, at=None):
        # type: (bytes, bytes, bytes, bytes, Optional[float], Optional[float]) -> NetworkBan
        """Adds a ban, in the place of one with the same mask.

        Args:     seconds: until it ends; None: never.
                  at: Unix time of its beginning; None: now.
        Raises:   UsageError: the mask is none of its kind, or there are too many bans.
        """
        rule = _rule_of(kind, mask, self._fold)
        self._end_bans()
        key = (kind, self._fold(mask))
        if len(self._bans) >= MAX_BANS and key not in self._bans:
            raise UsageError(u'there are %d bans already' % MAX_BANS)
        now = self._clock.wall() if at is None else at
        until = NEVER if seconds is None else now + seconds
        ban = NetworkBan(kind, mask, reason, setter, now, until, rule)
        self._bans[key] = ban
        self._ends = min(self._ends, until)
        self.kept = self.changed()
        return ban

    def remove(self, kind, mask):
        # type: (bytes, bytes) -> bool
        """Takes a ban away; false if there is none such."""
        self._end_bans()
        found = self._bans.pop((kind, self._fold(mask)), None) is not None
        if found:
            self.kept = self.changed()
        return found

    def rows(self, kind=None):
        # type: (Optional[bytes]) -> List[NetworkBan]
        """The bans of a kind, or all, in the order of their masks."""
        self._end_bans()
        return [self._bans[key] for key in sorted(self._bans)
                if kind is None or key[0] == kind]

    def of_user(self, user):
        # type: (User) -> Optional[NetworkBan]
        """The K-line that stands for the user; None if it has none."""
        self._end_bans()
        for ban in self._bans.values():
            if ban.is_of_user(user):
                return ban
        return None

    def of_address(self, host):
        # type: (str) -> Optional[NetworkBan]
        """The D-line that has the address; None if there is none."""
        self._end_bans()
        for ban in self._bans.values():
            if ban.is_of_address(host):
                return ban
        return None

    def _end_bans(self):
        # type: () -> None
        """Takes away the bans whose time is over."""
        if self._ends == NEVER:
            return
        now = self._clock.wall()
        if now < self._ends:
            return
        self._bans = dict((key, ban) for key, ban in self._bans.items() if ban.until > now)
        self._ends = min([NEVER] + [ban.until for ban in self._bans.values()])
        self.kept = self.changed()


def normalised_user_mask(mask):
    # type: (bytes) -> bytes
    """The mask as user@host; of a word without an at sign it is the host."""
    user, at, host = mask.rpartition(b'@')
    user = user.rpartition(b'!')[2]
    return (user if at and user else b'*') + b'@' + (host or b'*')


def parse_duration(text):
    # type: (bytes) -> Optional[int]
    """Seconds of a duration, 90 (minutes), 1d12h or 30m; None if it is none.

    A number alone counts minutes, as operators of most servers give it.
    """
    if decimal(text, MAX_SECONDS // 60) is not None:
        return (decimal(text, MAX_SECONDS // 60) or 0) * 60
    total = 0
    at = 0
    while at < len(text):
        found = _DURATION.match(text, at)
        if found is None or not found.group(2):
            return None
        total += (decimal(found.group(1), MAX_SECONDS) or 0) * _UNITS[found.group(2)]
        at = found.end()
        if total > MAX_SECONDS:
            return None
    return total or None


def _rule_of(kind, mask, fold):
    # type: (bytes, bytes, Callable[[bytes], bytes]) -> Any
    """The rule of a mask: a UserMask, or a Network."""
    if kind == KLINE:
        return UserMask(b'*!' + mask, fold)
    try:
        return Network(native(mask))
    except UnicodeError:
        raise UsageError(u'a network is an address with bits, 10.0.0.0/8')


def _nothing():
    # type: () -> None
    """No one wants to know."""
