# Copyright the carryall authors.  See LICENSE.
"""MemoServ: messages for accounts that are not there; BotServ: bots that sit in channels.

Tests:    tests/services/irc/test_chatservices.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.numbers import decimal
from carryall.core.future import Return, coroutine
from carryall.core.patterns import Pattern
from carryall.protocols.irc import User, fold_ascii
from carryall.services.irc.ircstore import octets, spelled
from carryall.services.irc.servicebase import ServiceBase, ServiceCommand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List
    from carryall.services.irc.ircaccounts import Account

__all__ = ['BotServ', 'MemoServ']

MAX_MEMOS = 50              # of one account
MAX_MEMO = 400              # octets of one
MAX_BOTS = 50
_NICK = Pattern(br'[A-Za-z\[\]\\`_^{|}][A-Za-z0-9\[\]\\`_^{|}-]{0,29}\Z')


class MemoServ(ServiceBase):
    """Memos: SEND, LIST, READ, DEL."""

    name = b'MemoServ'
    commands = (
        ServiceCommand(b'SEND', 'send', 2, b'SEND account text', 'account'),
        ServiceCommand(b'LIST', 'list', 0, b'LIST', 'account'),
        ServiceCommand(b'READ', 'read', 1, b'READ number', 'account'),
        ServiceCommand(b'DEL', 'delete', 1, b'DEL number', 'account'),
    )

    def __init__(self, network):
        # type: (Any) -> None
        ServiceBase.__init__(self, network)
        self._memos = {}                # type: Dict[bytes, List[Dict[str, Any]]]

    @coroutine
    def load(self):
        # type: () -> Any
        """Reads what was kept; a Future."""
        found = yield self.network.book.load('memos')
        for name, data in found:
            self._memos[name] = data['memos']

    def unread(self, account):
        # type: (Account) -> int
        """The number of memos that the account has not read."""
        return len([memo for memo in self._memos.get(fold_ascii(account.name), ())
                    if not memo['read']])

    def forget(self, name):
        # type: (bytes) -> None
        """Drops the memos of an account that is no more."""
        if self._memos.pop(name, None) is not None:
            self.network.book.take('memos', name)

    def _keep(self, name):
        # type: (bytes) -> Any
        return self.network.book.put('memos', name, {'memos': self._memos.get(name, [])})

    @coroutine
    def send(self, user, account, words):
        # type: (User, Account, List[bytes]) -> Any
        """Leaves a memo for an account."""
        found = self.network.accounts.owner_of(words[0])
        if found is None:
            raise Return(b'There is no such account')
        name = fold_ascii(found.name)
        memos = self._memos.setdefault(name, [])
        if len(memos) >= MAX_MEMOS:
            raise Return(b'The account has too many memos')
        memos.append({'sender': spelled(account.name), 'at': self.network.clock.wall(),
                      'text': spelled(b' '.join(words[1:])[:MAX_MEMO]), 'read': False})
        kept = self._keep(name)
        if kept is not None:
            yield kept
        for other in list(self.network.users.values()):
            if other.account == found.name:
                self.tell(other, b'You have a new memo from ' + account.name)
        raise Return(b'The memo is kept')

    def list(self, user, account, words):
        # type: (User, Account, List[bytes]) -> Any
        """Lists the memos."""
        memos = self._memos.get(fold_ascii(account.name), [])
        return [b'%d from %s%s' % (number + 1, octets(memo['sender']),
                                   b'' if memo['read'] else b' (new)')
                for number, memo in enumerate(memos)] or b'You have no memos'

    def _number(self, account, word):
        # type: (Account, bytes) -> Any
        number = decimal(word, MAX_MEMOS)
        memos = self._memos.get(fold_ascii(account.name), [])
        return number - 1 if number and number <= len(memos) else None

    @coroutine
    def read(self, user, account, words):
        # type: (User, Account, List[bytes]) -> Any
        """Tells a memo."""
        name = fold_ascii(account.name)
        number = self._number(account, words[0])
        if number is None:
            raise Return(b'There is no such memo')
        memo = self._memos[name][number]
        if not memo['read']:
            memo['read'] = True
            kept = self._keep(name)
            if kept is not None:
                yield kept
        raise Return(octets(memo['sender']) + b': ' + octets(memo['text']))

    @coroutine
    def delete(self, user, account, words):
        # type: (User, Account, List[bytes]) -> Any
        """Deletes a memo."""
        name = fold_ascii(account.name)
        number = self._number(account, words[0])
        if number is None:
            raise Return(b'There is no such memo')
        del self._memos[name][number]
        kept = self._keep(name)
        if kept is not None:
            yield kept
        raise Return(b'The memo is deleted')


class BotServ(ServiceBase):
    """Bots: BOTLIST, ADD, DEL, ASSIGN, UNASSIGN, SAY, ACT."""

    name = b'BotServ'
    commands = (
        ServiceCommand(b'BOTLIST', 'list', 0, b'BOTLIST', ''),
        ServiceCommand(b'ADD', 'add', 1, b'ADD nick [real name]', 'force'),
        ServiceCommand(b'DEL', 'remove', 1, b'DEL nick', 'force'),
        ServiceCommand(b'ASSIGN', 'assign', 2, b'ASSIGN #channel nick', 'account'),
        ServiceCommand(b'UNASSIGN', 'unassign', 1, b'UNASSIGN #channel', 'account'),
        ServiceCommand(b'SAY', 'say', 2, b'SAY #channel text', 'account'),
        ServiceCommand(b'ACT', 'act', 2, b'ACT #channel text', 'account'),
    )

    def __init__(self, network):
        # type: (Any) -> None
        ServiceBase.__init__(self, network)
        self._bots = {}                 # type: Dict[bytes, User]

    @coroutine
    def load(self):
        # type: () -> Any
        """Makes the bots that were kept; a Future."""
        found = yield self.network.book.load('bots')
        for _, data in found:
            self._make(octets(data['nick']), octets(data['realname']))
        for record in self.network.registered.rows():
            if record.get('bot') is not None:
                self._enter(octets(record['name']), octets(record['bot']))

    def _make(self, nick, realname):
        # type: (bytes, bytes) -> None
        bot = User()
        bot.nick = nick
        bot.username = b'bot'
        bot.address = self.network.name
        bot.host = b'services'
        bot.realname = realname
        bot.modes = b'B'
        bot.signed_on = self.network.clock.wall()
        bot.spoke_at = self.network.clock.time()
        self._bots[fold_ascii(nick)] = bot
        self.network.add(bot)

    def _enter(self, name, nick):
        # type: (bytes, bytes) -> None
        bot = self._bots.get(fold_ascii(nick))
        if bot is None or self.network.fold(name) in bot.channels:
            return
        channel = self.network.join(bot, name)
        channel.members[bot] = b'o'
        for event in (self.network.event(bot, b'JOIN', [channel.name]),
                      self.network.event_from(self.network.name, b'MODE',
                                              [channel.name, b'+o', bot.nick])):
            channel.send(event, bot)

    def list(self, user, account, words):
        # type: (User, Any, List[bytes]) -> Any
        """Lists the bots."""
        return [bot.nick for bot in self._bots.values()] or b'There are no bots'

    @coroutine
    def add(self, user, account, words):
        # type: (User, Any, List[bytes]) -> Any
        """Makes a bot."""
        nick = words[0]
        taken = self.network.user_of(nick) is not None or self.network.accounts.owner_of(nick)
        if taken or not _NICK.match(nick) or len(self._bots) >= MAX_BOTS:
            raise Return(b'That nick is taken or wrong, or there are too many bots')
        realname = b' '.join(words[1:]) or nick
        self._make(nick, realname)
        kept = self.network.book.put('bots', fold_ascii(nick),
                                     {'nick': spelled(nick), 'realname': spelled(realname)})
        if kept is not None:
            yield kept
        raise Return(b'The bot is made')

    @coroutine
    def remove(self, user, account, words):
        # type: (User, Any, List[bytes]) -> Any
        """Takes a bot away."""
        bot = self._bots.pop(fold_ascii(words[0]), None)
        if bot is None:
            raise Return(b'There is no such bot')
        self.network.remove(bot, b'Removed')
        kept = self.network.book.take('bots', fold_ascii(words[0]))
        if kept is not None:
            yield kept
        raise Return(b'The bot is gone')

    def _record(self, user, account, name):
        # type: (User, Account, bytes) -> Any
        record = self.network.registered.get(name)
        if record is None or record['founder'] != spelled(account.name) and not user.may(b'force'):
            return None
        return record

    @coroutine
    def assign(self, user, account, words):
        # type: (User, Account, List[bytes]) -> Any
        """Has a bot sit in a channel."""
        record = self._record(user, account, words[0])
        if record is None or fold_ascii(words[1]) not in self._bots:
            raise Return(b'This is no channel of yours, or there is no such bot')
        self._leave(record)
        record['bot'] = spelled(words[1])
        self._enter(words[0], words[1])
        kept = self.network.registered.keep(words[0], record)
        if kept is not None:
            yield kept
        raise Return(b'The bot is in the channel')

    def _leave(self, record):
        # type: (Dict[str, Any]) -> None
        bot = self._bots.get(fold_ascii(octets(record['bot'] or u'')))
        channel = self.network.channel_of(octets(record['name']))
        if bot is not None and channel is not None and bot in channel.members:
            channel.send(self.network.event(bot, b'PART', [channel.name]))
            self.network.leave(bot, channel)

    @coroutine
    def unassign(self, user, account, words):
        # type: (User, Account, List[bytes]) -> Any
        """Has the bot leave a channel."""
        record = self._record(user, account, words[0])
        if record is None:
            raise Return(b'This is no channel of yours')
        self._leave(record)
        record['bot'] = None
        kept = self.network.registered.keep(words[0], record)
        if kept is not None:
            yield kept
        raise Return(b'The bot has left')

    def say(self, user, account, words):
        # type: (User, Account, List[bytes]) -> Any
        """Has the bot say a text."""
        return self._speak(user, account, words[0], b' '.join(words[1:]))

    def act(self, user, account, words):
        # type: (User, Account, List[bytes]) -> Any
        """Has the bot do what a text says."""
        return self._speak(user, account, words[0],
                           b'\x01ACTION ' + b' '.join(words[1:]) + b'\x01')

    def _speak(self, user, account, name, text):
        # type: (User, Account, bytes, bytes) -> Any
        record = self._record(user, account, name)
        channel = self.network.channel_of(name)
        bot = None if record is None else self._bots.get(fold_ascii(octets(record['bot'] or u'')))
        if channel is None or bot is None or bot not in channel.members:
            return b'There is no bot of yours in that channel'
        event = self.network.event(bot, b'PRIVMSG', [channel.name, text])
        channel.send(event)
        return self.network.spoke(bot, b'PRIVMSG', channel, text, event)
