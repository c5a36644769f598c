# Copyright the carryall authors.  See LICENSE.
"""The relay: sends what is in the queue, tries again what fails for now, and tells the sender what
fails for good.

One try of a message goes to all of its domains; so many connections to one domain at a time, and so
many in all.  Between two tries the time doubles.  After ``warn_seconds`` the sender hears of the
delay once, after ``give_up_seconds`` of the end.

Tests:    tests/services/mail/test_mailrelay.py
"""
from __future__ import absolute_import, division, print_function

from collections import deque

from carryall.core.compat import FAILURES
from carryall.core.errors import CarryallError
from carryall.core.future import Future, Return, completed, coroutine
from carryall.core.logs import escape, get_logger
from carryall.protocols.smtp.client import Outgoing
from carryall.protocols.smtp.wire import SMTPError
from carryall.protocols.smtp.transfer import send_to_first
from carryall.services.mail.reports import DELAYED, DELIVERED, FAILED, RELAYED, Verdict
from carryall.services.mail.routes import NoMail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Tuple
    from carryall.protocols.smtp.transfer import Delivery
    from carryall.services.mail.envelope import Addressee
    from carryall.services.mail.queue import MailQueue, Waiting
    from carryall.services.mail.routes import Routes

__all__ = ['Relay', 'Schedule']

# -- limits ------------------------------------------------------------------
# until the second try; ours (RFC 5321 section 4.5.4.1: half an hour or more, but for the first)
FIRST_SECONDS = 300.0
MOST_SECONDS = 4 * 3600.0       # between two tries; ours
WARN_SECONDS = 4 * 3600.0       # ours
# until a mailbox of ours is tried again, where FIRST_SECONDS is more; ours
LOCAL_SECONDS = 15.0
GIVE_UP_SECONDS = 5 * 86400.0   # RFC 5321 section 4.5.4.1: four or five days
PER_DOMAIN = 5                  # connections to one domain; ours
AT_ONCE = 50                    # connections in all; ours

log = get_logger('mail.relay')


class Schedule(object):
    """When to try: see the limits of this module."""

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
        """Seconds until the next try after so many; *local*: if nobody but mailboxes of ours is
        left."""
        first = min(self.first, LOCAL_SECONDS) if local else self.first
        return min(self.most, first * 2 ** min(max(attempts, 1) - 1, 30))


class Relay(object):
    """Works off a queue.

    Args:     loop: of the service.
              queue: a MailQueue.
              routes: Routes.
              delivery: a Delivery, how to talk with other servers.
              schedule: a Schedule.
              tell: called with (waiting, message, verdicts): reports to the sender; a Future of
                  when that is safe.
              store: called on a thread with (parcel, addressee): delivers into a maildir what could
                  not be before.
              handed: {domain: target} of what is handed over, see handover.py.
    """

    def __init__(self, loop, queue, routes, delivery, schedule, tell, store, handed=None):
        # type: (Any, MailQueue, Routes, Delivery, Schedule, Callable[..., Future], Callable[..., Any], Any) -> None
        self._handed = handed or {}     # type: Dict[bytes, Any]
        self._loop = loop
        self._queue = queue
        self._routes = routes
        self._delivery = delivery
        self._schedule = schedule
        self._tell = tell
        self._store = store
        self._timers = {
            }           # type: Dict[str, Tuple[Any, Waiting]]  # name of a message -> (timer, it)
        self._trying = {}           # type: Dict[str, Waiting]
        self._gates = {}            # type: Dict[bytes, _Gate]  # domain -> the connections to it
        self._all = _Gate(schedule.at_once)
        self._stopping = None       # type: Optional[Future]

    def __len__(self):
        return len(self._timers) + len(self._trying)

    def add(self, waiting):
        # type: (Waiting) -> None
        """Try a message when it is due."""
        if self._stopping is not None or waiting.name in self._trying:
            return
        delay = max(0.0, waiting.due - self._loop.wall())
        self._timers[waiting.name] = self._loop.call_later(delay, self._try, waiting), waiting

    def flush(self, domain=None):
        # type: (Optional[bytes]) -> int
        """Try at once what waits, all or what is for one domain (ETRN); how many messages."""
        count = 0
        for name, (timer, waiting) in sorted(self._timers.items()):
            if domain is None or any(waiting.parcel.addressees[number].domain() == domain
                                     for number in waiting.left):
                timer.cancel()
                del self._timers[name]
                self._loop.call_soon(self._try, waiting)
                self._trying[name] = waiting
                count += 1
        return count

    def stop(self):
        # type: () -> Future
        """Begin no more tries; a Future of when the present ones are over."""
        for timer, _ in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._stopping = Future()
        if not self._trying:
            self._stopping.set_result(None)
        return self._stopping

    # -- one try -----------------------------------------------------------------------------------

    def _try(self, waiting):
        # type: (Waiting) -> None
        self._timers.pop(waiting.name, None)
        self._trying[waiting.name] = waiting
        self._attempt(waiting).add_done_callback(lambda done: self._tried(waiting, done))

    def _tried(self, waiting, done):
        # type: (Waiting, Future) -> None
        self._trying.pop(waiting.name, None)
        if done.exception() is not None:
            log.error('%s could not be tried: %r', waiting.name, done.exception())
            waiting.due = self._loop.wall() + self._schedule.wait(max(1, waiting.attempts))
            self.add(waiting)
        elif waiting.left:
            self.add(waiting)
        if self._stopping is not None and not self._trying and not self._stopping.done():
            self._stopping.set_result(None)

    @coroutine
    def _attempt(self, waiting):
        # type: (Waiting) -> Any
        """Send to all who are left, report, keep the state."""
        message = yield self._loop.run_in_thread(self._queue.message, waiting)
        waiting.attempts += 1
        groups = {}                 # type: Dict[bytes, List[int]]
        for number in waiting.left:
            to = waiting.parcel.addressees[number]
            groups.setdefault(b'' if to.folder is not None else to.domain(), []).append(number)
        asked = [(numbers, self._to_group(waiting, message, domain, numbers)) for domain,
                 numbers in sorted(groups.items())]
        verdicts, left = [], []     # type: List[Verdict], List[int]
        for numbers, future in asked:
            found = yield future
            for number, verdict in zip(numbers, found):
                if verdict.action == DELAYED:
                    left.append(number)
                verdicts.append(verdict)
        yield self._settle(waiting, message, verdicts, sorted(left))

    @coroutine
    def _settle(self, waiting, message, verdicts, left):
        # type: (Waiting, bytes, List[Verdict], List[int]) -> Any
        schedule, now = self._schedule, self._loop.wall()
        if left and now - waiting.parcel.arrived >= schedule.give_up:
            for verdict in verdicts:
                if verdict.action == DELAYED:
                    verdict.action, verdict.status = FAILED, b'4.4.7'
            left = []
        for verdict in verdicts:
            log.info('%s to %s: %s %s', waiting.name, escape(verdict.addressee.address),
                     escape(verdict.action), escape(verdict.told))
        news = [(FAILED, b'FAILURE'), (DELIVERED, b'SUCCESS'), (RELAYED, b'SUCCESS')]
        if left and not waiting.warned and now - waiting.parcel.arrived >= schedule.warn:
            waiting.warned = True
            news.append((DELAYED, b'DELAY'))
        for action, word in news:
            told = [verdict for verdict in verdicts if verdict.action == action
                    and verdict.addressee.wants(word)
                    and not (action == RELAYED and verdict.passed_on)]
            if told and waiting.parcel.sender:
                # The report is safe before the message goes: a crash between may tell twice, and
                # never not at all.
                try:
                    yield self._tell(waiting, message, told)
                except FAILURES as exc:
                    log.error('%s: the report to its sender cannot be stored: %r', waiting.name,
                              exc)
                    left = self._untold(waiting, left, action, told)
        addressees = waiting.parcel.addressees
        waiting.left = left
        waiting.due = now + schedule.wait(waiting.attempts,
                                          all(addressees[number].folder is not None
                                              for number in left))
        yield self._loop.run_in_thread(self._queue.save if left else self._queue.remove, waiting)

    @staticmethod
    def _untold(waiting, left, action, told):
        # type: (Waiting, List[int], bytes, List[Verdict]) -> List[int]
        """Who is left when a report could not be stored: those who failed do so once more, and
        nobody gets anything twice."""
        if action == DELAYED:
            waiting.warned = False
        if action != FAILED:
            return left
        failed = [id(verdict.addressee) for verdict in told]
        return sorted(left
                      + [number for number in waiting.left
                         if id(waiting.parcel.addressees[number]) in failed])

    @coroutine
    def _to_group(self, waiting, message, domain, numbers):
        # type: (Waiting, bytes, bytes, List[int]) -> Any
        """Send to the addressees of one domain (b'': those of our own maildirs); a Verdict for
        each."""
        addressees = [waiting.parcel.addressees[number] for number in numbers]
        if not domain:
            verdicts = yield self._loop.run_in_thread(self._to_maildirs, waiting, message,
                                                      addressees)
            raise Return(verdicts)
        gate = self._gates.setdefault(domain, _Gate(self._schedule.per_domain))
        yield gate.enter()
        try:
            yield self._all.enter()
            try:
                verdicts = yield self._to_domain(waiting, message, domain, addressees)
            finally:
                self._all.leave()
        finally:
            gate.leave()
            if gate.empty():
                self._gates.pop(domain, None)
        raise Return(verdicts)

    def _to_maildirs(self, waiting, message, addressees):
        # type: (Waiting, bytes, List[Addressee]) -> List[Verdict]
        """On a thread."""
        parcel = waiting.parcel.with_addressees(addressees)
        parcel.message = message
        verdicts = []
        for addressee in addressees:
            try:
                self._store(parcel, addressee, True)
                verdicts.append(Verdict(addressee, DELIVERED))
            except FAILURES as exc:
                log.error('%s cannot be stored in %s: %r', waiting.name, addressee.folder, exc)
                verdicts.append(Verdict(addressee, DELAYED, b'The mailbox cannot be written',
                                        b'4.3.0'))
        return verdicts

    @coroutine
    def _to_domain(self, waiting, message, domain, addressees):
        # type: (Waiting, bytes, bytes, List[Addressee]) -> Any
        parcel = waiting.parcel
        try:
            mail = Outgoing(parcel.sender, [to.address for to in addressees], message, parcel.utf8,
                            parcel.binary,
                            parcel.ret or None, parcel.envid or None,
                            [to.notify or None for to in addressees],
                            [to.orcpt or None for to in addressees])
            if domain in self._handed:
                judge = lambda to, reply: _from_reply(to, reply, domain, mail.dsn)
                verdicts = yield self._handed[domain].take(self._loop, mail, addressees, judge)
                raise Return(verdicts)
            places = yield self._routes.find(self._loop, domain)
            outcome = yield send_to_first(self._loop, places, [mail], self._delivery)
        except NoMail as exc:
            raise Return([Verdict(to, FAILED, exc.message.encode('utf-8'), b'5.1.2')
                          for to in addressees])
        except SMTPError as exc:
            raise Return([_from_error(to, exc, domain) for to in addressees])
        except CarryallError as exc:
            raise Return([Verdict(to, DELAYED, exc.message.encode('utf-8'), b'4.4.1')
                          for to in addressees])
        raise Return([_from_reply(to, reply, domain, mail.dsn) for to,
                      reply in zip(addressees, outcome[0])])


def _from_error(addressee, exc, domain):
    # type: (Addressee, Any, bytes) -> Verdict
    reply = exc.reply
    if reply is not None:
        return _from_reply(addressee, reply, domain)
    return Verdict(addressee, FAILED if exc.permanent else DELAYED, exc.message.encode('utf-8'),
                   b'5.4.0' if exc.permanent else b'4.4.2')


def _from_reply(addressee, reply, domain, passed_on=False):
    # type: (Addressee, Any, bytes, bool) -> Verdict
    action = RELAYED if reply.code < 300 else FAILED if reply.permanent else DELAYED
    status = reply.enhanced if reply.enhanced[:1] == {RELAYED: b'2', FAILED: b'5',
                                                      DELAYED: b'4'}[action] else b''
    return Verdict(addressee, action, reply.wire(), status, domain, passed_on)


class _Gate(object):
    """Lets so many in at a time."""

    __slots__ = ('_free', '_size', '_waiting')

    def __init__(self, size):
        # type: (int) -> None
        self._free = self._size = size
        self._waiting = deque()     # type: deque

    def enter(self):
        # type: () -> Future
        """A Future of when it is our turn."""
        if self._free:
            self._free -= 1
            return completed(None)
        turn = Future()
        self._waiting.append(turn)
        return turn

    def leave(self):
        # type: () -> None
        """The next one."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    def empty(self):
        # type: () -> bool
        """Whether nobody is in, and nobody waits."""
        return self._free == self._size
