# Copyright the carryall authors.  See LICENSE.
"""The relay: sends the messages of the queue, retries after temporary failures, and reports
permanent ones to the sender.

One try of a message goes to all of its domains.  The connections to one domain and those in all are
limited.  Between two tries the time doubles.  The sender gets one report of a delay after
``warn_seconds``, and one of the failure after ``give_up_seconds``.
Tests:    tests/services/mail/test_mailrelay.py
"""
from __future__ import absolute_import, division, print_function

from collections import deque

from carryall.core.compat import FAILURES
from carryall.core.errors import CarryallError
from carryall.core.future import Future, Return, completed, coroutine
from carryall.core.logs import escape, get_logger
from carryall.protocols.smtp import Outgoing, SMTPError, send_to_first
from carryall.services.mail.reports import DELAYED, DELIVERED, FAILED, RELAYED, Verdict
from carryall.services.mail.routes import NoMail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Tuple
    from carryall.protocols.smtp import ClientSettings
    from carryall.services.mail.envelope import Addressee
    from carryall.services.mail.queue import MailQueue, QueueEntry
    from carryall.services.mail.routes import Routes

__all__ = ['Relay', 'Schedule']

# -- limits ------------------------------------------------------------------
# until the second try; RFC 5321 section 4.5.4.1: half an hour or more, except for the first
FIRST_SECONDS = 300.0
MOST_SECONDS = 4 * 3600.0       # between two tries
WARN_SECONDS = 4 * 3600.0
# until a mailbox of ours is tried again, if FIRST_SECONDS is more
LOCAL_SECONDS = 15.0
GIVE_UP_SECONDS = 5 * 86400.0   # RFC 5321 section 4.5.4.1: four or five days
PER_DOMAIN = 5                  # connections to one domain
AT_ONCE = 50                    # connections in all

log = get_logger('mail.relay')


class Schedule(object):
    """The times of tries: see the limits of this module."""

    def __init__(self, first=FIRST_SECONDS, most=MOST_SECONDS, warn=WARN_SECONDS,
                 give_up=GIVE_UP_SECONDS,
                 per_domain=PER_DOMAIN, at_once=AT_ONCE):
        # type: (float, float, float, float, int, int) -> None
        self.first = first
        self.most = most
        self.warn = warn
        self.give_up = give_up
        self.per_domain = per_domain
        self.at_once = at_once

    def wait(self, attempts, local=False):
        # type: (int, bool) -> float
        """Seconds until the next try.

        Args:     attempts: the number of tries so far.
                  local: True if only mailboxes of ours are left.
        """
        first = min(self.first, LOCAL_SECONDS) if local else self.first
        return min(self.most, first * 2 ** min(max(attempts, 1) - 1, 30))


class Relay(object):
    """Sends the messages of a queue.

    Args:     loop: of the service.
              queue: a MailQueue.
              routes: Routes.
              client: ClientSettings, for other servers.
              schedule: a Schedule.
              tell: called with (entry, message, verdicts) to report to the sender; returns a Future
                  of the report's durability.
              store: called on a thread with (envelope, addressee) to deliver into a maildir.
              handed: {domain: target} of mail that is handed over to others; see transports.py.
    """

    def __init__(self, loop,        # type: Any
                 queue,             # type: MailQueue
                 routes,            # type: Routes
                 client,            # type: ClientSettings
                 schedule,          # type: Schedule
                 tell,              # type: Callable[..., Future]
                 store,             # type: Callable[..., Any]
                 handed=None        # type: Any
                 ):
        # type: (...) -> None
        self._handed = handed or {}     # type: Dict[bytes, Any]
        self._loop = loop
        self._queue = queue
        self._routes = routes
        self._client = client
        self._schedule = schedule
        self._tell = tell
        self._store = store
        # Name of a message -> (timer, its entry).
        self._timers = {}           # type: Dict[str, Tuple[Any, QueueEntry]]
        self._trying = {}           # type: Dict[str, QueueEntry]
        self._gates = {}            # type: Dict[bytes, _Gate]  # domain -> the connections to it
        self._all = _Gate(schedule.at_once)
        self._stopping = None       # type: Optional[Future]

    def __len__(self):
        return len(self._timers) + len(self._trying)

    def add(self, entry):
        # type: (QueueEntry) -> None
        """Plans the next try of a message."""
        if self._stopping is not None or entry.name in self._trying:
            return
        delay = max(0.0, entry.due - self._loop.wall())
        self._timers[entry.name] = self._loop.call_later(delay, self._try, entry), entry

    def flush(self, domain=None):
        # type: (Optional[bytes]) -> int
        """Tries waiting messages at once, all or those for one domain (ETRN); returns their
        number."""
        count = 0
        for name, (timer, entry) in sorted(self._timers.items()):
            if domain is None or any(entry.envelope.addressees[number].domain() == domain
                                     for number in entry.left):
                timer.cancel()
                del self._timers[name]
                self._loop.call_soon(self._try, entry)
                self._trying[name] = entry
                count += 1
        return count

    def stop(self):
        # type: () -> Future
        """Begins no more tries; a Future of the end of the present ones."""
        for timer, _ in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._stopping = Future()
        if not self._trying:
            self._stopping.set_result(None)
        return self._stopping

    # -- one try -----------------------------------------------------------------------------------

    def _try(self, entry):
        # type: (QueueEntry) -> None
        self._timers.pop(entry.name, None)
        self._trying[entry.name] = entry
        self._attempt(entry).add_done_callback(lambda done: self._tried(entry, done))

    def _tried(self, entry, done):
        # type: (QueueEntry, Future) -> None
        self._trying.pop(entry.name, None)
        if done.exception() is not None:
            log.error('%s could not be tried: %r', entry.name, done.exception())
            entry.due = self._loop.wall() + self._schedule.wait(max(1, entry.attempts))
            self.add(entry)
        elif entry.left:
            self.add(entry)
        if self._stopping is not None and not self._trying and not self._stopping.done():
            self._stopping.set_result(None)

    @coroutine
    def _attempt(self, entry):
        # type: (QueueEntry) -> Any
        """Sends to all addressees that are left, reports, and saves the state."""
        message = yield self._loop.run_in_thread(self._queue.message, entry)
        entry.attempts += 1
        groups = {}                 # type: Dict[bytes, List[int]]
        for number in entry.left:
            to = entry.envelope.addressees[number]
            groups.setdefault(b'' if to.folder is not None else to.domain(), []).append(number)
        asked = [(numbers, self._to_group(entry, message, domain, numbers))
                 for domain, numbers in sorted(groups.items())]
        verdicts = []               # type: List[Verdict]
        left = []                   # type: List[int]
        for numbers, future in asked:
            found = yield future
            for number, verdict in zip(numbers, found):
                if verdict.action == DELAYED:
                    left.append(number)
                verdicts.append(verdict)
        yield self._settle(entry, message, verdicts, sorted(left))

    @coroutine
    def _settle(self, entry, message, verdicts, left):
        # type: (QueueEntry, bytes, List[Verdict], List[int]) -> Any
        schedule = self._schedule
        now = self._loop.wall()
        if left and now - entry.envelope.arrived >= schedule.give_up:
            for verdict in verdicts:
                if verdict.action == DELAYED:
                    verdict.action = FAILED
                    verdict.status = b'4.4.7'
            left = []
        for verdict in verdicts:
            log.info('%s to %s: %s %s', entry.name, escape(verdict.addressee.address),
                     escape(verdict.action), escape(verdict.told))
        news = [(FAILED, b'FAILURE'), (DELIVERED, b'SUCCESS'), (RELAYED, b'SUCCESS')]
        if left and not entry.warned and now - entry.envelope.arrived >= schedule.warn:
            entry.warned = True
            news.append((DELAYED, b'DELAY'))
        for action, word in news:
            told = [verdict for verdict in verdicts if verdict.action == action
                    and verdict.addressee.wants(word)
                    and not (action == RELAYED and verdict.passed_on)]
            if told and entry.envelope.sender:
                # The report is durable before the message is removed: after a crash in between the
                # sender may get two reports, but never none.
                try:
                    yield self._tell(entry, message, told)
                except FAILURES as exc:
                    log.error('%s: the report to its sender cannot be stored: %r', entry.name, exc)
                    left = self._untold(entry, left, action, told)
        addressees = entry.envelope.addressees
        entry.left = left
        local = all(addressees[number].folder is not None for number in left)
        entry.due = now + schedule.wait(entry.attempts, local)
        yield self._queue.settle(self._loop, entry)

    @staticmethod
    def _untold(entry, left, action, told):
        # type: (QueueEntry, List[int], bytes, List[Verdict]) -> List[int]
        """The addressees that are left if a report could not be stored.

        Those that failed fail once more; no addressee gets the message twice.
        """
        if action == DELAYED:
            entry.warned = False
        if action != FAILED:
            return left
        failed = [id(verdict.addressee) for verdict in told]
        again = [number for number in entry.left
                 if id(entry.envelope.addressees[number]) in failed]
        return sorted(left + again)

    @coroutine
    def _to_group(self, entry, message, domain, numbers):
        # type: (QueueEntry, bytes, bytes, List[int]) -> Any
        """Sends to the addressees of one domain; a Future of a Verdict for each.

        Args:     domain: b'' for our own maildirs.
        """
        addressees = [entry.envelope.addressees[number] for number in numbers]
        if not domain:
            verdicts = yield self._loop.run_in_thread(self._to_maildirs, entry, message,
                                                      addressees)
            raise Return(verdicts)
        gate = self._gates.setdefault(domain, _Gate(self._schedule.per_domain))
        yield gate.enter()
        try:
            yield self._all.enter()
            try:
                verdicts = yield self._to_domain(entry, message, domain, addressees)
            finally:
                self._all.leave()
        finally:
            gate.leave()
            if gate.empty():
                self._gates.pop(domain, None)
        raise Return(verdicts)

    def _to_maildirs(self, entry, message, addressees):
        # type: (QueueEntry, bytes, List[Addressee]) -> List[Verdict]
        """Delivers into maildirs, on a thread; returns a Verdict for each."""
        envelope = entry.envelope.with_addressees(addressees)
        envelope.message = message
        verdicts = []
        for addressee in addressees:
            try:
                self._store(envelope, addressee, True)
                verdicts.append(Verdict(addressee, DELIVERED))
            except FAILURES as exc:
                log.error('%s cannot be stored in %s: %r', entry.name, addressee.folder, exc)
                verdicts.append(Verdict(addressee, DELAYED, b'The mailbox cannot be written',
                                        b'4.3.0'))
        return verdicts

    @coroutine
    def _to_domain(self, entry, message, domain, addressees):
        # type: (QueueEntry, bytes, bytes, List[Addressee]) -> Any
        envelope = entry.envelope
        try:
            outgoing = Outgoing(
                envelope.sender, [to.address for to in addressees], message, envelope.utf8,
                envelope.binary, envelope.ret or None, envelope.envid or None,
                [to.notify or None for to in addressees], [to.orcpt or None for to in addressees])

            def judge(to, reply):
                # type: (Addressee, Any) -> Verdict
                return _from_reply(to, reply, domain, outgoing.dsn)

            if domain in self._handed:
                target = self._handed[domain]
                verdicts = yield target.hand_over(self._loop, outgoing, addressees, judge)
                raise Return(verdicts)
            places = yield self._routes.find(self._loop, domain)
            outcome = yield send_to_first(self._loop, places, [outgoing], self._client)
        except NoMail as exc:
            raise Return([Verdict(to, FAILED, exc.message.encode('utf-8'), b'5.1.2')
                          for to in addressees])
        except SMTPError as exc:
            raise Return([_from_error(to, exc, domain) for to in addressees])
        except CarryallError as exc:
            raise Return([Verdict(to, DELAYED, exc.message.encode('utf-8'), b'4.4.1')
                          for to in addressees])
        raise Return([judge(to, reply) for to, reply in zip(addressees, outcome[0])])


def _from_error(addressee, exc, domain):
    # type: (Addressee, Any, bytes) -> Verdict
    reply = exc.reply
    if reply is not None:
        return _from_reply(addressee, reply, domain)
    return Verdict(addressee, FAILED if exc.permanent else DELAYED, exc.message.encode('utf-8'),
                   b'5.4.0' if exc.permanent else b'4.4.2')


def _from_reply(addressee, reply, domain, passed_on=False):
    # type: (Addressee, Any, bytes, bool) -> Verdict
    if reply.code < 300:
        action = RELAYED
    else:
        action = FAILED if reply.permanent else DELAYED
    status = reply.enhanced if reply.enhanced[:1] == {RELAYED: b'2', FAILED: b'5',
                                                      DELAYED: b'4'}[action] else b''
    return Verdict(addressee, action, reply.wire(), status, domain, passed_on)


class _Gate(object):
    """A semaphore: lets a limited number in at a time."""

    __slots__ = ('_free', '_size', '_waiting')

    def __init__(self, size):
        # type: (int) -> None
        self._free = size
        self._size = self._free
        self._waiting = deque()     # type: deque

    def enter(self):
        # type: () -> Future
        """A Future that completes when it is the caller's turn."""
        if self._free:
            self._free -= 1
            return completed(None)
        turn = Future()
        self._waiting.append(turn)
        return turn

    def leave(self):
        # type: () -> None
        """Lets the next one in."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    def empty(self):
        # type: () -> bool
        """True if none is in, and none waits."""
        return self._free == self._size
