# Copyright the carryall authors.  See LICENSE.
"""Delivery: makes messages durable many at a time, then puts them into maildirs and the queue.

    delivery.accept(envelope, reply)        a Future of *reply*: once it is there, the message
                                            survives the end of this process

One batch is worked on at a time; messages that arrive meanwhile make the next one.  While the disk
is slow, more messages therefore share one fsync (group commit), and none waits for more than two.

    accepted -> in the journal, on the disk -> answered 250 -> in maildirs and the queue -> noted

Without a journal the order is: in maildirs and the queue -> answered 250.  A crash of the machine
may then lose the messages of the last half minute; a crash of the process loses none.

A message that was accepted and cannot be delivered (the disk is full) stays in the journal and is
tried again until it can.

Threads wait for the disk.  Small messages go into maildirs on the loop.  The system only takes a
copy, which is faster than handing the work to a thread and back.  If it proves slow (a remote file
system), threads do it for a while.

Tests:    tests/services/mail/test_delivery.py, tests/services/mail/test_stuck.py
"""
from __future__ import absolute_import, division, print_function

from collections import OrderedDict

from carryall.core.compat import FAILURES
from carryall.core.errors import CarryallError
from carryall.core.files.plainfile import is_full
from carryall.core.future import Future, completed, failed
from carryall.core.logs import get_logger
from carryall.core.net.deadlines import NEVER
from carryall.formernames import former_class
from carryall.protocols.smtp import NotTaken
from carryall.services.mail.envelope import Envelope
from carryall.services.mail.mailheaders import stored

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple
    from carryall.services.mail.domains import Domains
    from carryall.services.mail.envelope import Addressee
    from carryall.services.mail.journal import Journal
    from carryall.services.mail.queue import MailQueue, QueueEntry

__all__ = ['Delivery', 'NotTaken']

# -- limits ------------------------------------------------------------------
MAX_BATCH = 200             # messages of a batch; the first one waits for the last one
MAX_BATCH_BYTES = 32 << 20  # octets of a batch
QUIET_SECONDS = 3.0         # after the last message, before the journal is cleared
MAX_AT_ONCE = 1 << 20       # octets of all copies of messages that are written on the loop
MAX_COPIES = 200            # and the number of copies
SLOW_SECONDS = 0.05         # a delivery on the loop that takes longer shows a slow file system
SLOW_FOR = 60.0             # seconds for which threads then deliver
# Seconds until messages that stay in the journal are tried again; doubled after each vain try.
RETRY_SECONDS = 1.0
MAX_RETRY_SECONDS = 30.0
FEW = 5                     # messages that fail in one such try before it ends

FULL = b'452 4.3.1 Insufficient system storage, try again later'

log = get_logger('mail.delivery')


class _Stuck(CarryallError):
    """A message cannot be delivered or queued now.

    Attributes:
        left: the addressees that have not got it.
    """

    def __init__(self, left, cause):
        # type: (List[Addressee], BaseException) -> None
        CarryallError.__init__(self, u'it can be neither delivered nor queued', cause)
        self.left = left


class _Accepting(object):
    """A message that is about to be accepted: its Envelope, and the Future of its reply."""

    __slots__ = ('envelope', 'future', 'reply')

    def __init__(self, envelope, reply):
        # type: (Envelope, Any) -> None
        self.envelope = envelope
        self.future = Future()
        self.reply = reply


class Delivery(object):
    """The delivery of all servers of a service.

    Args:     loop: of the service.
              domains: Domains.
              queue: a MailQueue.
              journal: a Journal; None: no durability.
              queued: called on the loop with each QueueEntry that was added to the queue.

    Attributes:
        accepted: the number of messages so far.
    """

    def __init__(self, loop, domains, queue, journal, queued):
        # type: (Any, Domains, MailQueue, Optional[Journal], Callable[[QueueEntry], None]) -> None
        self.accepted = 0
        self._loop = loop
        self._domains = domains
        self._queue = queue
        self._journal = journal
        self._queued = queued
        self._waiting = []          # type: List[_Accepting]
        self._busy = False
        # Loop time until which threads deliver.
        self._slow_until = loop.time() if domains.quick else NEVER
        self._dropping = False
        self._timer = None          # type: Any
        # Serial number of each message that stays in the journal -> the addressees that have not
        # got it (None: all), and the files that it became.  Used by the present batch alone.
        self._stuck = OrderedDict()  # type: Dict[int, Tuple[Optional[List[Addressee]], List[str]]]
        self._retry_timer = None    # type: Any
        self._retry_due = False
        self._retry_wait = RETRY_SECONDS
        # Completes once nothing is under way, for ``stop()``.
        self._idle = None           # type: Optional[Future]

    def recover(self):
        # type: () -> List[QueueEntry]
        """Delivers messages that were accepted before a crash; returns those that were queued.

        It blocks, and is called before anything else.
        """
        journal = self._journal
        if journal is None:
            return []
        left = journal.recover()
        if left:
            log.info('delivering %d messages that the last run had accepted', len(left))
        queued = self._deliver_all([(serial, envelope) for serial, envelope in left], True)
        journal.end_file()
        finished = journal.finished()
        journal.drop(finished)
        journal.dropped(finished)
        self._plan_retry()
        return queued

    # -- accepting -----------------------------------------------------------

    def accept(self, envelope, reply=None):
        # type: (Envelope, Any) -> Future
        """Accepts a message; a Future of *reply*, which fails with NotTaken."""
        if self._journal is None and not self._busy and self._is_quick([envelope]):
            return self._accept_at_once(envelope, reply)
        accepting = _Accepting(envelope, reply)
        self._waiting.append(accepting)
        if not self._busy:
            self._busy = True
            # On the next turn: other messages of this one join the batch.
            self._loop.call_soon(self._begin)
        return accepting.future

    def _is_quick(self, envelopes):
        # type: (Sequence[Envelope]) -> bool
        """True if they can be delivered on the loop: into maildirs alone, few octets and copies."""
        if self._slow_until > self._loop.time():
            return False
        octets = 0
        copies = 0
        for envelope in envelopes:
            for addressee in envelope.addressees:
                if addressee.queued:
                    return False
            count = len(envelope.addressees)
            copies += count
            octets += len(envelope.message) * count
        return copies <= MAX_COPIES and octets <= MAX_AT_ONCE

    def _timed(self, deliver, *args):
        # type: (Callable[..., Any], *Any) -> Any
        """Delivers on the loop, and notes whether that was slow."""
        begun = self._loop.time()
        try:
            return deliver(*args)
        finally:
            ended = self._loop.time()
            if ended - begun > SLOW_SECONDS:
                self._slow_until = ended + SLOW_FOR

    def _accept_at_once(self, envelope, reply):
        # type: (Envelope, Any) -> Future
        try:
            entry = self._timed(self._deliver, envelope, [], False)
        except FAILURES as exc:
            return failed(_not_taken(1, exc))
        self.accepted += 1
        if entry is not None:
            self._queued(entry)
        return completed(reply)

    def _begin(self):
        # type: () -> None
        """Begins with the next batch."""
        count = 0
        size = 0
        while count < len(self._waiting) and count < MAX_BATCH and size < MAX_BATCH_BYTES:
            size += len(self._waiting[count].envelope.message)
            count += 1
        batch = self._waiting[:count]
        self._waiting = self._waiting[count:]
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        envelopes = [accepting.envelope for accepting in batch]
        if self._journal is None:
            self._store(batch, [(None, envelope) for envelope in envelopes])
        else:
            self._loop.run_in_thread(self._journal.accept, envelopes).add_done_callback(
                lambda done: self._journalled(batch, envelopes, done))

    def _journalled(self, batch, envelopes, done):
        # type: (List[_Accepting], List[Envelope], Future) -> None
        """Answers the clients, for the messages are on the disk, and delivers them."""
        if done.exception() is not None:
            self._refuse(batch, done.exception())
            self._go_on()
            return
        self._answer(batch)
        self._store(batch, list(zip(done.result(), envelopes)))

    def _store(self, batch, numbered):
        # type: (List[_Accepting], List[Tuple[Optional[int], Envelope]]) -> None
        """Delivers envelopes with their serial numbers, here or on a thread."""
        if self._is_quick([envelope for _, envelope in numbered]):
            try:
                done = completed(self._timed(self._deliver_all, numbered, False))
            except FAILURES as exc:
                done = failed(exc)
            self._stored(batch, done)
        else:
            self._loop.run_in_thread(self._deliver_all, numbered, False).add_done_callback(
                lambda done: self._stored(batch, done))

    def _stored(self, batch, done):
        # type: (List[_Accepting], Future) -> None
        if done.exception() is not None:
            self._refuse(batch, done.exception())
        else:
            if self._journal is None:
                self._answer(batch)
            else:
                self._drop()
                self._plan_retry()
            for entry in done.result():
                self._queued(entry)
        self._go_on()

    def _answer(self, batch):
        # type: (List[_Accepting]) -> None
        self.accepted += len(batch)
        for accepting in batch:
            if not accepting.future.done():
                accepting.future.set_result(accepting.reply)

    def _refuse(self, batch, fault):
        # type: (List[_Accepting], BaseException) -> None
        refusal = _not_taken(len(batch), fault)
        for accepting in batch:
            if not accepting.future.done():
                accepting.future.set_exception(refusal)

    def _go_on(self):
        # type: () -> None
        """Continues with what is due after a batch."""
        if self._retry_due:
            self._retry()
            return
        if self._waiting:
            self._begin()
            return
        self._busy = False
        self._rest()

    # -- delivering ----------------------------------------------------------

    def _deliver_all(self, numbered, again):
        # type: (List[Tuple[Optional[int], Envelope]], bool) -> List[QueueEntry]
        """Delivers envelopes; returns those that went into the queue.

        Without a journal, errors propagate; with one, failed messages wait in the queue, or stay in
        the journal.
        """
        finished = []               # type: List[Tuple[int, List[str]]]
        queued = []                 # type: List[QueueEntry]
        for serial, envelope in numbered:
            paths = []              # type: List[str]
            try:
                entry = self._deliver(envelope, paths, again)
            except FAILURES as exc:
                if serial is None:
                    raise
                log.error('%s stays in the journal and is tried again: %r', envelope.name,
                          _cause(exc))
                self._stuck[serial] = _left(exc, None), paths
                continue
            if entry is not None:
                queued.append(entry)
            if serial is not None:
                finished.append((serial, paths))
        if finished:
            self._note(finished)
        return queued

    def _note(self, finished):
        # type: (List[Tuple[int, List[str]]]) -> None
        """Notes delivered messages in the journal: serial numbers, and the files they became."""
        try:
            self._journal.done(finished)        # type: ignore
        except (IOError, OSError) as exc:
            # Until this can be noted, a start looks for the messages, and finds them delivered.
            log.error('the journal cannot be written: %r', exc)

    def _deliver(self, envelope, paths, again):
        # type: (Envelope, List[str], bool) -> Optional[QueueEntry]
        """Delivers a message, and queues it for addressees that must wait.

        Args:     paths: gets the files that the message became.
                  again: the message may have been delivered before a crash.
        Returns:  the entry of the queue, or None.
        """
        left = []
        for addressee in envelope.addressees:
            if addressee.queued:
                left.append(addressee)
                continue
            try:
                paths.append(self.deliver_one(envelope, addressee, again))
            except FAILURES as exc:
                log.error('%s cannot be stored in %s and is tried again: %r', envelope.name,
                          addressee.folder, exc)
                left.append(addressee)
        if not left:
            return None
        try:
            entry, path = self._queue.put(envelope.with_addressees(left))
        except FAILURES as exc:
            raise _Stuck(left, exc)
        paths.append(path)
        return entry

    def deliver_one(self, envelope, addressee, again):
        # type: (Envelope, Addressee, bool) -> str
        """Stores a message for one addressee; returns the path of the file.  It blocks."""
        data, size = stored(envelope.message, envelope.sender, addressee.address)
        # Only BINARYMIME may have a lone line end: elsewhere the size on the wire is known.
        known = None if envelope.binary else size
        maildir = self._domains.maildir(addressee.folder)
        return maildir.deliver(envelope.name, data, again, known)

    # -- messages that stay in the journal -----------------------------------

    def _plan_retry(self):
        # type: () -> None
        if self._stuck and self._retry_timer is None and not self._retry_due and self._idle is None:
            self._retry_timer = self._loop.call_later(self._retry_wait, self._begin_retry)

    def _begin_retry(self):
        # type: () -> None
        self._retry_timer = None
        if self._busy:
            self._retry_due = True          # behind the present batch
            return
        self._busy = True
        self._retry()

    def _retry(self):
        # type: () -> None
        self._retry_due = False
        self._loop.run_in_thread(self._retry_some).add_done_callback(self._retried)

    def _retry_some(self):
        # type: () -> Tuple[int, List[QueueEntry]]
        """Delivers messages that stay in the journal, until too many fail.

        Returns:  (how many were delivered, those of them that were queued).
        """
        finished = []                       # type: List[Tuple[int, List[str]]]
        queued = []                         # type: List[QueueEntry]
        fault = None                        # type: Any
        failures = 0
        for serial in list(self._stuck)[:MAX_BATCH]:
            left, paths = self._stuck.pop(serial)
            try:
                entry = self._deliver(self._read_stuck(serial, left), paths, True)
            except FAILURES as exc:
                # Behind the others: one that never succeeds must not keep them waiting.
                self._stuck[serial] = _left(exc, left), paths
                fault = exc
                failures += 1
                if failures >= FEW:
                    break
                continue
            finished.append((serial, paths))
            if entry is not None:
                queued.append(entry)
        if failures:
            log.error('%d messages stay in the journal, deliveries still fail: %r',
                      len(self._stuck), _cause(fault))
        self._note(finished)
        self._carry_held()
        return len(finished), queued

    def _carry_held(self):
        # type: () -> None
        """Moves stuck messages to the present file, if they keep too much of the journal."""
        journal = self._journal             # type: Any
        for serial in journal.held():
            if serial not in self._stuck:
                continue
            left, paths = self._stuck.pop(serial)
            try:
                serial = journal.carry(serial, self._read_stuck(serial, left), paths)
                paths = []
            except FAILURES as exc:
                log.error('the journal cannot be written: %r', exc)
            self._stuck[serial] = left, paths

    def _read_stuck(self, serial, left):
        # type: (int, Optional[List[Addressee]]) -> Envelope
        envelope = self._journal.envelope(serial)       # type: ignore
        return envelope if left is None else envelope.with_addressees(left)

    def _retried(self, done):
        # type: (Future) -> None
        count = 0
        queued = []                         # type: List[QueueEntry]
        if done.exception() is not None:
            log.error('the journal cannot be worked on: %r', done.exception())
        else:
            count, queued = done.result()
        self._retry_wait = RETRY_SECONDS if count else min(MAX_RETRY_SECONDS, self._retry_wait * 2)
        if count:
            log.info('%d messages that stayed in the journal are delivered, %d are left', count,
                     len(self._stuck))
        for entry in queued:
            self._queued(entry)
        self._drop()
        self._plan_retry()
        self._go_on()

    # -- the end of the journal ----------------------------------------------

    def _drop(self):
        # type: () -> None
        """Removes journal files once the delivery of their messages is surely on the disk."""
        journal = self._journal             # type: Any
        files = journal.finished() if not self._dropping else ()
        if not files:
            return
        self._dropping = True

        def dropped(done):
            # type: (Future) -> None
            self._dropping = False
            if done.exception() is None:
                journal.dropped(files)
            else:
                log.error('the journal could not be cleared: %r', done.exception())
            self._rest()

        self._loop.run_in_thread(journal.drop, files).add_done_callback(dropped)

    def _rest(self):
        # type: () -> None
        """Plans to clear the journal, for no message waits; at once if the service stops."""
        if self._busy or self._dropping:
            return
        if self._journal is not None and self._journal.is_begun():
            if self._idle is not None:
                self._clear()
            elif self._timer is None:
                self._timer = self._loop.call_later(QUIET_SECONDS, self._clear)
        elif self._idle is not None and not self._idle.done():
            self._idle.set_result(None)

    def _clear(self):
        # type: () -> None
        self._timer = None
        if self._busy or self._journal is None:
            return
        if self._stuck and self._idle is None:
            return                  # no file would go: the present one stays in use
        self._journal.end_file()
        self._drop()
        self._rest()

    def stop(self):
        # type: () -> Future
        """Finishes what was accepted; a Future of None."""
        self._idle = Future()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._retry_timer is not None:
            self._retry_timer.cancel()
            self._retry_timer = None
        self._rest()
        return self._idle if not self._idle.done() else completed(None)


def _left(exc, left):
    # type: (BaseException, Optional[List[Addressee]]) -> Optional[List[Addressee]]
    """The addressees that have not got a message, after another try."""
    return exc.left if isinstance(exc, _Stuck) else left


def _cause(exc):
    # type: (Any) -> Any
    return exc.cause if isinstance(exc, _Stuck) else exc


def _not_taken(count, fault):
    # type: (int, BaseException) -> NotTaken
    """The error of so many messages that could not be stored; it is logged."""
    log.error('%d messages could not be stored: %r', count, _cause(fault))
    reply = FULL if is_full(_cause(fault)) else None
    return NotTaken(u'the message could not be stored', reply, fault)


# -- former names ------------------------------------------------------------

Office = former_class('carryall.services.mail.delivery.Office', Delivery)
