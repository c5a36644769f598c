# Copyright the carryall authors.  See LICENSE.
"""Broker: one connection of Perspective Broker, of either role (protocol version 6; Twisted 0.19 of 2002 to today).

Wire:     banana; the server offers dialects, the client chooses one, and each sends ['version', 6].  Then, both ways:
          ['message', request, object, method, wants answer, args, kwargs], ['answer', request, value],
          ['error', request, failure], ['decref', object]; for caches ['cachemessage', ...as message], ['decache', object],
          ['uncache', object]; ['didNotUnderstand', command].
          An object is its number, or the string ``root`` and others that were given by name.
States:   choosing a dialect -> ready -> lost.
Limits:   see limits.py.  Too many calls or references are answered with an error; after ``strikes`` of these the
          connection is dropped.  What breaks the grammar drops it at once; unknown numbers are logged and ignored.
Not here: what is called (flavors.py), references to the peer (reference.py), who may call (logins.py).
Tests:    tests/protocols/pb/test_broker.py, test_hostile.py, test_transcripts.py
"""
from __future__ import absolute_import, division, print_function

from collections import namedtuple

from carryall.core.compat import FAILURES, int_types, is_awaitable, native, to_bytes
from carryall.core.errors import ConnectionLost, LocalProtocolError, RemoteProtocolError
from carryall.core.future import Future, as_future, failed
from carryall.core.logs import escape, get_logger
from carryall.core.protocol import Protocol
from carryall.core.transport import peer
from carryall.protocols.pb.banana import CARRYALL, INTS, LIST_HEADS, NONE, NOTHING, PB, WORDS, Decoder, encode, encode_int
from carryall.protocols.pb.exports import Exports
from carryall.protocols.pb.failures import (FAILURE_TAG, CopiedFailure, DeadReference, Error, NoSuchMethod, failure_state,
                                            remote_error)
from carryall.protocols.pb.imports import Imports
from carryall.protocols.pb.jelly import Jellier, forms_of
from carryall.protocols.pb.limits import Limits
from carryall.protocols.pb.reference import RemoteReference
from carryall.protocols.pb.security import InsecureJelly, Registry, basic_security, native_name
from carryall.protocols.pb.unjelly import Unjellier

__all__ = ['Broker', 'Live', 'PORT', 'VERSION']

VERSION = 6
PORT = 8787
BATCH_BYTES = 65536         # octets that are gathered for one write

log = get_logger('pb')

# What a broker keeps of each kind: our objects that the peer refers to or has cached, his that we do, calls under way.
Live = namedtuple('Live', 'objects cacheables references caches calls answers')

# What a method returns that surely is no Future.
_PLAIN = frozenset((type(None), bool, int, float, bytes, type(u''), list, tuple, dict))


class Broker(Protocol):
    """One connection.

    Args:
        loop: its loop.
        root: a Root, offered to the peer as ``root``; None for none.
        client: whether we choose the dialect, as the side that has connected does.
        registry: Registry of classes that stand for the peer's.
        security: SecurityOptions.
        limits: ``Limits``.
        tells: exception classes whose text peers may read; that of ``Error`` they always may.
        unsafe_tracebacks: send texts and tracebacks of all exceptions.
        extensions: offer, or take, the dialect that only carryall has; see ``extended``.
        scoped: references that come as arguments end with their call, unless kept.
        ping_seconds: without a word of the peer after which it is asked whether it is there; 0 for never.

    Attributes:
        ready: Future of the broker, once calls can be made; it fails if that never comes.
        closed: Future of None, once the connection is lost.
        dialect: chosen, or None.
        paused: whether the transport has enough for now.
    """

    def __init__(self, loop, root=None, client=False, registry=None, security=None, limits=None, tells=(),
                 unsafe_tracebacks=False, extensions=False, scoped=False, ping_seconds=0.0):
        # type: (Any, Any, bool, Any, Any, Any, Sequence[Any], bool, bool, bool, float) -> None
        self.loop = loop
        self.limits = limits if limits is not None else Limits()
        self.registry = Registry(registry)
        self.registry.setUnjellyableForClass(FAILURE_TAG, CopiedFailure)
        self.security = security if security is not None else basic_security()
        self.scoped = scoped
        self.ready = Future()
        self.closed = Future()
        self.dialect = None         # type: Any
        self.paused = False
        self.lost = False
        self._client = client
        self._tells = tuple(tells)
        self._unsafe = unsafe_tracebacks
        self._extensions = extensions
        self._forms = forms_of(NONE)
        self._decoder = Decoder(self.limits)
        self._exports = Exports(self)
        self._imports = Imports(self)
        self._waiting = {}          # type: Dict[int, Future]
        self._request = 0           # number of our latest call
        self._answering = 0         # calls of the peer that are under way
        self._strikes = self._faults = 0
        self._out = []              # type: List[bytes]
        self._out_size = 0
        self._gathering = False     # whether somebody up the stack will flush
        self._flush_due = False
        self._writable = None       # type: Optional[Future]
        self._timer = None          # type: Any
        self._ping_seconds = ping_seconds
        self._heard = True          # anything, since the last look
        self._calls_now = 0         # calls in this second
        self._second = 0.0
        if root is not None:
            self.offer(b'root', root.rootObject(self))

    def __str__(self):
        return 'the broker of %s' % (peer(self.transport) if self.transport is not None else 'nobody',)

    # -- for programs ------------------------------------------------------------------------------------------------

    @property
    def extended(self):
        # type: () -> bool
        """Whether the peer has what ours has beyond Twisted's."""
        return self.dialect is CARRYALL

    def offer(self, name, thing):
        # type: (Any, Any) -> None
        """Let the peer refer to *thing* by *name*, without having been sent it."""
        self._exports.offer(to_bytes(name), thing)

    def remote(self, name=b'root'):
        # type: (Any) -> RemoteReference
        """The object that the peer offers by *name*; whether it does will be seen at the first call."""
        return RemoteReference(self, to_bytes(name))

    def when_released(self, thing, callback):
        # type: (Any, Callable[[], Any]) -> None
        """Call *callback* once, when the peer has no reference to *thing* left or is gone; it may not have one yet."""
        self._exports.when_released(thing, callback)

    def live(self):
        # type: () -> Live
        """How much is kept."""
        return Live(len(self._exports.objects), len(self._exports.cacheables), len(self._imports.references),
                    len(self._imports.caches), len(self._waiting), self._answering)

    def close(self):
        # type: () -> None
        """Send what is gathered, then close."""
        self._flush()
        if self.transport is not None:
            self.transport.close()

    def writable(self):
        # type: () -> Future
        """A Future that completes when the transport takes more; it is there unless ``paused``."""
        if self._writable is None:
            self._writable = Future()
            if not self.paused:
                self._writable.set_result(None)
        return self._writable

    # -- the transport calls -----------------------------------------------------------------------------------------

    def connection_made(self, transport):
        self.transport = transport
        self._timer = self.loop.call_later(self.limits.handshake_seconds, self._handshake_expired)
        if not self._client:
            offered = [PB.name, NONE.name] + ([CARRYALL.name] if self._extensions else [])
            transport.write(encode(offered))

    def data_received(self, data):
        self._heard = True
        self._gathering = True
        try:
            self._decoder.receive_data(data)
            next_element = self._decoder.next_element
            while not self.transport.is_closing():
                element = next_element()
                if element is NOTHING:
                    break
                self._received(element)
        except RemoteProtocolError as exc:
            self._drop(str(exc))
        finally:
            self._gathering = False
            if self._out:
                self._flush()

    def eof_received(self):
        return False

    def connection_lost(self, exc):
        self.lost = True
        if self._timer is not None:
            self._timer.cancel()
        error = exc if exc is not None else ConnectionLost('the connection was closed')
        if not self.ready.done():
            self.ready.set_exception(error)
        waiting, self._waiting = self._waiting, {}
        for number in sorted(waiting):
            if not waiting[number].done():
                waiting[number].set_exception(error)
        if self._writable is not None and not self._writable.done():
            self._writable.set_exception(error)
        self._exports.lost()
        self._imports.lost()
        self._out = []
        self.closed.set_result(None)

    def pause_writing(self):
        self.paused = True
        self._writable = None

    def resume_writing(self):
        self.paused = False
        writable, self._writable = self._writable, None
        if writable is not None:
            writable.set_result(None)

    # -- the handshake -----------------------------------------------------------------------------------------------

    def _received(self, element):
        # type: (Any) -> None
        if self.dialect is None:
            self._choose(element)
            return
        command = element[0] if type(element) is list and element else None
        if type(command) is not bytes:
            raise RemoteProtocolError('an expression that is no message')
        answer = _MESSAGES.get(command)
        if answer is None:
            self._fault('the message %s' % native(escape(command[:40]).encode('ascii', 'replace')))
            self._send(LIST_HEADS[2] + self._forms.dialect.string(b'didNotUnderstand')
                       + self._forms.dialect.string(command[:255]))
        else:
            answer(self, element)

    def _choose(self, element):
        # type: (Any) -> None
        """The dialects that the server offers, or the one that the client has chosen."""
        known = [CARRYALL, PB, NONE] if self._extensions else [PB, NONE]
        if self._client:
            offered = element if type(element) is list else []
            found = [dialect for dialect in known if dialect.name in offered]
        else:
            found = [dialect for dialect in known if dialect.name == element]
        if not found:
            raise RemoteProtocolError('no dialect that both speak')
        self._gathering = True
        if self._client:
            self._send(encode(found[0].name))
        self.dialect = found[0]
        self._forms = forms_of(self.dialect)
        self._decoder.words = WORDS if self.dialect.words else ()
        self._send(encode([b'version', VERSION], self.dialect))
        self._timer.cancel()
        self._timer = None
        if self._ping_seconds:
            self._timer = self.loop.call_later(self._ping_seconds, self._look)
        self.ready.set_result(self)

    def _handshake_expired(self):
        # type: () -> None
        self._drop('no dialect was chosen in %g seconds' % self.limits.handshake_seconds)

    def _on_version(self, element):
        # type: (List[Any]) -> None
        if element[1:] != [VERSION]:
            raise RemoteProtocolError('a version that is not %d' % VERSION)

    def _on_did_not_understand(self, element):
        # type: (List[Any]) -> None
        log.info('%s: the peer did not understand %r', self, element[1:2])

    # -- is the peer there? ------------------------------------------------------------------------------------------

    def _look(self):
        # type: () -> None
        """Ask a silent peer; cut one that was asked and does not answer."""
        seconds = self._ping_seconds
        if self._heard:
            self._heard = False
        elif self.extended:
            log.info('%s: not a word in %g seconds', self, 2 * seconds)
            self.transport.abort()
            return
        # A version is understood by everybody and answered by nobody; but a host that is gone is noticed by TCP.
        self._send(encode([b'ping'] if self.extended else [b'version', VERSION], self.dialect))
        self._timer = self.loop.call_later(seconds, self._look)

    def _on_ping(self, _element):
        # type: (List[Any]) -> None
        if self.extended:
            self._send(encode([b'pong'], self.dialect))

    def _on_pong(self, _element):
        # type: (List[Any]) -> None
        """It is there."""

    # -- calls of ours -----------------------------------------------------------------------------------------------

    def call_cache(self, cacheable, perspective, name, args, kwargs):
        # type: (Any, Any, Any, Tuple[Any, ...], Dict[str, Any]) -> Any
        """Call a method of what the peer has of *cacheable*; see RemoteCacheObserver.call_remote."""
        luid = self._exports.cache_number(cacheable)
        if luid is None:
            return failed(DeadReference('the peer has no copy of this object'))
        return self.call(b'cachemessage', luid, perspective, name, args, kwargs)

    def call(self, verb, luid, perspective, name, args, kwargs):
        # type: (bytes, Any, Any, Any, Tuple[Any, ...], Dict[str, Any]) -> Any
        """Send a ``message`` or ``cachemessage``; see RemoteReference.call_remote."""
        answer = kwargs.pop('pbanswer', True) if kwargs else True
        if self.lost or self.transport is None or self.transport.is_closing():
            return failed(DeadReference('there is no connection any more'))
        number = self._request = self._request + 1
        jellier = self._jellier(perspective)
        string = self._forms.dialect.string
        jellier.out.append(b''.join((
            LIST_HEADS[7], string(verb), encode_int(number), encode_int(luid) if type(luid) is not bytes else string(luid),
            string(name if type(name) is bytes else to_bytes(name)), INTS[1 if answer else 0])))
        try:
            jellier.put(args)
            jellier.renew()
            if kwargs:
                jellier.put(dict((native_text(key), value) for key, value in kwargs.items()))
            else:
                jellier.out.append(self._forms.empty_dictionary)
        except FAILURES as exc:
            self._exports.take_back(jellier)
            return failed(exc)
        future = None
        if answer:
            future = self._waiting[number] = Future()
        self._send_pieces(jellier.out)
        return future

    def _on_answer(self, element):
        # type: (List[Any]) -> None
        future = self._take_waiting(element)
        if future is None:
            return
        sexp = element[2]
        if type(sexp) is not list:
            if not future.done():
                future.set_result(sexp)
            return
        unjellier = self._unjellier(None)
        try:
            value = unjellier.whole(sexp)
        except FAILURES as exc:
            self._refused(unjellier, exc)
            if not future.done():
                future.set_exception(exc)
            return
        if future.done():           # cancelled: nobody will release what came with it
            self._imports.let_go(unjellier.received)
        else:
            future.set_result(value)

    def _on_error(self, element):
        # type: (List[Any]) -> None
        future = self._take_waiting(element)
        if future is None:
            return
        unjellier = self._unjellier(None)
        try:
            value = unjellier.whole(element[2])
        except FAILURES as exc:
            self._refused(unjellier, exc)
            value = exc
        if not future.done():
            if isinstance(value, CopiedFailure):
                value = value.error()
            future.set_exception(value if isinstance(value, Exception) else remote_error('', u'an error of no known form'))

    def _take_waiting(self, element):
        # type: (List[Any]) -> Optional[Future]
        """The Future of the call that is answered; None, and a fault, if there is no such call."""
        future = None
        if len(element) == 3 and isinstance(element[1], int_types):
            future = self._waiting.pop(element[1], None)
        if future is None:
            self._fault('an answer to no call')
        return future

    def _refused(self, unjellier, exc):
        # type: (Unjellier, Any) -> None
        """What came was not taken: let go of the references in it, and say so."""
        self._imports.let_go(unjellier.received)
        log.info('%s: refused what came: %s', self, exc)

    # -- calls of the peer -------------------------------------------------------------------------------------------

    def _on_message(self, element):
        # type: (List[Any]) -> None
        if self._well_formed(element):
            self._invoke(self._exports.get(element[2]), element)

    def _on_cachemessage(self, element):
        # type: (List[Any]) -> None
        if self._well_formed(element):
            self._invoke(self._imports.original(element[2]), element)

    def _well_formed(self, element):
        # type: (List[Any]) -> bool
        if len(element) == 7 and isinstance(element[1], int_types) and type(element[3]) is bytes \
                and (type(element[2]) is bytes or isinstance(element[2], int_types)):
            return True
        self._fault('a call that is none')
        return False

    def _invoke(self, target, element):
        # type: (Any, List[Any]) -> None
        """Call what *element* asks for, and answer if that is wanted."""
        number, name, wanted = element[1], element[3], element[4]
        unjellier = method = None
        if self.limits.calls_per_second:
            self._count_call()
        try:
            if target is None:
                raise Error(u'Invalid Object ID')
            if self._answering >= self.limits.calls:
                self.strike()
                raise Error(u'Too many calls are under way.')
            found = target.method_for(name)
            if found is None:
                raise NoSuchMethod(target.missing(name))
            perspective = target.perspective
            unjellier = self._unjellier(perspective)
            args = unjellier.whole(element[5])
            if type(args) is not tuple:
                raise InsecureJelly('arguments that are no tuple')
            keywords = element[6]
            keywords = self._keywords(unjellier, keywords) if keywords != [b'dictionary'] else None
            method = found          # from here on what has come may have been kept
            result = method(*args, **keywords) if keywords else method(*args)
        except FAILURES as exc:
            self._end_arguments(unjellier, method)
            self._failed(exc, number, wanted)
            return
        kind = type(result)
        if kind in _PLAIN or kind is not Future and not is_awaitable(result):
            self._answer(number, wanted, result, perspective, method, unjellier)
        else:
            self._answer_later(as_future(result), number, wanted, perspective, method, unjellier)

    def _keywords(self, unjellier, sexp):
        # type: (Unjellier, Any) -> Dict[str, Any]
        other = self._unjellier(unjellier.perspective)
        other.received = unjellier.received
        keywords = other.whole(sexp)
        if type(keywords) is not dict:
            raise InsecureJelly('keywords that are no dictionary')
        return dict((native_name(key), value) for key, value in keywords.items())

    def _answer_later(self, result, number, wanted, perspective, method, unjellier):
        # type: (Future, int, Any, Any, Any, Unjellier) -> None
        self._answering += 1

        def done(future):
            # type: (Future) -> None
            self._answering -= 1
            if future.exception() is not None:
                self._end_arguments(unjellier, method)
                self._failed(future.exception(), number, wanted)
            else:
                self._answer(number, wanted, future.result(), perspective, method, unjellier)

        result.add_done_callback(done)

    def _answer(self, number, wanted, result, perspective, method, unjellier):
        # type: (int, Any, Any, Any, Any, Unjellier) -> None
        if unjellier.received:
            self._end_arguments(unjellier, method)
        if not wanted or self.lost:
            return
        jellier = self._jellier(perspective)
        jellier.out.append(LIST_HEADS[3] + self._forms.dialect.string(b'answer') + encode_int(number))
        try:
            jellier.put(result)
        except FAILURES as exc:
            self._exports.take_back(jellier)
            self._failed(exc, number, wanted)
            return
        self._send_pieces(jellier.out)

    def _end_arguments(self, unjellier, method):
        # type: (Optional[Unjellier], Any) -> None
        """The call is over: let go of the references that came with it, unless its *method* may have kept some."""
        if unjellier is None or not unjellier.received:
            return
        function = getattr(method, 'func', method)          # of a partial
        if method is None or self.scoped or getattr(function, 'pb_scoped', False):
            self._imports.let_go(unjellier.received)

    def _failed(self, exc, number, wanted):
        # type: (Any, int, Any) -> None
        """A call of the peer ended with *exc*: note it and tell him what he may know."""
        if isinstance(exc, (Error, RemoteProtocolError)):
            log.info('%s: a call was answered with %s: %s', self, type(exc).__name__, exc)
        else:
            log.error('%s: a call failed', self, exc_info=(type(exc), exc, getattr(exc, '__traceback__', None)))
        if not wanted or self.lost:
            return
        head = LIST_HEADS[3] + self._forms.dialect.string(b'error') + encode_int(number)
        jellier = self._jellier(None)
        jellier.out.append(head)
        try:
            if getattr(type(exc), 'jelly_into', None) is not None:
                jellier.put(exc)
            else:
                jellier.put_instance(exc, FAILURE_TAG, failure_state(exc, self._tells, self._unsafe))
        except FAILURES:
            log.exception('%s: an error could not be told', self)
            self._exports.take_back(jellier)
            jellier = self._jellier(None)
            jellier.out.append(head)
            jellier.put_instance(None, FAILURE_TAG, failure_state(Error(u'an error that cannot be told')))
        self._send_pieces(jellier.out)

    # -- references --------------------------------------------------------------------------------------------------

    def register_reference(self, thing, jellier):
        # type: (Any, Jellier) -> int
        """The number by which the peer may refer to *thing*, once more; Error if there are too many."""
        return self._exports.register(thing, jellier)

    def cached_as(self, cacheable, jellier):
        # type: (Any, Jellier) -> Optional[int]
        """The number of *cacheable* for a peer that has it, once more; None for one that has not."""
        return self._exports.cached_again(cacheable, jellier)

    def cache_remotely(self, cacheable, jellier):
        # type: (Any, Jellier) -> int
        """A new number for *cacheable*, which the peer is about to get; Error if there are too many."""
        return self._exports.cache(cacheable, jellier)

    def object_for(self, luid):
        # type: (Any) -> Any
        """The object of ours that the peer refers to, for Unjellier."""
        found = self._exports.get(luid)
        if found is None:
            raise InsecureJelly('a reference to an object that is not there')
        return found

    def cacheable_for(self, luid):
        # type: (Any) -> Any
        """The object of ours that the peer has cached, for Unjellier."""
        found = self._exports.cacheable(luid)
        if found is None:
            raise InsecureJelly('a cache of an object that is not there')
        return found

    def remote_arrived(self, unjellier, luid):
        # type: (Unjellier, Any) -> RemoteReference
        """The peer has sent a reference, for Unjellier."""
        return self._imports.reference(unjellier, luid)

    def cache_arrived(self, unjellier, luid):
        # type: (Unjellier, Any) -> Any
        """The peer has sent what we have cached, for Unjellier."""
        return self._imports.cached_again(unjellier, luid)

    def cache_locally(self, unjellier, luid, cache):
        # type: (Unjellier, Any, Any) -> Any
        """The peer has sent something to be cached, and *cache* is to stand for it; what the program gets to see."""
        return self._imports.cache(unjellier, luid, cache)

    def release_reference(self, serial):
        # type: (int) -> None
        """Let go of a reference, for RemoteReference."""
        self._imports.references.release(serial)

    def release_cache(self, serial):
        # type: (int) -> None
        """Let go of a cache, for RemoteCache."""
        self._imports.caches.release(serial)

    def tell_released(self, verb, luid):
        # type: (bytes, int) -> None
        """Tell the peer that we have let go of something, once."""
        if not self.lost:
            self._send(LIST_HEADS[2] + self._forms.dialect.string(verb) + encode_int(luid))

    def _on_decref(self, element):
        # type: (List[Any]) -> None
        if len(element) != 2 or not self._exports.decref(element[1]):
            self._fault('a reference given back that he did not have')

    def _on_decache(self, element):
        # type: (List[Any]) -> None
        if len(element) != 2 or not self._exports.decache(element[1]):
            self._fault('a cache given back that he did not have')

    def _on_uncache(self, element):
        # type: (List[Any]) -> None
        if len(element) != 2 or not self._imports.uncache(element[1]):
            self._fault('the end of a cache that is not here')

    # -- bounds ------------------------------------------------------------------------------------------------------

    def strike(self):
        # type: () -> None
        """The peer has gone beyond a limit: drop him if it is not the first time."""
        self._strikes += 1
        if self._strikes > self.limits.strikes:
            self._drop('beyond its limits %d times' % self._strikes)

    def _fault(self, what):
        # type: (str) -> None
        """The peer sent what makes no sense."""
        self._faults += 1
        log.info('%s: ignored %s', self, what)
        if self._faults > self.limits.faults:
            self._drop('%d messages that make no sense' % self._faults)

    def _drop(self, why):
        # type: (str) -> None
        log.info('%s: dropped: %s', self, why)
        self._flush()
        self.transport.close()

    def _count_call(self):
        # type: () -> None
        """Stop reading for the rest of a second that has had its calls."""
        now = self.loop.time()
        if now - self._second >= 1.0:
            self._second, self._calls_now = now, 0
        self._calls_now += 1
        if self._calls_now == self.limits.calls_per_second:
            self.transport.pause_reading()
            self.loop.call_later(self._second + 1.0 - now, self._go_on)

    def _go_on(self):
        # type: () -> None
        if not self.lost:
            self._second = 0.0
            self.transport.resume_reading()

    # -- writing -----------------------------------------------------------------------------------------------------

    def _jellier(self, perspective):
        # type: (Any) -> Jellier
        return Jellier(self._forms, self.security, self.limits.depth - 1, self, perspective)

    def _unjellier(self, perspective):
        # type: (Any) -> Unjellier
        return Unjellier(self.security, self.registry, self, perspective)

    def _send_pieces(self, pieces):
        # type: (List[bytes]) -> None
        self._send(b''.join(pieces))

    def _send(self, data):
        # type: (bytes) -> None
        """Gather *data*; what is sent in one turn goes out in one write."""
        self._out.append(data)
        self._out_size += len(data)
        if self._out_size >= BATCH_BYTES:
            self._flush()
        elif not self._gathering and not self._flush_due:
            self._flush_due = True
            self.loop.call_soon(self._flush)

    def _flush(self):
        # type: () -> None
        self._flush_due = False
        if not self._out or self.transport is None:
            return
        out, self._out = self._out, []
        self._out_size = 0
        self.transport.write(out[0] if len(out) == 1 else b''.join(out))
        if self.paused and self.transport.get_write_buffer_size() > self.limits.unsent_bytes:
            log.info('%s: does not read: %d octets wait', self, self.transport.get_write_buffer_size())
            self.transport.abort()


def native_text(name):
    # type: (Any) -> Any
    """The name of a keyword as text, which it is on the wire whatever it is here."""
    return name.decode('utf-8') if isinstance(name, bytes) else name


_MESSAGES = {
    b'version': Broker._on_version, b'message': Broker._on_message, b'cachemessage': Broker._on_cachemessage,
    b'answer': Broker._on_answer, b'error': Broker._on_error, b'decref': Broker._on_decref,
    b'decache': Broker._on_decache, b'uncache': Broker._on_uncache,
    b'didNotUnderstand': Broker._on_did_not_understand, b'ping': Broker._on_ping, b'pong': Broker._on_pong,
}                               # type: Dict[bytes, Callable[[Broker, List[Any]], None]]


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple
