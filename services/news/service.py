# Copyright the carryall authors.  See LICENSE.
"""The service type ``news``: a news server (RFC 3977, RFC 5537).

    carryall serve news -p 1119 --group local.tea
    mktap news --datadir /var/lib/news --group local.tea

Not here: the protocol and its policy (protocols/nntp); the articles (articledatabase.py).
Tests:    tests/services/news/test_newsservice.py
"""
from __future__ import absolute_import, division, print_function

import io
import os

from carryall.app.service import OneServer
from carryall.app.servicetypes import ServerType
from carryall.core.auth.portal import Portal, Realm
from carryall.core.compat import FAILURES, to_bytes
from carryall.core.crypto import crypto_of
from carryall.core.errors import ListenFailed, UsageError
from carryall.core.files.smallfile import read_small_text
from carryall.core.future import Return, coroutine
from carryall.core.line.commandserver import Courier
from carryall.core.logs import escape, get_logger
from carryall.core.net.networks import Network, within
from carryall.core.net.protocol import Protocol
from carryall.protocols.nntp import Group, NewsRoom, NNTPServer, RoomSettings, Settings
from carryall.services.news.articledatabase import STORE, ArticleDatabase
from carryall.services.news.articlelog import ArticleLog, MemoryLog
from carryall.services.news.options import (ACCOUNTS, CLIENTS, LISTENING, LOGINS, SCHEMA, STORES,
                                            TLS, groups_of, moderators_of)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional
    from carryall.app.optionvalues import OptionValues

__all__ = ['LISTENING', 'NewsService', 'SCHEMA', 'TYPE']

# -- limits ------------------------------------------------------------------
MAX_MOTD = 200              # lines of the message of the day
MAX_SOCKET_PATH = 100       # octets; the systems' limit is 104 at least
SECRET_OCTETS = 32
REFUSAL = b'400 Too many connections\r\n'
FIRST_GROUP = b'local.test', b'For tests'

log = get_logger('news')


class NewsService(OneServer):
    """A news server with its articles.

    Args:     options: as SCHEMA gives them.

    Attributes:
        room: the NewsRoom while the service runs.
    """

    def __init__(self, options):
        # type: (OptionValues) -> None
        OneServer.__init__(self, 'news')
        self._options = options
        self._data = None           # type: Any  # a DataStore
        self._articles = None       # type: Any  # an ArticleDatabase
        self._context = None        # type: Any
        self._lock = None           # type: Any
        self._timer = None          # type: Any
        self.room = None            # type: Optional[NewsRoom]

    def start(self, loop):
        options = self._options
        motd = _motd(options)
        self._context = TLS.context(options, loop)
        try:
            secret = self._open(loop)
            self._make_room(loop, secret, motd)
            courier = Courier(loop)
            settings = Settings(
                hostname=to_bytes(options.name), tls=self._context,
                clear_auth=options.clear_logins, need_account=options.need_account,
                newnews=not options.no_newnews, max_article=options.max_article)

            def connection():
                # type: () -> NNTPServer
                server = NNTPServer(self.room, loop, settings)
                server.courier = courier
                return server

            limits = LISTENING.limits(options, REFUSAL, loop)
            self.serve(loop, LISTENING.server('news', options, connection, limits=limits,
                                              loop=loop))
        except FAILURES:
            self.release()
            raise
        self._timer = loop.call_later(options.expire_every, self._expire)

    # -- the store -----------------------------------------------------------

    def _open(self, loop):
        # type: (Any) -> Any
        """Opens the articles; returns the secret behind Cancel-Lock, None for one that ends."""
        options = self._options
        folder = options.filename or options.datadir
        location = STORES.location(options)
        secret = None               # type: Optional[bytes]
        articles = MemoryLog()      # type: Any
        if location == u'memory:':
            self._data = STORES.store(options)
        else:
            with loop.file_user:
                if not os.path.isdir(folder):
                    _make_folder(folder)
                self._take_lock(loop, folder)
                articles = ArticleLog(os.path.join(folder, u'articles'))
                secret = _secret(loop, os.path.join(folder, u'secret'))
            if location is None:
                # Imported here: a store elsewhere does without.
                from carryall.app.datastore import DataStore
                path = os.path.abspath(os.path.join(folder, u'index.db'))
                self._data = DataStore(STORE, u'sqlite:' + path)
            else:
                self._data = STORES.store(options)
        self._articles = ArticleDatabase(loop, self._data, articles)
        self._data.start(loop)
        return secret

    def _take_lock(self, loop, folder):
        # type: (Any, Any) -> None
        """Locks the folder: two servers on it would give the same numbers twice."""
        path = os.path.join(folder, u'lock')
        if not loop.caps.unix or len(path.encode('utf-8')) > MAX_SOCKET_PATH:
            log.info('%s is not locked: no Unix sockets here, or its name is too long for one',
                     folder)
            return
        try:
            self._lock = loop.listen_unix(_Refusing, path)
        except ListenFailed as exc:
            raise ListenFailed(u'another news service uses %s (%s)' % (folder, exc.message), exc)

    def _make_room(self, loop, secret, motd):
        # type: (Any, Optional[bytes], List[bytes]) -> None
        options = self._options
        checkers = _checkers(options)
        room = NewsRoom(
            loop, self._articles, to_bytes(options.name),
            RoomSettings(posting=str(options.posting), cancels=str(options.cancels),
                         admins=tuple(options.admin), oldest=options.oldest, secret=secret),
            Portal(Realm(), checkers) if checkers else None,
            LOGINS.guard(options, loop) if checkers else None)
        networks = [Network(text) for text in options.feed]
        room.may_feed = lambda host, account: bool(host) and within(host, networks)
        room.admits = CLIENTS.admits(options)
        room.motd = motd
        room.subscriptions = [to_bytes(text) for text in options.subscription]
        if options.moderator:
            room.moderate = self._mail
        self.room = room
        loading = self._load(loop, room)
        if not loop.turning:
            loop.run_until(loading)
        else:
            loading.then(None, _log_failure)

    @coroutine
    def _load(self, loop, room):
        # type: (Any, NewsRoom) -> Any
        """Reads the groups, and makes those of the options."""
        groups = yield self._articles.load()
        for group in groups:
            room.groups.add(group)
        wanted = groups_of(self._options)
        moderators = dict(moderators_of(self._options))
        known = set(name for name, _ in wanted)
        wanted += [(name, b'') for name in sorted(moderators) if name not in known]
        if not wanted and not groups:
            wanted = [FIRST_GROUP]
        now = int(loop.wall())
        for name, description in wanted:
            group = room.groups.get(name)
            moderator = moderators.get(name, b'')
            if group is None:
                group = Group(name, b'm' if moderator else b'y', description, moderator, now,
                              to_bytes(self._options.name))
                yield room.add_group(group)
            elif description and group.description != description \
                    or moderator and group.moderator != moderator:
                group.description = description or group.description
                if moderator:
                    group.moderator = moderator
                    group.status = b'm'
                yield self._articles.save_group(group)

    # -- moderation ----------------------------------------------------------

    @coroutine
    def _mail(self, article, group):
        # type: (Any, Group) -> Any
        """Mails a post to the moderator of its group (RFC 5537 section 3.5.1)."""
        # Imported here: most servers have no moderated groups.
        from carryall.protocols import smtp
        host, _, port = self._options.mailhost.partition(u':')
        address = group.moderator
        sender = smtp.Outgoing(b'', [address], b'To: ' + address + b'\r\n' + article.octets)
        replies = yield smtp.send(self.loop, str(host), int(port or smtp.PORT), [sender],
                                  smtp.ClientSettings(hostname=to_bytes(self._options.name)))
        refused = [reply for reply in replies[0] if reply.code >= 300]
        if refused:
            raise UsageError(u'the mail to %s was refused: %s'
                             % (escape(address), escape(refused[0].wire())))
        raise Return(None)

    # -- expiry --------------------------------------------------------------

    def _expire(self):
        # type: () -> None
        self._timer = None
        self.expire().then(None, _log_failure).add_done_callback(lambda _: self._again())

    def _again(self):
        # type: () -> None
        if self.loop is not None and self._timer is None:
            self._timer = self.loop.call_later(self._options.expire_every, self._expire)

    @coroutine
    def expire(self):
        # type: () -> Any
        """Removes what is too old or too much; a Future of None."""
        options = self._options
        room = self.room
        if room is None:
            raise Return(None)
        now = room.loop.wall()
        before = None if options.expire is None else now - options.expire
        lost = yield self._articles.expire(before, now - options.remember, options.max_size)
        for name, (count, low) in lost.items():
            group = room.groups.get(name)
            if group is not None:
                group.expired(count, low)
        raise Return(None)

    # -- life ----------------------------------------------------------------

    def reload(self):
        """Reads the message of the day and certificates again; after an error all stays."""
        if self.room is not None:
            motd = _motd(self._options)
            OneServer.reload(self)
            if self._context is not None and self.loop is not None:
                self._context.reload(self.loop.tls)
            self.room.motd = motd

    def release(self):
        """Closes the articles, after all that was accepted is safe."""
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
        self.room = None
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.close()
        articles, self._articles = self._articles, None
        data, self._data = self._data, None
        if articles is None:
            return None if data is None else data.close()
        return articles.close().then(lambda _: data.close())


class _Refusing(Protocol):
    """A connection to the lock: no client has anything to say there."""

    def connection_made(self, transport):
        transport.close()


def _make_folder(folder):
    # type: (Any) -> None
    try:
        os.mkdir(folder, 0o700)
    except OSError as exc:
        raise UsageError(u'%s: the folder cannot be made: %s' % (folder, exc.strerror or exc))


def _secret(loop, path):
    # type: (Any, Any) -> bytes
    """The secret behind Cancel-Lock, made at the first start; the folder is its owner's alone."""
    if os.path.exists(path):
        with io.open(path, 'rb') as source:
            secret = source.read(SECRET_OCTETS)
        if len(secret) == SECRET_OCTETS:
            return secret
    secret = crypto_of(loop).random(SECRET_OCTETS)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(handle, secret)
        os.fsync(handle)
    finally:
        os.close(handle)
    return secret


def _log_failure(exc):
    # type: (BaseException) -> None
    log.error('the articles: %s', escape(u'%s' % exc))


def _motd(options):
    # type: (OptionValues) -> List[bytes]
    if options.motd is None:
        return []
    lines = read_small_text(options.motd).splitlines()
    if len(lines) > MAX_MOTD:
        raise UsageError(u'%s: more than %d lines' % (options.motd, MAX_MOTD))
    return [line.encode('utf-8') for line in lines]


def _checkers(options):
    # type: (OptionValues) -> List[Any]
    found = ACCOUNTS.checkers(options)
    if options.password_file is not None:
        # Imported here: most servers have no accounts.
        from carryall.core.auth.passwordfile import PasswordFile
        found.append(PasswordFile(options.password_file))
    return found


class NewsType(ServerType):
    """The type ``news``."""

    name = 'news'
    summary = 'a news server (RFC 3977, RFC 5537)'
    version = 1
    options = SCHEMA
    service = NewsService
    listening = LISTENING


TYPE = NewsType()
