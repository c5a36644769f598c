# Copyright the carryall authors.  See LICENSE.
"""The service type ``mail``: SMTP and LMTP in, maildirs, POP3 out, and a durable queue.

    carryall mail -d a.example=maildirs -u anna=secret        mktap mail ... && twistd -f mail.tap

Tests:    tests/services/mail/test_service.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.core.auth.checkers import MemoryChecker
from carryall.core.auth.passwordfile import PasswordFile, PasswordFileError, load_table
from carryall.core.auth.portal import Portal
from carryall.core.compat import FAILURES, native, to_bytes
from carryall.core.errors import CarryallError, ListenFailed, UsageError
from carryall.core.future import Return, completed, coroutine, gather
from carryall.core.line.commandserver import Courier
from carryall.core.net.ip import is_loopback
from carryall.core.logs import get_logger
from carryall.core.metrics import metrics_of
from carryall.core.net.networks import Network, within
from carryall.app.servicetypes import ServiceType
from carryall.app.service import DRAIN_SECONDS, Service
from carryall.core.net.protocol import Protocol
from carryall.protocols import pop3, smtp
from carryall.services.mail import disk
from carryall.services.mail.aliases import Aliases
from carryall.services.mail.domains import Domains
from carryall.services.mail.policy import MailPolicy
from carryall.services.mail.transports import target_of
from carryall.services.mail.journal import Journal
from carryall.services.mail.mx import resolver_of
from carryall.services.mail.delivery import Delivery
from carryall.services.mail.options import (LIMITS, LOGINS, SCHEMA, STORES, TLS, Place,
                                            endpoints_of, smart_host_of, spool_of)
from carryall.services.mail.mailstore import IndexedQueue, MailStore
from carryall.services.mail.queue import MailQueue
from carryall.services.mail.mailrelay import Relay, Schedule
from carryall.services.mail.routes import Routes, by_address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List
    from carryall.app.optionvalues import OptionValues
    from carryall.app.service import StreamServer

__all__ = ['MailService', 'TYPE']

MAX_SOCKET_PATH = 100       # bytes; a longer one cannot be that of a Unix socket

TOO_MANY = b'421 4.3.2 Too many connections, try again later\r\n'
TOO_MANY_POP3 = b'-ERR [SYS/TEMP] too many connections, try again later\r\n'

log = get_logger('mail')


class MailService(Service):
    """One run of the mail service.

    Args:     options: as ``options.SCHEMA`` gives them.
              resolver: of MX records; see ``routes``.
    """

    def __init__(self, options, resolver=by_address):
        # type: (OptionValues, Any) -> None
        Service.__init__(self, 'mail')
        self._options = options
        self._resolver = resolver
        self._servers = []          # type: List[StreamServer]
        self._lock = None           # type: Any
        self._context = None        # type: Any
        self._store = None          # type: Any  # a MailStore
        self._names = []            # type: List[str]  # of the store's accounts
        self.domains = None         # type: Any
        self.delivery = None        # type: Any
        self.relay = None           # type: Any
        self.policy = None          # type: Any

    # -- start -------------------------------------------------------------------------------------

    def start(self, loop):
        options = self._options
        spool = spool_of(options)
        try:
            with loop.file_user:
                disk.make_folder(spool)
                for _, folder in options.domain:
                    disk.make_folder(folder)
        except (IOError, OSError) as exc:
            raise UsageError(u'the folder %s of the mail store cannot be made: %s'
                             % (exc.filename, exc.strerror or exc))
        with loop.file_user:
            self._take_lock(loop, spool)
        try:
            self._start(loop, spool)
        except FAILURES:
            for server in self._servers:
                server.stop(0.0)
            del self._servers[:]
            self._release_lock()
            if self._store is not None:
                self._store.close(0.0)
            raise
        self.loop = loop

    def _start(self, loop, spool):
        # type: (Any, str) -> None
        options = self._options
        aliases = Aliases(options.aliases)
        aliases.load()
        location = STORES.location(options)
        if location is not None:
            self._store = MailStore(location)
            self._store.start(loop)
        self.domains = self._make_domains(loop, aliases)
        self._context = TLS.context(options, loop)
        folder = os.path.join(spool, u'queue')
        queue = MailQueue(folder) if self._store is None else IndexedQueue(folder, self._store)
        with loop.file_user:
            disk.make_folder(queue.folder)
        journal = Journal(os.path.join(spool, u'journal')) if options.durable else None
        self.delivery = Delivery(loop, self.domains, queue, journal,
                                 lambda entry: self.relay.add(entry))
        self._make_policy(loop, queue)
        with loop.file_user:
            self.delivery.recover()
            entries = queue.recover()
        if self._store is None:
            self._plan(entries)
        else:
            loaded = gather([self._load_names(), queue.load(entries)])
            loaded.add_done_callback(lambda done: self._loaded(done, entries))
            if not loop.turning:
                loop.run_until(loaded)      # raises if the store cannot be read
        self._listen(loop)
        metrics_of(loop).gauge(
            'carryall_mail_queue_messages', 'Messages that wait for another server.', ('spool',)
        ).labels(spool_of(options)).reads(lambda: 0 if self.relay is None else len(self.relay))

    def _plan(self, entries):
        # type: (List[Any]) -> None
        for entry in entries:
            self.relay.add(entry)

    def _loaded(self, done, entries):
        # type: (Any, List[Any]) -> None
        if done.exception() is not None:
            log.error('the store cannot be read: %s', done.exception())
        self._plan(entries)

    @coroutine
    def _load_names(self):
        # type: () -> Any
        """Takes the accounts of the store in place of those that were read before."""
        names = yield self._store.accounts.names()
        self._names = names
        self.domains.forget_accounts()
        self._add_accounts(self.domains)

    def _make_policy(self, loop, queue):
        # type: (Any, MailQueue) -> None
        options = self._options
        hostname = to_bytes(options.hostname)
        client = smtp.ClientSettings(hostname=hostname, policy=native(options.relay_tls))
        schedule = Schedule(options.retry, max(options.retry, 4 * 3600.0), options.warn,
                            options.give_up)
        table = dict((domain, Place().split(place)) for domain, place in options.route)
        routes = Routes(table, smart_host_of(options), self._resolver)
        networks = [Network(text) for text in options.relay_network]
        handed = dict((to_bytes(domain), target_of(target, hostname))
                      for domain, target in options.hand_over)
        for target in handed.values():
            for name in target.needs:
                loop.caps.require(name)
        self.relay = Relay(loop, queue, routes, client, schedule,
                           lambda *report: self.policy.send_report(*report),
                           self.delivery.deliver_one, handed)
        self.policy = MailPolicy(loop, self.domains, self.delivery, self._portal(), hostname,
                                 networks, not options.disable_anonymous, options.sender_login,
                                 options.rate, self.relay.flush, handed)

    def _make_domains(self, loop, aliases):
        # type: (Any, Aliases) -> Domains
        options = self._options
        domains = Domains(aliases, loop.wall if options.mailboxes == u'mbox' else None)
        for name, folder in options.domain:
            domains.add(name, folder, options.bounce_to_postmaster)
        if options.default:
            domains.default = options.domain[-1][0]
            domains.takes_all = True
        self._add_accounts(domains)
        return domains

    def _add_accounts(self, domains):
        # type: (Domains) -> None
        for name in [user for user, _ in self._options.user] + self._names_in_file() \
                + self._names:
            user, at, domain = name.rpartition(u'@')
            if not at:
                user = name
                domain = domains.default or u''
            if domain.lower() in domains.names():
                domains.add_account(user, domain)

    def _names_in_file(self):
        # type: () -> List[str]
        if self._options.passwordfile is None:
            return []
        try:
            return list(load_table(self._options.passwordfile).names())
        except PasswordFileError as exc:
            raise UsageError(exc.message)

    def _portal(self):
        # type: () -> Any
        options = self._options
        checkers = []               # type: List[Any]
        accounts = dict((user, to_bytes(password)) for user, password in options.user)
        for user, password in list(accounts.items()):
            name, _, domain = user.rpartition(u'@')
            if domain == self.domains.default:
                accounts.setdefault(name, password)     # the default domain may be left out
        if accounts:
            checkers.append(MemoryChecker(accounts))
        if options.passwordfile is not None:
            checkers.append(PasswordFile(options.passwordfile))
        if self._store is not None:
            checkers.append(self._store.accounts)
        return Portal(self.domains, checkers) if checkers else None

    # -- listeners ---------------------------------------------------------------------------------

    def _listen(self, loop):
        # type: (Any) -> None
        options = self._options
        self.policy.guard = LOGINS.guard(options, loop)
        self.policy.memory = smtp.MessageMemory()
        self.policy.courier = Courier(loop)
        maildrops = pop3.MaildropService(self.policy.portal or Portal(self.domains, []),
                                         self.policy.guard)
        for name, endpoint in endpoints_of(options):
            clear = options.clear_auth or self._context is None and _is_local(endpoint)
            if name in ('pop3', 'pop3s'):
                factory = self._pop3_factory(loop, maildrops, clear)
                refusal = TOO_MANY_POP3
            else:
                factory = self._smtp_factory(loop, name, clear)
                refusal = TOO_MANY
            implicit = name in ('pop3s', 'submissions') and endpoint.kind == 'tcp'
            if implicit:
                endpoint = _under_tls(endpoint, options)
            server = LIMITS.server(name, options, factory,
                                   limits=LIMITS.limits(options, refusal, loop),
                                   endpoints=[endpoint])
            server.start(loop)
            self._servers.append(server)

    def _smtp_factory(self, loop, name, clear):
        # type: (Any, str, bool) -> Callable[[], smtp.SMTPServer]
        options = self._options
        submission = name in ('submission', 'submissions')
        proxies = [Network(text) for text in options.proxy_network]
        settings = smtp.Settings(
            hostname=to_bytes(options.hostname),
            lmtp=name == 'lmtp',
            esmtp=options.esmtp or submission,
            submission=submission,
            tls=self._context,
            require_tls=submission and self._context is not None and not clear,
            clear_auth=clear,
            channel_binding=options.channel_binding,
            lone_ends=native(options.lone_ends),
            strict=options.strict,
            strict_hello=options.strict,
            blank_after_colon=not options.strict,
            greet_seconds=options.greet_pause if name == 'smtp' else 0.0,
            vrfy=options.vrfy,
            trusted=lambda host: bool(host) and within(host, proxies),
            max_size=options.max_size,
            max_recipients=options.max_recipients)
        return lambda: smtp.SMTPServer(self.policy, loop, settings)

    def _pop3_factory(self, loop, maildrops, clear):
        # type: (Any, pop3.MaildropService, bool) -> Callable[[], pop3.POP3Server]
        options = self._options
        settings = pop3.Settings(hostname=to_bytes(options.hostname), tls=self._context,
                                 clear_auth=clear, channel_binding=options.channel_binding,
                                 apop=options.apop)
        return lambda: pop3.POP3Server(maildrops, loop, settings)

    # -- the lock of the spool ---------------------------------------------------------------------

    def _take_lock(self, loop, spool):
        # type: (Any, str) -> None
        """Locks the spool: two processes on it would deliver everything twice.

        A socket that is listened on is the only lock that ends with its process on every runtime.
        """
        path = os.path.join(spool, u'lock')
        if not loop.caps.unix or len(path.encode('utf-8')) > MAX_SOCKET_PATH:
            log.info('%s is not locked: no Unix sockets here, or its name is too long for one',
                     spool)
            return
        try:
            self._lock = loop.listen_unix(_Refusing, path)
        except ListenFailed as exc:
            raise ListenFailed(u'another mail service uses %s (%s)' % (spool, exc.message), exc)

    def _release_lock(self):
        # type: () -> None
        lock = self._lock
        self._lock = None
        if lock is not None:
            lock.close()

    # -- life --------------------------------------------------------------------------------------

    def listening(self):
        return [line for server in self._servers for line in server.listening()]

    def reload(self):
        """Reads aliases, accounts and certificates again.

        What cannot be read stays as it was; the first such error is raised at the end.
        """
        faults = []                 # type: List[CarryallError]
        actions = [self.domains.aliases.load, self._reload_accounts, self._reload_context]
        for action in actions + [server.reload for server in self._servers]:
            try:
                action()
            except CarryallError as exc:
                faults.append(exc)
        if faults:
            raise faults[0]

    def _reload_accounts(self):
        # type: () -> None
        self._names_in_file()       # raises before anything is forgotten
        self.domains.forget_accounts()
        self._add_accounts(self.domains)
        if self._store is not None:
            self._load_names().add_done_callback(self._reloaded)

    @staticmethod
    def _reloaded(done):
        # type: (Any) -> None
        """Notes a failure; the accounts that were known stay then."""
        if done.exception() is not None:
            log.error('the accounts of the store cannot be read: %s', done.exception())

    def _reload_context(self):
        # type: () -> None
        if self._context is not None:
            self._context.reload(self.loop.tls)

    def stop(self, seconds=DRAIN_SECONDS):
        if self.loop is None:
            return completed(None)
        self.loop = None
        return self._stop(seconds)

    @coroutine
    def _stop(self, seconds):
        # type: (float) -> Any
        """Accepts no more, finishes what was begun, clears the journal."""
        servers = self._servers
        self._servers = []
        ended = [server.stop(seconds) for server in servers]
        tried = self.relay.stop()
        yield gather(ended)
        yield tried
        yield self.delivery.stop()
        if self._store is not None:
            yield self._store.close(seconds)
        self._release_lock()
        raise Return(None)


class _Refusing(Protocol):
    """Closes a connection to the lock."""

    def connection_made(self, transport):
        transport.close()


def _is_local(endpoint):
    # type: (Any) -> bool
    """True if only this machine can reach the endpoint."""
    return endpoint.kind == 'unix' or is_loopback(endpoint.interface)


def _under_tls(endpoint, options):
    # type: (Any, OptionValues) -> Any
    """The same endpoint under TLS, with the certificate of the service."""
    from carryall.app.endpoints import Endpoint
    return Endpoint('tls', endpoint.port, endpoint.interface, backlog=endpoint.backlog,
                    certificate=options.certificate, key=options.key)


class MailType(ServiceType):
    """The type ``mail``."""

    name = 'mail'
    summary = 'mail: SMTP, maildirs, POP3, and a durable queue'
    version = 1
    options = SCHEMA

    def make(self, options):
        return MailService(options, resolver_of(options.nameserver))

    def endpoints(self, options):
        return [endpoint.text() for _, endpoint in endpoints_of(options)]


TYPE = MailType()
