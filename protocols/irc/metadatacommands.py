# Copyright the carryall authors.  See LICENSE.
"""METADATA (IRCv3 draft metadata-2): values of users and channels, by key.

    METADATA * SET url :https://ann.example
    METADATA #tea GET url
    METADATA * SUB avatar display-name

A user sets its own values, and an operator of a channel those of the channel.  Those that have
subscribed to a key hear of changes of users and channels that they share.

Tests:    tests/protocols/irc/test_metadata.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.patterns import Pattern
from carryall.protocols.irc import numerics
from carryall.protocols.irc.numerics import shown
from carryall.protocols.irc.taggedlines import METADATA
from carryall.protocols.irc.textsplit import is_utf8

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Set
    from carryall.protocols.irc.chatnetwork import User
    from carryall.protocols.irc.server import IRCServer

__all__ = ['MAX_KEYS', 'MAX_SUBS', 'MAX_VALUE', 'MetadataBook', 'MetadataCommands']

MAX_KEYS = 20               # of one user or channel
MAX_SUBS = 50               # keys that one client subscribes to
MAX_VALUE = 300             # octets of a value

_KEY = Pattern(br'[a-z0-9_./-]{1,64}\Z')
ALL = b'*'                  # visibility: everyone


class MetadataBook(object):
    """The values of a network.

    A *subject* is the folded name of a channel, or `+` and the folded account of a user.  A user
    without an account has `!` and its folded nick.
    """

    def __init__(self):
        # type: () -> None
        self._values = {}               # type: Dict[bytes, Dict[bytes, bytes]]

    def values(self, subject):
        # type: (bytes) -> Dict[bytes, bytes]
        """key -> value of a subject."""
        return self._values.get(subject, {})

    def set(self, subject, key, value):
        # type: (bytes, bytes, Optional[bytes]) -> Any
        """Sets a value, or takes it away with None; a Future of when it is safe, or None."""
        self.restore(subject, key, value)
        return self.kept(subject, key, value)

    def restore(self, subject, key, value):
        # type: (bytes, bytes, Optional[bytes]) -> None
        """Sets a value that was kept before."""
        if value is not None:
            self._values.setdefault(subject, {})[key] = value
        elif subject in self._values:
            self._values[subject].pop(key, None)
            if not self._values[subject]:
                del self._values[subject]

    def kept(self, subject, key, value):
        # type: (bytes, bytes, Optional[bytes]) -> Any
        """Notes a value for longer; a Future of when it is safe, or None."""
        return None

    def forget(self, subject):
        # type: (bytes) -> None
        """Drops what was known of a user without an account."""
        self._values.pop(subject, None)


class MetadataCommands(object):
    """METADATA of one client."""

    __slots__ = ('_server', '_network', '_user')

    def __init__(self, server):
        # type: (IRCServer) -> None
        self._server = server
        self._network = server.network
        self._user = server.user

    def cmd_metadata(self, *params):
        # type: (*bytes) -> Any
        """METADATA target subcommand ..."""
        if not self._user.capabilities & METADATA:
            self._server.reply(numerics.UNKNOWN_COMMAND, [b'METADATA'])
            return None
        verb = params[1].upper()
        method = {b'GET': self._get, b'LIST': self._list, b'SET': self._set, b'CLEAR': self._clear,
                  b'SUB': self._sub, b'UNSUB': self._unsub, b'SUBS': self._subs,
                  b'SYNC': self._list}.get(verb)
        if method is None:
            self._fail(b'SUBCOMMAND_INVALID', [params[1]], b'Invalid subcommand')
            return None
        subject = self._subject(params[0])
        if subject is None:
            self._fail(b'INVALID_TARGET', [params[0]], b'Invalid metadata target')
            return None
        return method(params[0], subject, params[2:])

    def _fail(self, code, context, text):
        # type: (bytes, List[bytes], bytes) -> None
        self._server.fail(b'METADATA', code, context, text)

    def _subject(self, target):
        # type: (bytes) -> Optional[bytes]
        """The subject of a target; None if there is none."""
        if target[:1] == b'#':
            channel = self._network.channel_of(target)
            if channel is None or channel.is_hidden_from(self._user):
                return None
            return self._network.fold(channel.name)
        user = self._user if target == b'*' else self._network.user_of(target)
        return None if user is None else self._network.subject_of(user)

    def _may_change(self, target):
        # type: (bytes) -> bool
        if target[:1] == b'#':
            channel = self._network.channel_of(target)
            return channel is not None and channel.is_operator(self._user)
        return target == b'*' or self._network.user_of(target) is self._user

    def _name(self, target):
        # type: (bytes) -> bytes
        return self._user.nick if target == b'*' else target

    def _line(self, target, key, value):
        # type: (bytes, bytes, Optional[bytes]) -> bytes
        """A line of a numeric about one key."""
        server = self._server
        if value is None:
            return server.line_of(numerics.KEY_NOT_SET, [self._name(target), key])
        return server.line_of(numerics.KEY_VALUE, [self._name(target), key, ALL], value)

    # -- subcommands -----------------------------------------------------------------------

    def _get(self, target, subject, keys):
        # type: (bytes, bytes, Any) -> None
        values = self._network.metadata.values(subject)
        lines = []                      # type: List[bytes]
        for key in keys:
            if _KEY.match(key):
                lines.append(self._line(target, key, values.get(key)))
            else:
                self._fail(b'KEY_INVALID', [key], b'Invalid key')
        self._server.send_batch(b'metadata', [self._name(target)], lines)

    def _list(self, target, subject, _):
        # type: (bytes, bytes, Any) -> None
        values = self._network.metadata.values(subject)
        self._server.send_batch(b'metadata', [self._name(target)],
                                [self._line(target, key, values[key]) for key in sorted(values)])

    def _set(self, target, subject, rest):
        # type: (bytes, bytes, Any) -> Any
        key = rest[0] if rest else b''
        value = rest[1] if len(rest) > 1 else None
        values = self._network.metadata.values(subject)
        if not self._may_change(target):
            self._fail(b'KEY_NO_PERMISSION', [target, key], b'You do not have permission')
        elif not _KEY.match(key):
            self._fail(b'KEY_INVALID', [key], b'Invalid key')
        elif value is not None and (len(value) > MAX_VALUE or not is_utf8(value)):
            self._fail(b'VALUE_INVALID', [], b'The value is too long or not UTF-8')
        elif value is None and key not in values:
            self._fail(b'KEY_NOT_SET', [target, key], b'The key is not set')
        elif value is not None and key not in values and len(values) >= MAX_KEYS:
            self._fail(b'LIMIT_REACHED', [target], b'Too many keys')
        else:
            kept = self._network.metadata.set(subject, key, value)
            if kept is not None:
                return kept.then(lambda _: self._changed(target, key, value))
            self._changed(target, key, value)
        return None

    def _changed(self, target, key, value):
        # type: (bytes, bytes, Optional[bytes]) -> None
        self._server.send_own(self._line(target, key, value)[:-2])
        words = [self._name(target), key, ALL]
        if value is not None:
            words.append(value)
        event = self._network.event(self._user, b'METADATA', words)
        event.spread([other for other in self._hearers(target)
                      if key in other.connection.subscribed], self._user)

    def _hearers(self, target):
        # type: (bytes) -> Set[User]
        """The others with a connection that share the channel, or one with the user."""
        if target[:1] == b'#':
            channel = self._network.channel_of(target)
            found = set(channel.members if channel is not None else ())
        else:
            found = self._network.neighbours(self._user)
            found.update(self._network.watchers_of(self._user.nick))
        return set(other for other in found
                   if other.connection is not None and other.capabilities & METADATA)

    def _clear(self, target, subject, _):
        # type: (bytes, bytes, Any) -> None
        if not self._may_change(target):
            self._fail(b'KEY_NO_PERMISSION', [target, b'*'], b'You do not have permission')
            return
        lines = []                      # type: List[bytes]
        for key in sorted(self._network.metadata.values(subject)):
            self._network.metadata.set(subject, key, None)
            lines.append(self._line(target, key, None))
        self._server.send_batch(b'metadata', [self._name(target)], lines)

    def _sub(self, target, subject, keys):
        # type: (bytes, bytes, Any) -> None
        server = self._server
        taken = []                      # type: List[bytes]
        for key in keys:
            if not _KEY.match(key):
                self._fail(b'KEY_INVALID', [key], b'Invalid key')
            elif len(server.subscribed) >= MAX_SUBS and key not in server.subscribed:
                self._fail(b'TOO_MANY_SUBS', [key], b'Too many subscriptions')
                break
            else:
                server.subscribed = server.subscribed | frozenset([key])
                taken.append(key)
        if taken:
            server.reply(numerics.METADATA_SUB_OK, [shown(key) for key in taken])

    def _unsub(self, target, subject, keys):
        # type: (bytes, bytes, Any) -> None
        server = self._server
        server.subscribed = server.subscribed - frozenset(keys)
        server.reply(numerics.METADATA_UNSUB_OK, [shown(key) for key in keys])

    def _subs(self, target, subject, _):
        # type: (bytes, bytes, Any) -> None
        keys = sorted(self._server.subscribed)
        lines = [self._server.line_of(numerics.METADATA_SUBS, keys[at:at + 5])
                 for at in range(0, len(keys), 5)]
        self._server.send_batch(b'metadata-subs', [], lines)
