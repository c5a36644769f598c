# Copyright the carryall authors.  See LICENSE.
"""The network of the IRC service: with accounts, services, history, and clients that stay.

    network = KeptNetwork(loop, b'irc.example', b'Example', book=RecordBook(store), history=200)
    yield network.load()

A user whose account is set ALWAYS-ON stays in its channels when its connection is gone.  The next
connection of that account with that nick takes its place, and is sent what was said meanwhile.

Tests:    tests/services/irc/test_keptnetwork.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.auth.portal import Portal, Realm
from carryall.core.future import Return, coroutine, gather
from carryall.protocols.irc import NICK_IN_USE, Channel, Network, User, conversation_of, fold_ascii
from carryall.services.irc.chanserv import ChanServ, RegisteredChannels
from carryall.services.irc.ircaccounts import AccountChecker, IRCAccounts
from carryall.services.irc.ircstore import octets, spelled
from carryall.services.irc.keptarchive import KeptArchive, KeptMetadata
from carryall.services.irc.memoserv import BotServ, MemoServ
from carryall.services.irc.nickserv import HostServ, NickServ

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Sequence
    from carryall.services.irc.ircaccounts import Account
    from carryall.services.irc.ircstore import RecordBook

__all__ = ['KeptNetwork']

ENFORCE_SECONDS = 60.0      # until a user must have logged in for a nick of another's account
MISSED = 100                # messages of each conversation that a client is sent when it comes back
_SERVICES = (NickServ, ChanServ, HostServ, MemoServ, BotServ)


class KeptNetwork(Network):
    """A Network with a store behind it.

    Args:     clock, name, network, motd, guard, admits: as of Network.
              book: a RecordBook.
              history: messages that are kept of each conversation; 0: none.
              checkers: of accounts that are not registered here.
              iterations: of PBKDF2 for new passwords; None for as many as usual.

    Attributes:
        book, registered, memos: RecordBook, RegisteredChannels and MemoServ.
    """

    def __init__(self, clock, name, network, motd=None, guard=None, admits=None,    # type: ignore
                 book=None, history=0, checkers=(), iterations=None):
        # type: (Any, bytes, bytes, Any, Any, Any, Any, int, Sequence[Any], Optional[int]) -> None
        Network.__init__(self, clock, name, network, motd, None, guard, admits)
        self.book = book                # type: RecordBook
        reserved = [fold_ascii(kind.name) for kind in _SERVICES]
        self.accounts = IRCAccounts(clock, book, reserved, iterations, checkers)
        self.portal = Portal(Realm(), list(checkers) + [AccountChecker(self.accounts)])
        self.registered = RegisteredChannels(book)
        self.metadata = KeptMetadata(book)
        if history:
            self.archive = KeptArchive(book, history)
        self._services = dict((fold_ascii(kind.name), kind(self)) for kind in _SERVICES)
        self.memos = self._services[b'memoserv']    # type: Any
        self._left = {}                 # type: Dict[User, float]  # those that stay: since when
        self._guests = 0
        self._closed = set()            # type: Any  # unregistered channels, not for everybody

    @coroutine
    def load(self):
        # type: () -> Any
        """Reads what the store has; a Future."""
        parts = [self.accounts, self.registered, self.metadata, self.memos]
        if self.archive is not None:
            parts.append(self.archive)
        yield gather([part.load() for part in parts])
        yield self._services[b'botserv'].load()
        found = yield self.book.load('bans')
        for _, data in found:
            for kind, mask, reason, setter, at, seconds in data['rows']:
                self.bans.add(octets(kind), octets(mask), octets(reason), octets(setter), seconds,
                              at)
        self.bans.changed = self._keep_bans
        for account in self.accounts:
            self._bring_back(account)
        if self.archive is not None:
            found = yield self.book.load('closed')
            for name, _ in found:
                yield self._end_closed(name)
        raise Return(self)

    @coroutine
    def _end_closed(self, name):
        # type: (bytes) -> Any
        """Drops what was said in a channel that not everybody could enter, and that has ended with
        the server; a Future."""
        if self.registered.get(name) is None:
            kept = self.archive.forget(name)
            if kept is not None:
                yield kept
        yield self.book.take('closed', name)

    def _keep_bans(self):
        # type: () -> Any
        return self.book.put('bans', b'all', {'rows': [
            [spelled(ban.kind), spelled(ban.mask), spelled(ban.reason), spelled(ban.setter), ban.at,
             None if ban.until == float('inf') else ban.until - ban.at]
            for ban in self.bans.rows()]})

    # -- accounts ------------------------------------------------------------------------

    def log_in(self, user, account):
        # type: (User, bytes) -> None
        """Gives the user an account, and tells those that want to know."""
        user.connection.capabilities.enter(account, False)

    def log_out(self, user):
        # type: (User) -> None
        """Takes the account from the user."""
        connection = user.connection
        if connection is None:
            self.remove(user, b'The account is gone')
        else:
            connection.capabilities.leave()

    def account_changed(self, user):
        Network.account_changed(self, user)
        account = self.accounts.get(user.account)
        user.vhost = None
        modes = user.modes.replace(b'r', b'')
        if account is not None:
            if account.settings.get('vhost'):
                user.vhost = octets(account.settings['vhost'])
            modes += b'r'
        self.set_modes(user, modes)
        self.show_host(user)
        if account is not None and self.users.get(self.fold(user.nick)) is user:
            self._greet(user, account)

    def _greet(self, user, account):
        # type: (User, Account) -> None
        """Tells of memos, and notes where the user is."""
        unread = self.memos.unread(account)
        if unread:
            self.memos.tell(user, b'You have %d new memos' % unread)
        self.note_presence(user, account)

    @coroutine
    def account_dropped(self, account):
        # type: (Account) -> Any
        """Drops what belongs to an account that is no more: the next user of its name must not
        have it.  A Future."""
        name = fold_ascii(account.name)
        if self.archive is not None:
            self.archive.forget_account(name)
        for channel_name in self.registered.forget_account(account.name):
            channel = self.channel_of(channel_name)
            if channel is not None:
                channel.modes.pop(b'r', None)
        self.metadata.forget_account(name)
        self.memos.forget(name)
        yield self.accounts.drop(account)
        for user in list(self.users.values()):
            if user.account == account.name:
                self.log_out(user)

    # -- nicks ---------------------------------------------------------------------------

    def nick_refusal(self, server, nick):
        refusal = Network.nick_refusal(self, server, nick)
        if self.fold(nick) in self._services:
            return NICK_IN_USE
        other = self.user_of(nick)
        # A client that logs in later in its registration may come back as a user that stays.
        logs_in = server.waits_for_cap or server.password is not None
        if refusal is not None and other is not None and logs_in and self._is_kept(other):
            return None
        return refusal

    def nick_changed(self, user):
        self._protect(user)
        account = self.accounts.get(user.account)
        if account is not None:
            self.note_presence(user, account)

    def _protect(self, user):
        # type: (User) -> None
        """Asks for the login to the account whose nick the user has; later takes the nick away."""
        owner = self.accounts.owner_of(user.nick)
        if owner is None or user.account == owner.name or user.connection is None:
            return
        service = self._services[b'nickserv']
        service.tell(user, b'This nick is registered; log in with /msg NickServ IDENTIFY password')
        if owner.settings.get('enforce'):
            nick = user.nick
            self.clock.call_later(ENFORCE_SECONDS, lambda: self._enforce(user, nick))

    def _enforce(self, user, nick):
        # type: (User, bytes) -> None
        owner = self.accounts.owner_of(nick)
        # The same nick in other letters is the same nick.
        if (owner is None or self.fold(user.nick) != self.fold(nick)
                or user.account == owner.name or user.connection is None):
            return
        while True:
            self._guests += 1
            guest = b'Guest%d' % self._guests
            if self.user_of(guest) is None:
                break
        user.connection.registration.rename(guest)

    # -- users that stay -------------------------------------------------------------------

    def _is_kept(self, user):
        # type: (User) -> bool
        account = self.accounts.get(user.account)
        return account is not None and bool(account.settings.get('always-on'))

    def may_attach(self, user, other):
        return (user.account is not None and user.account == other.account
                and self._is_kept(other))

    def stays(self, user):
        if not self._is_kept(user) or self.users.get(self.fold(user.nick)) is not user:
            return False
        self._left[user] = self.clock.wall()
        account = self.accounts.get(user.account)
        self.note_presence(user, account)
        return True

    def note_presence(self, user, account, coming=()):
        # type: (User, Any, Sequence[bytes]) -> Any
        """Keeps the nick and the channels of a user that stays; a Future, or None if nothing has
        changed.

        Args:     coming: channels that it is about to enter.
        """
        if account is None or not account.settings.get('always-on'):
            return None
        names = set(channel.name for channel in user.channels.values())
        presence = {'nick': spelled(user.nick), 'username': spelled(user.username),
                    'realname': spelled(user.realname), 'address': spelled(user.address),
                    'channels': sorted(spelled(name) for name in names.union(coming))}
        if account.settings.get('presence') == presence:
            return None
        account.settings['presence'] = presence
        return self.accounts.save(account)

    def _bring_back(self, account):
        # type: (Account) -> None
        """Makes the user of an account that stays, as the server starts."""
        presence = account.settings.get('presence')
        if not account.settings.get('always-on') or presence is None:
            return
        nick = octets(presence['nick'])
        if self.user_of(nick) is not None:
            return
        user = User()
        user.nick = nick
        user.username = octets(presence['username'])
        user.realname = octets(presence['realname'])
        user.address = octets(presence['address'])
        user.account = account.name
        user.modes = b'rx' if self.cloak is not None else b'r'
        if account.settings.get('vhost'):
            user.vhost = octets(account.settings['vhost'])
        user.host = self.host_of(user)
        user.signed_on = self.clock.wall()
        user.spoke_at = self.clock.time()
        self.add(user)
        self._left[user] = self.clock.wall()
        for name in presence['channels']:
            # Not by `join`, which would keep the presence with some of its channels.
            Network.join(self, user, octets(name))

    def remove(self, user, reason):
        self._left.pop(user, None)
        Network.remove(self, user, reason)

    def entered(self, user):
        left = self._left.pop(user, None)
        if left is not None:
            self._resume(user, left)
        self._protect(user)
        account = self.accounts.get(user.account)
        if account is not None:
            self._greet(user, account)
        return None

    def _resume(self, user, left):
        # type: (User, float) -> None
        """Sends a client that has come back its channels, and what was said meanwhile."""
        user.away = None
        names = []
        for folded, channel in list(user.channels.items()):
            user.connection.channel.show(channel)
            names.append(folded)
        if self.archive is None:
            return
        account = fold_ascii(user.account or b'')
        names.extend(name for _, name in self.archive.partners(account))
        for name in names:
            for message in self.archive.select(name, left, None, MISSED):
                user.deliver(message.event)

    # -- channels ------------------------------------------------------------------------

    def channel_made(self, channel):
        record = self.registered.get(channel.name)
        if record is not None:
            self.registered.restore(channel, record, self.clock.wall())

    def standing_of(self, user, channel):
        record = self.registered.get(channel.name)
        if record is None:
            return None
        if user.account is None:
            return b''
        if record['founder'] == spelled(user.account):
            return b'q'
        return octets(record['access'].get(spelled(fold_ascii(user.account)), u''))

    def remembered(self, name):
        record = self.registered.get(name)
        if record is None:
            return None
        channel = Channel(name, self.clock)
        self.registered.restore(channel, record, self.clock.wall())
        return channel

    def joining(self, user, name):
        channel = self.channel_of(name)
        return self.note_presence(user, self.accounts.get(user.account),
                                  [name if channel is None else channel.name])

    def join_failed(self, user):
        self.note_presence(user, self.accounts.get(user.account))

    def join(self, user, name):
        channel = Network.join(self, user, name)
        self.note_presence(user, self.accounts.get(user.account))
        return channel

    def leave(self, user, channel):
        Network.leave(self, user, channel)
        self.note_presence(user, self.accounts.get(user.account))

    def _kept_channel(self, channel):
        # type: (Channel) -> Any
        record = self.registered.get(channel.name)
        return None if record is None else self.registered.save(channel, record)

    def topic_changed(self, user, channel):
        return self._kept_channel(channel)

    def modes_changed(self, user, channel):
        if self.registered.get(channel.name) is None:
            return self._note_closed(channel)
        return self._kept_channel(channel)

    def _note_closed(self, channel):
        # type: (Channel) -> Any
        """Keeps whether everybody may enter a channel that is not registered."""
        if self.archive is None:
            return None
        folded = self.fold(channel.name)
        if channel.is_closed() and folded not in self._closed:
            self._closed.add(folded)
            return self.book.put('closed', folded, {})
        return None

    def channel_ended(self, channel):
        folded = self.fold(channel.name)
        if self.archive is None or self.registered.get(channel.name) is not None:
            return
        if channel.is_closed() or folded in self._closed:
            self.archive.forget(folded)
            if folded in self._closed:
                self._closed.discard(folded)
                self.book.take('closed', folded)

    # -- messages ------------------------------------------------------------------------

    def spoke(self, user, verb, target, text, event):
        if self.archive is None or isinstance(target, User) and target.account is None:
            return None
        if isinstance(target, User):
            if user.account is None:
                return None
            name = conversation_of(fold_ascii(user.account), fold_ascii(target.account))
        else:
            name = self.fold(target.name)
        return self.archive.append(name, event, user.account)

    def spoke_to_absent(self, user, verb, name, text):
        service = self._services.get(self.fold(name.partition(b'@')[0]))
        if service is None or verb == b'NOTICE':
            return None
        return service.query(user, text)

    def service_names(self):
        return [kind.name for kind in _SERVICES]

    def tokens(self):
        if self.archive is None:
            return []
        return [(b'CHATHISTORY', b'100'), (b'MSGREFTYPES', b'msgid,timestamp')]
