# Copyright the carryall authors.  See LICENSE.
"""Channels of an IRC server: members with their standing, modes, and lists of masks (RFC 2811).

Standing: founder `~` (q), protected `&` (a), operator `@` (o), half operator `%` (h) and voice `+`
          (v).
Masks:    nick!user@host, whose host may be a network such as 10.0.0.0/8; behind `~` a letter:
          ~a:ACCOUNT      of an account; ~a alone: of any account (IRCv3 account-extban)
          ~r:MASK         of a real name
          ~m:MASK         a ban from speaking only
          ~t:MINUTES:MASK an entry that ends by itself
Work:     a mask is compiled once, and what the bans say of a member is remembered until a list or
          the member changes.

Not here: commands (channelcommands.py, channelmodechanges.py).
Tests:    tests/protocols/irc/test_chatchannel.py
"""
from __future__ import absolute_import, division, print_function

from collections import OrderedDict

from carryall.core.codec.numbers import decimal
from carryall.core.compat import native
from carryall.core.errors import UsageError
from carryall.core.net.networks import Network
from carryall.core.ratelimit import KeyedRateLimit
from carryall.protocols.irc.channelmodes import ModeTable
from carryall.protocols.irc.hostmask import Mask, normalised_mask

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterable, List, Optional, Set, Tuple
    from carryall.protocols.irc.chatnetwork import User
    from carryall.protocols.irc.taggedlines import Event

__all__ = ['Channel', 'Entry', 'FLAGS', 'LISTS', 'MAX_RATE', 'MEMBERS', 'RANKS', 'TABLE',
           'UserMask', 'parse_rate', 'rank_of']

# -- modes of channels ------------------------------------------------------------
LISTS = b'beI'              # bans, exceptions of bans, exceptions of +i: RFC 2811 section 4.3
# imnpst: RFC 2811 section 4.2; C no CTCP, M only accounts speak, R only accounts enter, T no
# notices, r registered with ChanServ.
FLAGS = b'CMRTimnprst'
SETTINGS = b'lf'            # +l, and +f for the rate of messages, 5:10
MEMBERS = ((b'q', b'~'), (b'a', b'&'), (b'o', b'@'), (b'h', b'%'), (b'v', b'+'))
TABLE = ModeTable([LISTS, b'k', SETTINGS, FLAGS], b''.join(letter for letter, _ in MEMBERS))

RANKS = {b'q': 5, b'a': 4, b'o': 3, b'h': 2, b'v': 1}
OPERATOR = RANKS[b'o']
HALF = RANKS[b'h']

MAX_RATE = 1000             # messages and seconds of +f
MAX_MINUTES = 525600        # of an entry that ends by itself: a year
NEVER = float('inf')

_SUBJECTS = {b'a': 'account', b'r': 'realname'}


def rank_of(standing):
    # type: (bytes) -> int
    """The highest of the letters of a standing as a number; 0 for none."""
    return RANKS.get(standing[:1], 0)


def parse_rate(text):
    # type: (bytes) -> Optional[Tuple[int, int]]
    """(messages, seconds) of +f; None if the text is none such as 5:10."""
    count, _, seconds = text.partition(b':')
    numbers = (decimal(count, MAX_RATE), decimal(seconds, MAX_RATE))
    if not numbers[0] or not numbers[1]:
        return None
    return numbers[0], numbers[1]


class UserMask(object):
    """A mask of users: nick!user@host, with what is shown and what is real.

    Args:     text: a whole mask; the host may be a network, 10.0.0.0/8.
              fold: the case mapping.
    """

    __slots__ = ('_mask', '_network', '_before')

    def __init__(self, text, fold):
        # type: (bytes, Callable[[bytes], bytes]) -> None
        self._mask = Mask(text, fold)
        before, _, host = text.rpartition(b'@')
        self._network = _network(host)
        self._before = Mask(before, fold)

    def matches(self, user):
        # type: (User) -> bool
        """True if the mask stands for the user."""
        if self._network is not None:
            return (self._before.matches(user.nick + b'!' + user.username)
                    and native(user.address) in self._network)
        if self._mask.matches(user.source):
            return True
        return (user.host != user.address
                and self._mask.matches(user.nick + b'!' + user.username + b'@' + user.address))


class _FieldMask(object):
    """A mask of the account or of the real name of users."""

    __slots__ = ('_field', '_mask')

    def __init__(self, field, text, fold):
        # type: (str, bytes, Callable[[bytes], bytes]) -> None
        self._field = field
        self._mask = Mask(text, fold)

    def matches(self, user):
        # type: (User) -> bool
        """True if the mask stands for that of the user."""
        value = user.account if self._field == 'account' else user.realname
        return value is not None and self._mask.matches(value)


class Entry(object):
    """One mask in a list of a channel.

    Args:     text: as the client has given it.
              setter: source of the user that has set it (bytes).
              at: Unix time.
              fold: the case mapping.

    Attributes:
        mask: as it is shown, with all its parts.
        until: Unix time at which it ends.
        mutes: True if it bans from speaking only.
    """

    __slots__ = ('mask', 'setter', 'at', 'until', 'mutes', 'matches')

    def __init__(self, text, setter, at, fold):
        # type: (bytes, bytes, float, Callable[[bytes], bytes]) -> None
        self.setter = setter
        self.at = at
        self.until = NEVER
        self.mutes = False
        before = b''
        while text[:1] == b'~' and text[2:3] == b':' and text[1:2] in (b't', b'm'):
            letter = text[1:2]
            before += text[:3]
            text = text[3:]
            if letter == b'm':
                self.mutes = True
                continue
            minutes, colon, rest = text.partition(b':')
            number = decimal(minutes, MAX_MINUTES)
            if number and colon:
                self.until = at + 60.0 * number
                before += minutes + b':'
                text = rest
        field = _SUBJECTS.get(text[1:2]) if text[:1] == b'~' and text[2:3] in (b':', b'') else None
        if field is not None:
            mask = _FieldMask(field, text[3:] or b'*', fold)    # type: Any
        else:
            text = normalised_mask(text)
            mask = UserMask(text, fold)
        self.mask = before + text
        self.matches = mask.matches         # type: Callable[[User], bool]

_CLOSING = (b'R', b'i', b'k')      # modes that keep users out


class Channel(object):
    """One channel.

    Attributes:
        name: as it was first spelled (bytes).
        created: Unix time.
        members: User -> letters of its standing, highest first, b'o' or b'ov', in the order of
            joining.
        modes: letter -> argument; b'' for a flag.
        lists: letter -> Entry objects.
        invited: users that may enter in spite of +i.
        topic, topic_setter, topic_at: text, source and Unix time; b'' without a topic.
    """

    __slots__ = ('name', 'created', 'members', 'modes', 'lists', 'invited', 'topic',
                 'topic_setter', 'topic_at', '_clock', '_verdicts', '_ends', '_rates')

    def __init__(self, name, clock):
        # type: (bytes, Any) -> None
        self.name = name
        self.created = clock.wall()
        self.members = OrderedDict()    # type: Dict[User, bytes]
        self.modes = {b'n': b'', b't': b''}
        self.lists = dict((LISTS[place:place + 1], []) for place in range(len(LISTS))
                          )                 # type: Dict[bytes, List[Entry]]
        self.invited = set()            # type: Set[User]
        self.topic = b''
        self.topic_setter = b''
        self.topic_at = 0.0
        self._clock = clock
        self._verdicts = {}             # type: Dict[User, Tuple[bool, bool]]
        self._ends = NEVER              # when the next entry ends
        self._rates = None              # type: Any

    # -- who may ---------------------------------------------------------------------

    def rank(self, user):
        # type: (User) -> int
        """The standing of a user as a number of RANKS; 0 for none."""
        return rank_of(self.members.get(user, b''))

    def is_operator(self, user):
        # type: (User) -> bool
        """True if the user is an operator of the channel, or more than one."""
        return self.rank(user) >= OPERATOR

    def is_half_operator(self, user):
        # type: (User) -> bool
        """True if the user is a half operator, or more than one."""
        return self.rank(user) >= HALF

    def matches(self, letter, user, mutes=False):
        # type: (bytes, User, bool) -> bool
        """True if a mask in the list of that letter stands for the user.

        Args:     mutes: those that keep from speaking count too.
        """
        self._end_entries()
        for entry in self.lists[letter]:
            if (mutes or not entry.mutes) and entry.matches(user):
                return True
        return False

    def is_closed(self):
        # type: () -> bool
        """True if not everybody may enter: by modes i, k or R, or because of a ban."""
        self._end_entries()
        return bool(self.lists[b'b']) or any(letter in self.modes for letter in _CLOSING)

    def is_banned(self, user):
        # type: (User) -> bool
        """True if a ban stands for the user, and no exception does."""
        return self._verdict(user)[0]

    def is_muted(self, user):
        # type: (User) -> bool
        """True if a ban, also one from speaking, stands for the user, and no exception does."""
        return self._verdict(user)[1]

    def _verdict(self, user):
        # type: (User) -> Tuple[bool, bool]
        self._end_entries()
        found = self._verdicts.get(user)
        if found is None:
            excepted = self.matches(b'e', user)
            found = (not excepted and self.matches(b'b', user),
                     not excepted and self.matches(b'b', user, True))
            if user in self.members:
                self._verdicts[user] = found
        return found

    def forget(self, user):
        # type: (User) -> None
        """Notes that the names of a user have changed."""
        self._verdicts.pop(user, None)

    def may_speak(self, user):
        # type: (User) -> bool
        """True if the user may send to the channel (RFC 2811 sections 4.2.3, 4.2.4, 4.3.1)."""
        standing = self.members.get(user)
        if standing:
            return True
        modes = self.modes
        if b'm' in modes or standing is None and b'n' in modes:
            return False
        if b'M' in modes and user.account is None:
            return False
        return not (self.lists[b'b'] and self.is_muted(user))

    def is_too_fast(self, user):
        # type: (User) -> bool
        """Counts a message of the user; true if it is more than +f allows."""
        rate = self.modes.get(b'f')
        if rate is None or self.rank(user) >= HALF:
            return False
        if self._rates is None or self._rates[0] != rate:
            count, seconds = parse_rate(rate) or (MAX_RATE, 1)
            self._rates = (rate, KeyedRateLimit(self._clock, float(count) / seconds, count))
        return not self._rates[1].take(user.nick)

    def is_hidden_from(self, user):
        # type: (User) -> bool
        """True if the channel is secret or private, and the user not in it."""
        return ((b's' in self.modes or b'p' in self.modes) and user not in self.members
                and user.operator is None)

    # -- lists -------------------------------------------------------------------------

    def add_entry(self, letter, entry):
        # type: (bytes, Entry) -> None
        """Adds an entry to the list of that letter."""
        self.lists[letter].append(entry)
        self._ends = min(self._ends, entry.until)
        self._verdicts.clear()

    def remove_entry(self, letter, entry):
        # type: (bytes, Entry) -> None
        """Takes an entry out of the list of that letter."""
        self.lists[letter].remove(entry)
        self._verdicts.clear()

    def _end_entries(self):
        # type: () -> None
        """Takes out the entries whose time is over."""
        if self._ends == NEVER:
            return
        now = self._clock.wall()
        if now < self._ends:
            return
        for letter, entries in self.lists.items():
            self.lists[letter] = [entry for entry in entries if entry.until > now]
        self._ends = min([NEVER] + [entry.until for entries in self.lists.values()
                                    for entry in entries])
        self._verdicts.clear()

    # -- standing ------------------------------------------------------------------------

    def give(self, user, letter):
        # type: (User, bytes) -> bool
        """Gives a member a letter of standing; false if it has it already."""
        standing = self.members[user]
        if letter in standing:
            return False
        self.members[user] = b''.join(each for each, _ in MEMBERS
                                      if each in standing or each == letter)
        return True

    def take_from(self, user, letter):
        # type: (User, bytes) -> bool
        """Takes a letter of standing from a member; false if it has it not."""
        standing = self.members[user]
        if letter not in standing:
            return False
        self.members[user] = standing.replace(letter, b'')
        return True

    # -- what is said of it ------------------------------------------------------------

    def signs_of(self, user, every):
        # type: (User, bool) -> bytes
        """The signs of a member's standing, *every* one or the highest only."""
        standing = self.members.get(user, b'')
        if not standing:
            return b''
        signs = [sign for letter, sign in MEMBERS if letter in standing]
        return b''.join(signs if every else signs[:1])

    def mode_words(self, shows_key):
        # type: (bool) -> List[bytes]
        """The modes with their arguments, for RPL_CHANNELMODEIS; a key only to members."""
        letters = sorted(self.modes)
        words = [b'+' + b''.join(letters)]
        for letter in letters:
            if self.modes[letter]:
                words.append(self.modes[letter] if shows_key or letter != b'k' else b'*')
        return words

    def send(self, event, but=None):
        # type: (Event, Optional[User]) -> None
        """Sends an Event to all members but one."""
        event.spread(self.members, but)

    def members_with(self, rank):
        # type: (int) -> Iterable[User]
        """The members of that rank at least."""
        return [member for member, standing in self.members.items() if rank_of(standing) >= rank]


def _network(host):
    # type: (bytes) -> Optional[Network]
    """The network that a host names, 10.0.0.0/8; None if it is none."""
    if b'/' not in host or b'*' in host:
        return None
    try:
        return Network(host.decode('ascii'))
    except (UsageError, UnicodeError):
        return None
