# Copyright the carryall authors.  See LICENSE.
"""Outgoing calls: the calls that we make on one connection, and the Futures of their answers.

Wire:     sent: ['message', request, object, method, wants answer, args, kwargs], or 'cachemessage'
          with the same; received: ['answer', request, value] or ['error', request, failure].
Tests:    tests/protocols/pb/test_broker.py, test_failures.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES, int_types, to_bytes
from carryall.core.errors import LocalProtocolError
from carryall.core.future import Future, failed
from carryall.core.logs import get_logger
from carryall.protocols.pb.banana import INTS, LIST_HEADS, encode_int
from carryall.protocols.pb.failures import CopiedFailure, DeadReference, remote_error

__all__ = ['OutgoingCalls']

log = get_logger('pb')


class OutgoingCalls(object):
    """The calls that one broker makes.

    Attributes:
        waiting: number of a call -> Future of its answer.
    """

    __slots__ = ('waiting', '_broker', '_latest')

    def __init__(self, broker):
        # type: (Any) -> None
        self.waiting = {}           # type: Dict[int, Future]
        self._broker = broker
        self._latest = 0            # number of our latest call

    def call_cache(self, cacheable, perspective, name, args, kwargs):
        # type: (Any, Any, Any, Tuple[Any, ...], Dict[str, Any]) -> Any
        """Calls a method of the peer's cache of *cacheable*; see
        RemoteCacheObserver.call_remote."""
        luid = self._broker.exports.cache_number(cacheable)
        if luid is None:
            return failed(DeadReference('the peer has no copy of this object'))
        return self.call(b'cachemessage', luid, perspective, name, args, kwargs)

    def call(self, verb, luid, perspective, name, args, kwargs):
        # type: (bytes, Any, Any, Any, Tuple[Any, ...], Dict[str, Any]) -> Any
        """Sends a ``message`` or ``cachemessage``; see RemoteReference.call_remote."""
        answer = kwargs.pop('pbanswer', True) if kwargs else True
        broker = self._broker
        if broker.lost or broker.transport is None or broker.transport.is_closing():
            return failed(DeadReference('the connection is lost'))
        if answer and len(self.waiting) >= broker.settings.unanswered:
            return failed(LocalProtocolError(
                'the peer has not answered %d calls' % len(self.waiting)))
        number = self._latest + 1
        self._latest = number
        jellier = broker.jellier(perspective)
        string = broker.forms.dialect.string
        jellier.out.append(b''.join((
            LIST_HEADS[7], string(verb), encode_int(number),
            encode_int(luid) if type(luid) is not bytes else string(luid),
            string(name if type(name) is bytes else to_bytes(name)), INTS[1 if answer else 0])))
        try:
            jellier.put(args)
            jellier.renew()
            if kwargs:
                jellier.put(dict((native_text(key), value) for key, value in kwargs.items()))
            else:
                jellier.out.append(broker.forms.empty_dictionary)
        except FAILURES as exc:
            broker.exports.take_back(jellier)
            return failed(exc)
        future = None
        if answer:
            future = Future()
            self.waiting[number] = future
        broker.outbox.send(b''.join(jellier.out))
        return future

    def on_answer(self, element):
        # type: (List[Any]) -> None
        """Takes the peer's ``answer``."""
        future = self._take(element)
        if future is None:
            return
        sexp = element[2]
        if type(sexp) is not list:
            if not future.done():
                future.set_result(sexp)
            return
        unjellier = self._broker.unjellier(None)
        try:
            value = unjellier.whole(sexp)
        except FAILURES as exc:
            self._refused(unjellier, exc)
            if not future.done():
                future.set_exception(exc)
            return
        if future.done():           # cancelled, so no caller will release the references in it
            self._broker.imports.let_go(unjellier.received)
        else:
            future.set_result(value)

    def on_error(self, element):
        # type: (List[Any]) -> None
        """Takes the peer's ``error``."""
        future = self._take(element)
        if future is None:
            return
        unjellier = self._broker.unjellier(None)
        try:
            value = unjellier.whole(element[2])
        except FAILURES as exc:
            self._refused(unjellier, exc)
            value = exc
        if not future.done():
            if isinstance(value, CopiedFailure):
                value = value.error()
            future.set_exception(value if isinstance(value, Exception) else remote_error(
                '', u'an error of no known form'))

    def lost(self, error):
        # type: (Any) -> None
        """Fails all calls: the connection is lost."""
        waiting, self.waiting = self.waiting, {}
        for number in sorted(waiting):
            if not waiting[number].done():
                waiting[number].set_exception(error)

    def _take(self, element):
        # type: (List[Any]) -> Optional[Future]
        """The Future of the call that is answered; None, and a fault, for an unknown call."""
        future = None
        if len(element) == 3 and isinstance(element[1], int_types):
            future = self.waiting.pop(element[1], None)
        if future is None:
            self._broker.fault('an answer to an unknown call')
        return future

    def _refused(self, unjellier, exc):
        # type: (Any, Any) -> None
        """Releases the references of an answer that was refused, and logs it."""
        self._broker.imports.let_go(unjellier.received)
        log.info('%s: refused an answer: %s', self._broker, exc)


def native_text(name):
    # type: (Any) -> Any
    """The name of a keyword as text, which it is on the wire from every runtime."""
    return name.decode('utf-8') if isinstance(name, bytes) else name


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple
