# Copyright the carryall authors.  See LICENSE.
"""Incoming calls: the calls that the peer makes on one connection, from message to answer.

Wire:     received: ['message', request, object, method, wants answer, args, kwargs], or
          'cachemessage' with the same; sent, now or later: ['answer', request, value] or
          ['error', request, failure].
Limits:   calls under way, and calls in a second; see settings.py.
Tests:    tests/protocols/pb/test_broker.py, test_hostile.py, test_failures.py
"""
from __future__ import absolute_import, division, print_function

import sys

from carryall.core.compat import FAILURES, int_types, is_awaitable
from carryall.core.errors import RemoteProtocolError
from carryall.core.future import Future, as_future
from carryall.core.logs import get_logger
from carryall.core.ratelimit import RateLimit
from carryall.protocols.pb.banana import LIST_HEADS, encode_int
from carryall.protocols.pb.failures import FAILURE_TAG, PBError, NoSuchMethod, failure_state
from carryall.protocols.pb.security import InsecureJelly, native_name

__all__ = ['IncomingCalls']

# Types of results that cannot be a Future.
_PLAIN = frozenset((type(None), bool, int, float, bytes, type(u''), list, tuple, dict))

log = get_logger('pb')


class IncomingCalls(object):
    """The calls that the peer of one broker makes.

    Args:     tells: exception classes whose text is sent to the peer; of ``PBError`` always.
              unsafe_tracebacks: send texts and tracebacks of all exceptions.
              scoped: references that arrive as arguments end with their call, unless kept.

    Attributes:
        under_way: the number of calls that are not answered yet.
    """

    __slots__ = ('under_way', '_broker', '_tells', '_unsafe', '_scoped', '_rate')

    def __init__(self, broker, tells, unsafe_tracebacks, scoped):
        # type: (Any, Sequence[Any], bool, bool) -> None
        self.under_way = 0
        self._broker = broker
        self._tells = tuple(tells)
        self._unsafe = unsafe_tracebacks
        self._scoped = scoped
        self._rate = None           # type: Optional[RateLimit]  # of calls

    def on_message(self, element):
        # type: (List[Any]) -> None
        """Serves a call of an object of ours."""
        if self._well_formed(element):
            self._invoke(self._broker.exports.get(element[2]), element)

    def on_cachemessage(self, element):
        # type: (List[Any]) -> None
        """Serves a change of an object that we have cached."""
        if self._well_formed(element):
            self._invoke(self._broker.imports.original(element[2]), element)

    def _well_formed(self, element):
        # type: (List[Any]) -> bool
        if len(element) == 7 and isinstance(element[1], int_types) and type(element[3]) is bytes \
                and (type(element[2]) is bytes or isinstance(element[2], int_types)):
            return True
        self._broker.fault('a malformed call')
        return False

    def _invoke(self, target, element):
        # type: (Any, List[Any]) -> None
        """Makes the call of *element*, and answers if an answer is wanted."""
        broker = self._broker
        number = element[1]
        name = element[3]
        wanted = element[4]
        unjellier = None
        method = None
        if broker.settings.calls_per_second:
            self._count_call()
        try:
            if target is None:
                raise PBError(u'Invalid Object ID')
            if self.under_way >= broker.settings.calls:
                broker.strike()
                raise PBError(u'Too many calls are under way.')
            found = target.method_for(name)
            if found is None:
                raise NoSuchMethod(target.missing(name))
            perspective = target.perspective
            unjellier = broker.unjellier(perspective)
            args = unjellier.whole(element[5])
            if type(args) is not tuple:
                raise InsecureJelly('the arguments are not a tuple')
            keywords = element[6]
            keywords = self._keywords(unjellier, keywords) if keywords != [b'dictionary'] else None
            method = found          # from here on the method may have kept the arguments
            result = method(*args, **keywords) if keywords else method(*args)
        except FAILURES as exc:
            misfit = method is not None and isinstance(exc, TypeError) \
                and sys.exc_info()[2].tb_next is None     # type: ignore
            self._end_arguments(unjellier, method)
            self._failed(exc, number, wanted, misfit)
            return
        kind = type(result)
        if kind in _PLAIN or kind is not Future and not is_awaitable(result):
            self._answer(number, wanted, result, perspective, method, unjellier)
        else:
            self._answer_later(as_future(result), number, wanted, perspective, method, unjellier)

    def _keywords(self, unjellier, sexp):
        # type: (Any, Any) -> Dict[str, Any]
        other = self._broker.unjellier(unjellier.perspective)
        other.received = unjellier.received
        keywords = other.whole(sexp)
        if type(keywords) is not dict:
            raise InsecureJelly('the keywords are not a dictionary')
        return dict((native_name(key), value) for key, value in keywords.items())

    def _answer_later(self, result, number, wanted, perspective, method, unjellier):
        # type: (Future, int, Any, Any, Any, Any) -> None
        self.under_way += 1
        account = self._broker.account
        weight = self._broker.weight        # of the arguments, which are kept until the answer
        if not account.take(weight):
            weight = 0
            self._broker.drop('no room for the arguments of %d calls under way' % self.under_way)

        def done(future):
            # type: (Future) -> None
            self.under_way -= 1
            account.give(weight)
            if future.exception() is not None:
                self._end_arguments(unjellier, method)
                self._failed(future.exception(), number, wanted)
            else:
                self._answer(number, wanted, future.result(), perspective, method, unjellier)

        result.add_done_callback(done)

    def _answer(self, number, wanted, result, perspective, method, unjellier):
        # type: (int, Any, Any, Any, Any, Any) -> None
        broker = self._broker
        if unjellier.received:
            self._end_arguments(unjellier, method)
        if not wanted or broker.lost:
            return
        jellier = broker.jellier(perspective)
        jellier.out.append(LIST_HEADS[3] + broker.forms.dialect.string(b'answer') + encode_int(
            number))
        try:
            jellier.put(result)
        except FAILURES as exc:
            broker.exports.take_back(jellier)
            self._failed(exc, number, wanted)
            return
        broker.outbox.send(b''.join(jellier.out))

    def _end_arguments(self, unjellier, method):
        # type: (Any, Any) -> None
        """Releases the references that arrived with a call that is over, unless its *method* may
        have kept some."""
        if unjellier is None or not unjellier.received:
            return
        function = getattr(method, 'func', method)          # a partial has ``func``
        if method is None or self._scoped or getattr(function, 'pb_scoped', False):
            self._broker.imports.let_go(unjellier.received)

    def _failed(self, exc, number, wanted, misfit=False):
        # type: (Any, int, Any, bool) -> None
        """Logs the failure of a call and answers it.

        Args:     misfit: the arguments do not fit the method's signature.
        """
        broker = self._broker
        if misfit:                  # the peer's mistake: no error in our log, but counted
            broker.fault('a call whose arguments do not fit: %s' % exc)
        elif isinstance(exc, (PBError, RemoteProtocolError)):
            log.info('%s: a call was answered with %s: %s', broker, type(exc).__name__, exc)
        else:
            log.error('%s: a call failed', broker,
                      exc_info=(type(exc), exc, getattr(exc, '__traceback__', None)))
        if not wanted or broker.lost:
            return
        head = LIST_HEADS[3] + broker.forms.dialect.string(b'error') + encode_int(number)
        jellier = broker.jellier(None)
        jellier.out.append(head)
        try:
            if getattr(type(exc), 'jelly_into', None) is not None:
                jellier.put(exc)
            else:
                jellier.put_instance(exc, FAILURE_TAG,
                                     failure_state(exc, self._tells, self._unsafe))
        except FAILURES:
            log.exception('%s: an error could not be sent', broker)
            broker.exports.take_back(jellier)
            jellier = broker.jellier(None)
            jellier.out.append(head)
            jellier.put_instance(None, FAILURE_TAG,
                                 failure_state(PBError(u'the error could not be sent')))
        broker.outbox.send(b''.join(jellier.out))

    def _count_call(self):
        # type: () -> None
        """Counts a call; stops reading for a while when the calls of a second are used up."""
        broker = self._broker
        calls = broker.settings.calls_per_second
        rate = self._rate
        if rate is None or rate.rate != calls:      # the limits change at the log-in
            rate = RateLimit(broker.loop, calls, calls)
            self._rate = rate
        rate.spend(1.0)
        if rate.left() <= 0.0:
            broker.hold(True)
            broker.loop.call_later(rate.seconds_until(calls), self._go_on)

    def _go_on(self):
        # type: () -> None
        self._broker.hold(False)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence
