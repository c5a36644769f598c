# Copyright the carryall authors.  See LICENSE.
"""The office: takes parcels, makes them durable many at a time, delivers them into maildirs, and
queues what goes out.

    office.take(parcel, reply)      a Future of *reply*: from then on the message is ours, whatever happens to this process

One job at a time is worked on: parcels that arrive meanwhile make the next one.  So while the disk
is slow, more messages share one fsync (group commit), and nobody waits for more than two.

    accepted -> in the journal, on the disk -> answered 250 -> in maildirs and the queue -> noted as
    done

Without durability the order is: in maildirs and the queue -> answered 250; a crash of the machine
may then lose what was answered in the last half minute, a crash of the process nothing.

A message that was accepted and can go nowhere (the disk is full) stays in the journal, and is tried
again until it can.

The disk is waited for on a thread.  Small messages go into maildirs on the loop: the system only
takes a copy, in less time than two threads need to agree on who goes on.  Where that is not so (the
folder lies on another machine, say) threads have the work for a while.

Tests:    tests/services/mail/test_delivery.py
"""
from __future__ import absolute_import, division, print_function

from collections import OrderedDict

from carryall.core.compat import FAILURES
from carryall.core.net.deadlines import NEVER
from carryall.core.errors import CarryallError
from carryall.core.future import Future, completed, failed
from carryall.core.logs import get_logger
from carryall.core.files.plainfile import is_full
from carryall.protocols.smtp.session import NotTaken
from carryall.services.mail.mailheaders import stored
from carryall.services.mail.envelope import Parcel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple
    from carryall.services.mail.domains import Domains
    from carryall.services.mail.journal import Journal
    from carryall.services.mail.envelope import Addressee
    from carryall.services.mail.queue import MailQueue, Waiting

__all__ = ['NotTaken', 'Office']

# -- limits ------------------------------------------------------------------
MAX_BATCH = 200             # parcels of one job; ours: with its last one the first waits too
MAX_BATCH_BYTES = 32 << 20  # octets of them; ours
QUIET_SECONDS = 3.0         # after the last parcel, before the journal is cleared; ours
# octets that are written on the loop, of all copies of the messages; ours
MAX_AT_ONCE = 1 << 20
MAX_COPIES = 200            # and how many copies; ours
SLOW_SECONDS = 0.05         # what takes longer shows that the file system is slow; ours
SLOW_FOR = 60.0             # seconds that this is then taken for granted; ours

# until what stays in the journal is tried again; doubled each time that nothing could be done; ours
RETRY_SECONDS = 1.0
MAX_RETRY_SECONDS = 30.0    # ours
FEW = 5                     # messages that fail in one such try before it ends; ours
FULL = b'452 4.3.1 Insufficient system storage, try again later'

log = get_logger('mail.office')


class _Stuck(CarryallError):
    """A message can go nowhere for now; ``left`` are the addressees that have not got it."""

    def __init__(self, left, cause):
        # type: (List[Addressee], BaseException) -> None
        CarryallError.__init__(self, u'it can go nowhere for now', cause)
        self.left = left


class Office(object):
    """One for all servers of a service.

    Args:     loop: of the service.
              domains: Domains.
              queue: a MailQueue.
              journal: a Journal; None: without durability.
              queued: called on the loop with each Waiting that was added to the queue.

    Attributes:
        taken: how many parcels there were.
    """

    def __init__(self, loop, domains, queue, journal, queued):
        # type: (Any, Domains, MailQueue, Optional[Journal], Callable[[Waiting], None]) -> None
        self.taken = 0
        self._loop = loop
        self._domains = domains
        self._queue = queue
        self._journal = journal
        self._queued = queued
        self._waiting = []          # type: List[Tuple[Parcel, Future, Any]]
        self._busy = False
        # until then threads deliver
        self._slow_until = loop.time() if domains.quick else NEVER
        self._dropping = False
        self._timer = None          # type: Any
        # Serial number of each message that stays in the journal -> who has not got it (None:
        # nobody has), and the files that it became.  Belongs to the job at hand.
        self._stuck = OrderedDict(
            )     # type: Dict[int, Tuple[Optional[List[Addressee]], List[str]]]
        self._retry_timer = None    # type: Any
        self._retry_due = False
        self._retry_wait = RETRY_SECONDS
        self._idle = None           # type: Optional[Future]  # completes when nothing is under way, for ``stop()``

    def recover(self):
        # type: () -> List[Waiting]
        """Deliver what was accepted before a crash; what went into the queue.  It blocks, and is
        called before anything else."""
        journal = self._journal
        if journal is None:
            return []
        left = journal.recover()
        if left:
            log.info('%d messages were accepted and not delivered when the last run ended; they '
                     'are now', len(left))
        queued = self._deliver_all([(serial, parcel) for serial, parcel in left], True)
        journal.end_file()
        over = journal.finished()
        journal.drop(over)
        journal.dropped(over)
        self._plan_retry()
        return queued

    # -- taking ------------------------------------------------------------------------------------

    def take(self, parcel, reply=None):
        # type: (Parcel, Any) -> Future
        """Take a parcel; a Future of *reply*, which fails with NotTaken."""
        if self._journal is None and not self._busy and self._is_quick([parcel]):
            return self._take_at_once(parcel, reply)
        future = Future()
        self._waiting.append((parcel, future, reply))
        if not self._busy:
            self._busy = True
            # On the next turn: what has come in this one goes along.
            self._loop.call_soon(self._begin)
        return future

    def _is_quick(self, parcels):
        # type: (Sequence[Parcel]) -> bool
        """Whether they can be delivered on the loop: they go into maildirs alone, and have few
        octets and addressees."""
        if self._slow_until > self._loop.time():
            return False
        octets = copies = 0
        for parcel in parcels:
            for addressee in parcel.addressees:
                if addressee.queued:
                    return False
            count = len(parcel.addressees)
            copies += count
            octets += len(parcel.message) * count
        return copies <= MAX_COPIES and octets <= MAX_AT_ONCE

    def _quickly(self, deliver, what, *more):
        # type: (Callable[..., Any], Any, *Any) -> Any
        """Deliver on the loop, and note whether that was quick."""
        begun = self._loop.time()
        try:
            return deliver(what, *more)
        finally:
            ended = self._loop.time()
            if ended - begun > SLOW_SECONDS:
                self._slow_until = ended + SLOW_FOR

    def _take_at_once(self, parcel, reply):
        # type: (Parcel, Any) -> Future
        try:
            waiting = self._quickly(self._deliver, parcel, [], False)
        except FAILURES as exc:
            return failed(_not_taken([parcel], exc))
        self.taken += 1
        if waiting is not None:
            self._queued(waiting)
        return completed(reply)

    def _begin(self):
        # type: () -> None
        batch, size = 0, 0
        while batch < len(self._waiting) and batch < MAX_BATCH and size < MAX_BATCH_BYTES:
            size += len(self._waiting[batch][0].message)
            batch += 1
        job, self._waiting = self._waiting[:batch], self._waiting[batch:]
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        parcels = [row[0] for row in job]
        if self._journal is None:
            self._store(job, [(None, parcel) for parcel in parcels])
        else:
            self._loop.run_in_thread(self._journal.accept, parcels).add_done_callback(
                lambda done: self._journalled(job, parcels, done))

    def _journalled(self, job, parcels, done):
        # type: (List[Any], List[Parcel], Future) -> None
        """They are on the disk, if nothing was wrong: the clients need not wait for the rest."""
        if done.exception() is not None:
            self._refuse(job, done.exception())
            self._go_on()
            return
        self._accepted(job)
        self._store(job, list(zip(done.result(), parcels)))

    def _store(self, job, rows):
        # type: (List[Any], List[Tuple[Optional[int], Parcel]]) -> None
        """Deliver (serial number, parcel), here or on a thread."""
        if self._is_quick([row[1] for row in rows]):
            try:
                done = completed(self._quickly(self._deliver_all, rows, False))
            except FAILURES as exc:
                done = failed(exc)
            self._stored(job, done)
        else:
            self._loop.run_in_thread(self._deliver_all, rows,
                                     False).add_done_callback(lambda done: self._stored(job, done))

    def _stored(self, job, done):
        # type: (List[Any], Future) -> None
        if done.exception() is not None:
            self._refuse(job, done.exception())
        else:
            if self._journal is None:
                self._accepted(job)
            else:
                self._drop()
                self._plan_retry()
            for waiting in done.result():
                self._queued(waiting)
        self._go_on()

    def _accepted(self, job):
        # type: (List[Tuple[Parcel, Future, Any]]) -> None
        self.taken += len(job)
        for _, future, reply in job:
            if not future.done():
                future.set_result(reply)

    def _refuse(self, job, fault):
        # type: (List[Tuple[Parcel, Future, Any]], BaseException) -> None
        refusal = _not_taken(job, fault)
        for _, future, _ in job:
            if not future.done():
                future.set_exception(refusal)

    def _go_on(self):
        # type: () -> None
        if self._retry_due:
            self._retry()
            return
        if self._waiting:
            self._begin()
            return
        self._busy = False
        self._rest()

    # -- delivery ----------------------------------------------------------------------------------

    def _deliver_all(self, parcels, again):
        # type: (List[Tuple[Optional[int], Parcel]], bool) -> List[Waiting]
        """Put parcels where they belong; what went into the queue.

        Without a journal, errors propagate; with one, failed messages wait in the queue, or stay in
        the journal.
        """
        rows, queued = [], []       # type: List[Tuple[int, List[str]]], List[Waiting]
        for serial, parcel in parcels:
            paths = []              # type: List[str]
            try:
                waiting = self._deliver(parcel, paths, again)
            except FAILURES as exc:
                if serial is None:
                    raise
                log.error('%s stays in the journal and is tried again: %r', parcel.name,
                          _cause(exc))
                self._stuck[serial] = _left(exc, None), paths
                continue
            if waiting is not None:
                queued.append(waiting)
            if serial is not None:
                rows.append((serial, paths))
        if rows:
            self._note(rows)
        return queued

    def _note(self, rows):
        # type: (List[Tuple[int, List[str]]]) -> None
        try:
            self._journal.done(rows)        # type: ignore
        # until it can be, they will be looked for after a start, and be there
        except (IOError, OSError) as exc:
            log.error('the journal cannot be written: %r', exc)

    def _deliver(self, parcel, paths, again):
        # type: (Parcel, List[str], bool) -> Optional[Waiting]
        left = []
        for addressee in parcel.addressees:
            if addressee.queued:
                left.append(addressee)
                continue
            try:
                paths.append(self.deliver_one(parcel, addressee, again))
            except FAILURES as exc:
                log.error('%s cannot be stored in %s and is tried again: %r', parcel.name,
                          addressee.folder, exc)
                left.append(addressee)
        if not left:
            return None
        try:
            waiting, path = self._queue.put(parcel.with_addressees(left))
        except FAILURES as exc:
            raise _Stuck(left, exc)
        paths.append(path)
        return waiting

    def deliver_one(self, parcel, addressee, again):
        # type: (Parcel, Addressee, bool) -> str
        """Store a message for one addressee; the path of the file.  It blocks."""
        data, size = stored(parcel.message, parcel.sender, addressee.address)
        # A line end may stand alone in BINARYMIME, and in nothing else that was taken.
        return self._domains.maildir(addressee.folder).deliver(parcel.name, data, again,
                                                               None if parcel.binary else size)

    # -- what stays in the journal -----------------------------------------------------------------

    def _plan_retry(self):
        # type: () -> None
        if self._stuck and self._retry_timer is None and not self._retry_due and self._idle is None:
            self._retry_timer = self._loop.call_later(self._retry_wait, self._begin_retry)

    def _begin_retry(self):
        # type: () -> None
        self._retry_timer = None
        if self._busy:
            self._retry_due = True          # behind the job at hand
            return
        self._busy = True
        self._retry()

    def _retry(self):
        # type: () -> None
        self._retry_due = False
        self._loop.run_in_thread(self._retry_some).add_done_callback(self._retried)

    def _retry_some(self):
        # type: () -> Tuple[int, List[Waiting]]
        """Deliver what stays in the journal, as far as it goes: how many messages went, and what is
        in the queue of them."""
        journal = self._journal             # type: Any
        rows, queued, failures = [], [], 0  # type: List[Tuple[int, List[str]]], List[Waiting], int
        fault = None                        # type: Any
        for serial in list(self._stuck)[:MAX_BATCH]:
            left, paths = self._stuck.pop(serial)
            try:
                waiting = self._deliver(self._unstuck(serial, left), paths, True)
            except FAILURES as exc:
                # Behind the others: one that can never go must not keep them.
                self._stuck[serial] = _left(exc, left), paths
                fault = exc
                failures += 1
                if failures >= FEW:
                    break
                continue
            rows.append((serial, paths))
            if waiting is not None:
                queued.append(waiting)
        if failures:
            log.error('%d messages stay in the journal, for what is tried still fails: %r',
                      len(self._stuck), _cause(fault))
        self._note(rows)
        for serial in journal.held():
            if serial not in self._stuck:
                continue
            left, paths = self._stuck.pop(serial)
            try:
                serial, paths = journal.carry(serial, self._unstuck(serial, left), paths), []
            except FAILURES as exc:
                log.error('the journal cannot be written: %r', exc)
            self._stuck[serial] = left, paths
        return len(rows), queued

    def _unstuck(self, serial, left):
        # type: (int, Optional[List[Addressee]]) -> Parcel
        parcel = self._journal.parcel(serial)       # type: ignore
        return parcel if left is None else parcel.with_addressees(left)

    def _retried(self, done):
        # type: (Future) -> None
        if done.exception() is not None:
            log.error('the journal cannot be worked on: %r', done.exception())
        count, queued = (0,
                         [
                             ]) if done.exception(
                                 ) is not None else done.result()      # type: int, List[Waiting]
        self._retry_wait = RETRY_SECONDS if count else min(MAX_RETRY_SECONDS, self._retry_wait * 2)
        if count:
            log.info('%d messages that stayed in the journal are delivered, %d are left', count,
                     len(self._stuck))
        for waiting in queued:
            self._queued(waiting)
        self._drop()
        self._plan_retry()
        self._go_on()

    # -- the journal's end -------------------------------------------------------------------------

    def _drop(self):
        # type: () -> None
        """Let go of journal files whose messages are delivered, when that is surely on the disk;
        one job at a time."""
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
        """Nothing waits: in a while, or at once if the service stops, the journal is cleared."""
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
            return                  # no file would go: the present one serves on
        self._journal.end_file()
        self._drop()
        self._rest()

    def stop(self):
        # type: () -> Future
        """Finish what was taken; a Future of None."""
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


def _not_taken(job, fault):
    # type: (Sequence[Any], BaseException) -> NotTaken
    """The error of messages that could not be stored; it is logged."""
    log.error('%d messages could not be stored: %r', len(job), _cause(fault))
    return NotTaken(u'the message could not be stored', FULL if is_full(_cause(fault)) else None,
                    fault)
