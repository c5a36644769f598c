# Copyright the carryall authors.  See LICENSE.
"""ChanServ: registered channels, which keep topic, modes, lists and the standing of accounts.

Tests:    tests/services/irc/test_chatservices.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.future import Return, coroutine
from carryall.protocols.irc import Entry, fold_ascii
from carryall.services.irc.ircstore import octets, spelled
from carryall.services.irc.servicebase import ServiceBase, ServiceCommand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional
    from carryall.protocols.irc import Channel, User
    from carryall.services.irc.ircaccounts import Account
    from carryall.services.irc.ircstore import RecordBook

__all__ = ['ChanServ', 'RegisteredChannels']

MAX_CHANNELS = 20           # that one account has founded
MAX_ACCESS = 200            # accounts with a standing in one channel
LETTERS = (b'v', b'h', b'o', b'a')


class RegisteredChannels(object):
    """The channels that are registered, as records.

    Args:     book: a RecordBook.
    """

    def __init__(self, book):
        # type: (RecordBook) -> None
        self._book = book
        self._records = {}              # type: Dict[bytes, Dict[str, Any]]

    @coroutine
    def load(self):
        # type: () -> Any
        """Reads what was kept; a Future."""
        found = yield self._book.load('channels')
        self._records = dict(found)

    def get(self, name):
        # type: (bytes) -> Optional[Dict[str, Any]]
        """The record of a channel: founder, access, topic, modes, lists; None if there is none."""
        return self._records.get(fold_ascii(name))

    def founded_by(self, account):
        # type: (bytes) -> List[bytes]
        """The names of the channels of a founder."""
        return [octets(record['name']) for record in self._records.values()
                if record['founder'] == spelled(account)]

    def rows(self):
        # type: () -> List[Dict[str, Any]]
        """All records."""
        return [self._records[name] for name in sorted(self._records)]

    def save(self, channel, record):
        # type: (Channel, Dict[str, Any]) -> Any
        """Notes topic, modes and lists of a channel; a Future of when they are safe, or None."""
        record['name'] = spelled(channel.name)
        record['created'] = channel.created
        record['topic'] = [spelled(channel.topic), spelled(channel.topic_setter), channel.topic_at]
        record['modes'] = dict((spelled(letter), spelled(value))
                               for letter, value in channel.modes.items())
        record['lists'] = dict(
            (spelled(letter), [[spelled(entry.mask), spelled(entry.setter), entry.at]
                               for entry in entries]) for letter, entries in channel.lists.items())
        return self.keep(channel.name, record)

    def keep(self, name, record):
        # type: (bytes, Dict[str, Any]) -> Any
        """Keeps a record; a Future likewise."""
        folded = fold_ascii(name)
        self._records[folded] = record
        return self._book.put('channels', folded, record)

    def drop(self, name):
        # type: (bytes) -> Any
        """Takes a record away; a Future likewise."""
        folded = fold_ascii(name)
        self._records.pop(folded, None)
        return self._book.take('channels', folded)

    def forget_account(self, account):
        # type: (bytes) -> List[bytes]
        """Takes an account that is no more out of all records; the channels that it had founded,
        which are registered no longer."""
        spelled_name = spelled(fold_ascii(account))
        for folded, record in list(self._records.items()):
            if record['access'].pop(spelled_name, None) is not None:
                self.keep(folded, record)
        founded = self.founded_by(account)
        for name in founded:
            self.drop(name)
        return founded

    @staticmethod
    def restore(channel, record, now):
        # type: (Channel, Dict[str, Any], float) -> None
        """Gives a channel what its record has."""
        channel.name = octets(record['name'])
        channel.created = record['created']
        topic, setter, at = record['topic']
        channel.topic = octets(topic)
        channel.topic_setter = octets(setter)
        channel.topic_at = at
        channel.modes = dict((octets(letter), octets(value))
                             for letter, value in record['modes'].items())
        for letter, rows in record['lists'].items():
            for mask, setter, at in rows:
                entry = Entry(octets(mask), octets(setter), at, fold_ascii)
                if entry.until > now:
                    channel.add_entry(octets(letter), entry)


class ChanServ(ServiceBase):
    """Channels: REGISTER, ACCESS, OP, UNBAN and others."""

    name = b'ChanServ'
    commands = (
        ServiceCommand(b'REGISTER', 'register', 1, b'REGISTER #channel', 'account'),
        ServiceCommand(b'DROP', 'drop', 1, b'DROP #channel', 'account'),
        ServiceCommand(b'INFO', 'info', 1, b'INFO #channel', ''),
        ServiceCommand(b'LIST', 'list', 0, b'LIST, your channels', 'account'),
        ServiceCommand(b'ACCESS', 'access', 2,
                       b'ACCESS #channel LIST | ACCESS #channel ADD|DEL account v|h|o|a',
                       'account'),
        ServiceCommand(b'TRANSFER', 'transfer', 2, b'TRANSFER #channel account', 'account'),
        ServiceCommand(b'OP', 'op', 1, b'OP #channel [nick]', 'account'),
        ServiceCommand(b'DEOP', 'deop', 1, b'DEOP #channel [nick]', 'account'),
        ServiceCommand(b'UNBAN', 'unban', 1, b'UNBAN #channel', 'account'),
        ServiceCommand(b'INVITE', 'invite', 1, b'INVITE #channel', 'account'),
    )

    def _record(self, name, account, user, founder=True):
        # type: (bytes, Account, User, bool) -> Any
        """The record of a channel that the account rules; None if it does not."""
        record = self.network.registered.get(name)
        if record is None:
            return None
        if record['founder'] == spelled(account.name) or user.may(b'force'):
            return record
        letter = record['access'].get(spelled(fold_ascii(account.name)), '')
        return record if not founder and letter in ('o', 'a') else None

    @coroutine
    def register(self, user, account, words):
        # type: (User, Account, List[bytes]) -> Any
        """Registers a channel of which the user is an operator."""
        channel = self.network.channel_of(words[0])
        if channel is None or not channel.is_operator(user):
            raise Return(b'You must be an operator of the channel')
        if self.network.registered.get(words[0]) is not None:
            raise Return(b'The channel is registered already')
        if len(self.network.registered.founded_by(account.name)) >= MAX_CHANNELS:
            raise Return(b'You have too many channels')
        channel.modes[b'r'] = b''
        channel.give(user, b'q')
        record = {'founder': spelled(account.name), 'access': {}, 'bot': None}
        kept = self.network.registered.save(channel, record)
        if kept is not None:
            yield kept
        channel.send(self.network.event_from(
            self.name + b'!services@' + self.network.name, b'MODE',
            [channel.name, b'+rq', user.nick]))
        raise Return(b'The channel ' + channel.name + b' is yours')

    @coroutine
    def drop(self, user, account, words):
        # type: (User, Account, List[bytes]) -> Any
        """Gives a channel up."""
        if self._record(words[0], account, user) is None:
            raise Return(b'This is no channel of yours')
        kept = self.network.registered.drop(words[0])
        if kept is not None:
            yield kept
        channel = self.network.channel_of(words[0])
        if channel is not None:
            channel.modes.pop(b'r', None)
        raise Return(b'The channel is no longer registered')

    def info(self, user, account, words):
        # type: (User, Any, List[bytes]) -> Any
        """Tells of a channel."""
        record = self.network.registered.get(words[0])
        if record is None:
            return b'This channel is not registered'
        return [b'Channel ' + octets(record['name']), b'Founder ' + octets(record['founder'])]

    def list(self, user, account, words):
        # type: (User, Account, List[bytes]) -> Any
        """Lists the channels of the account."""
        return self.network.registered.founded_by(account.name) or b'None'

    @coroutine
    def access(self, user, account, words):
        # type: (User, Account, List[bytes]) -> Any
        """Lists and changes the standing of accounts."""
        record = self._record(words[0], account, user)
        verb = words[1].upper()
        if record is None:
            raise Return(b'This is no channel of yours')
        if verb == b'LIST':
            raise Return([octets(name) + b' ' + octets(letter)
                          for name, letter in sorted(record['access'].items())] or b'None')
        found = self.network.accounts.get(words[2]) if len(words) > 2 else None
        if found is None or verb not in (b'ADD', b'DEL'):
            raise Return(b'There is no such account')
        name = spelled(fold_ascii(found.name))
        letter = words[3].lower() if len(words) > 3 else b''
        if verb == b'DEL':
            record['access'].pop(name, None)
        elif letter not in LETTERS or len(record['access']) >= MAX_ACCESS:
            raise Return(b'A letter v, h, o or a is needed, or there are too many accounts')
        else:
            record['access'][name] = spelled(letter)
        kept = self.network.registered.keep(words[0], record)
        if kept is not None:
            yield kept
        raise Return(b'It is done')

    @coroutine
    def transfer(self, user, account, words):
        # type: (User, Account, List[bytes]) -> Any
        """Gives a channel to another account."""
        record = self._record(words[0], account, user)
        found = self.network.accounts.get(words[1])
        if record is None or found is None:
            raise Return(b'This is no channel of yours, or there is no such account')
        record['founder'] = spelled(found.name)
        kept = self.network.registered.keep(words[0], record)
        if kept is not None:
            yield kept
        raise Return(b'The channel belongs to ' + found.name)

    def op(self, user, account, words):
        # type: (User, Account, List[bytes]) -> Optional[bytes]
        """Makes the user, or another, an operator."""
        return self._operate(user, account, words, True)

    def deop(self, user, account, words):
        # type: (User, Account, List[bytes]) -> Optional[bytes]
        """Makes the user, or another, an operator no longer."""
        return self._operate(user, account, words, False)

    def _operate(self, user, account, words, adding):
        # type: (User, Account, List[bytes], bool) -> Optional[bytes]
        channel = self.network.channel_of(words[0])
        other = user if len(words) < 2 else self.network.user_of(words[1])
        if self._record(words[0], account, user, False) is None:
            return b'You have no rights in that channel'
        if channel is None or other not in channel.members:
            return b'The user is not in the channel'
        if (channel.give if adding else channel.take_from)(other, b'o'):
            channel.send(self.network.event_from(
                self.name + b'!services@' + self.network.name, b'MODE',
                [channel.name, b'+o' if adding else b'-o', other.nick]))
        return None

    @coroutine
    def unban(self, user, account, words):
        # type: (User, Account, List[bytes]) -> Any
        """Takes away the bans that stand for the user."""
        channel = self.network.channel_of(words[0])
        if self._record(words[0], account, user, False) is None or channel is None:
            raise Return(b'You have no rights in that channel')
        for entry in list(channel.lists[b'b']):
            if entry.matches(user):
                channel.remove_entry(b'b', entry)
        kept = self.network.modes_changed(user, channel)
        if kept is not None:
            yield kept
        raise Return(b'You are no longer banned')

    def invite(self, user, account, words):
        # type: (User, Account, List[bytes]) -> bytes
        """Lets the user enter the channel."""
        channel = self.network.channel_of(words[0])
        if self._record(words[0], account, user, False) is None or channel is None:
            return b'You have no rights in that channel'
        self.network.invite(user, channel)
        return b'You may enter ' + channel.name
