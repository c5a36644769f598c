# Copyright the carryall authors.  See LICENSE.
"""Broker: one connection of Perspective Broker, as server or client (protocol version 6; Twisted
0.19 of 2002 to today).

Wire:     banana; the server offers dialects, the client chooses one, and each sends ['version', 6].
          Then either side sends any of these:

          - ['message', request, object, method, wants answer, args, kwargs]
          - ['answer', request, value] and ['error', request, failure]
          - ['decref', object]
          - for caches ['cachemessage', ...as message], ['decache', object], ['uncache', object]
          - ['didNotUnderstand', command]

          An object is its number, or a string for one that has a name, such as ``root``.
States:   choosing a dialect -> ready -> lost.
Limits:   see settings.py.  Smaller limits hold before a login if the root demands one.  Too many
          calls or references are answered with an error; after ``strikes`` of these the connection
          is dropped.  An error of the grammar drops it at once;
          unknown numbers are logged and ignored.
Parts:    outgoingcalls.py, incomingcalls.py, exports.py and imports.py (references in both
          directions), outbox.py (writes), liveness.py (time).
Not here: the objects that are called (flavors.py), references to the peer's objects
          (remotereference.py), logins (logins.py).
Tests:    tests/protocols/pb/test_broker.py, test_hostile.py, test_transcripts.py
"""
from __future__ import absolute_import, division, print_function

import warnings

from carryall.core.allowance import allowance_of
from carryall.core.compat import native, to_bytes
from carryall.core.errors import ConnectionLost, RemoteProtocolError
from carryall.core.future import Future
from carryall.core.logs import escape, get_logger
from carryall.core.metrics import counters_of, counting
from carryall.core.net.protocol import Protocol
from carryall.core.records import namedtuple
from carryall.core.net.transport import peer
from carryall.core.net.turns import FREE_STEPS, MAX_STEPS, turn_is_over
from carryall.protocols.pb.outgoingcalls import OutgoingCalls
from carryall.protocols.pb.banana import (CARRYALL, LIST_HEADS, MORE, NONE, NOTHING, PB, WORDS,
                                          Decoder, encode, encode_int)
from carryall.protocols.pb.exports import Exports
from carryall.protocols.pb.failures import FAILURE_TAG, CopiedFailure
from carryall.protocols.pb.imports import Imports
from carryall.protocols.pb.jelly import Jellier, forms_of
from carryall.protocols.pb.settings import GUESTS_BYTES, MEMBERS_BYTES, Settings
from carryall.protocols.pb.outbox import Outbox
from carryall.protocols.pb.liveness import Liveness
from carryall.protocols.pb.remotereference import RemoteReference
from carryall.protocols.pb.security import InsecureJelly, Registry, basic_security
from carryall.protocols.pb.incomingcalls import IncomingCalls
from carryall.protocols.pb.unjelly import Unjellier

__all__ = ['Broker', 'Live', 'PORT', 'VERSION']

VERSION = 6
PORT = 8787

log = get_logger('pb')

# Counts of a broker: our objects that the peer refers to or has cached, the peer's that we refer to
# or have cached, calls under way in both directions.
Live = namedtuple('Live', 'objects cacheables references caches calls answers')


class Broker(Protocol):
    """One connection.

    Args:
        loop: its loop.
        root: a Root, offered to the peer as ``root``; None for none.
        client: true for the side that has connected; it chooses the dialect.
        registry: Registry of our classes that stand for the peer's.
        security: SecurityOptions.
        settings: Settings.
        tells: exception classes whose text is sent to peers; the text of ``PBError`` always is.
        unsafe_tracebacks: send texts and tracebacks of all exceptions.
        extensions: offer, or take, the dialect that only carryall has; see ``extended``.
        scoped: references that arrive as arguments end with their call, unless kept.
        ping_seconds: seconds of silence after which the peer is asked for a sign of life; 0 for
                      never.

    Attributes:
        ready: Future of the broker, once calls can be made; it fails if the connection ends first.
        closed: Future of None, once the connection is lost.
        dialect: the one chosen, or None.
        paused: true while the transport's buffer is full.
        settings: the present ones; their limits are smaller before a login.
        account: memory that the peer makes us hold, in the allowance of guests or of members;
                 None before the connection.
        finished: called without arguments by `drain`; the broker closes when the Future that it
                  returns completes.  None to close at once: the protocol does not tell when a peer
                  has finished with an object.
        outgoing, incoming, exports, imports, outbox, liveness, forms: its parts, for each other.
    """

    def __init__(self, loop, root=None, client=False, registry=None, security=None, settings=None,
                 tells=(), unsafe_tracebacks=False, extensions=False, scoped=False,
                 ping_seconds=0.0, limits=None):
        # type: (Any, Any, bool, Any, Any, Any, Sequence[Any], bool, bool, bool, float, Any) -> None
        if limits is not None:
            warnings.warn('the keyword limits of Broker is settings now', DeprecationWarning, 2)
            settings = limits
        self.loop = loop
        self.settings = settings if settings is not None else Settings()
        self.registry = Registry(registry)
        self.registry.setUnjellyableForClass(FAILURE_TAG, CopiedFailure)
        self.security = security if security is not None else basic_security()
        self.ready = Future()
        self.closed = Future()
        self.dialect = None         # type: Any
        self.paused = False
        self.lost = False
        self.forms = forms_of(NONE)
        self.account = None         # type: Any
        self.finished = None        # type: Optional[Callable[[], Future]]
        self._client = client
        # The limits after the login; None once they hold.
        self._full_settings = None  # type: Optional[Settings]
        self._extensions = extensions
        self._decoder = Decoder(self.settings)
        self.outbox = Outbox(self)
        self.liveness = Liveness(self, self._decoder, ping_seconds)
        self.exports = Exports(self)
        self.imports = Imports(self)
        self.outgoing = OutgoingCalls(self)
        self.incoming = IncomingCalls(self, tells, unsafe_tracebacks, scoped)
        self._messages = self._table()
        self._strikes = 0
        self._faults = 0
        self._held = False          # true while received messages must wait
        self._resting = False       # true while the rest waits for a later turn (law L21)
        self._writable = None       # type: Optional[Future]
        if root is not None:
            self.offer(b'root', root.rootObject(self))

    def _table(self):
        # type: () -> Dict[bytes, Callable[[List[Any]], None]]
        """The method for each message."""
        return {
            b'message': self.incoming.on_message, b'cachemessage': self.incoming.on_cachemessage,
            b'answer': self.outgoing.on_answer, b'error': self.outgoing.on_error,
            b'decref': self._on_decref, b'decache': self._on_decache, b'uncache': self._on_uncache,
            b'version': self._on_version, b'didNotUnderstand': self._on_did_not_understand,
            b'ping': self.liveness.on_ping, b'pong': self.liveness.on_pong}

    def __str__(self):
        return 'the broker of %s' % (peer(self.transport) if self.transport is not None
                                     else 'nobody',)

    # -- for programs ------------------------------------------------------------------------------

    @property
    def extended(self):
        # type: () -> bool
        """True if the peer has carryall's extensions to Twisted's protocol."""
        return self.dialect is CARRYALL

    def offer(self, name, thing):
        # type: (Any, Any) -> None
        """Lets the peer refer to *thing* by *name*, without a reference sent before."""
        self.exports.offer(to_bytes(name), thing)

    def remote(self, name=b'root'):
        # type: (Any) -> RemoteReference
        """A reference to the object that the peer offers by *name*; if it offers none, the first
        call fails."""
        return RemoteReference(self, to_bytes(name))

    def when_released(self, thing, callback):
        # type: (Any, Callable[[], Any]) -> None
        """Calls *callback* once, when the peer has released its last reference to *thing* or is
        gone; it may have none yet."""
        self.exports.when_released(thing, callback)

    def live(self):
        # type: () -> Live
        """The numbers of live objects and calls."""
        return Live(len(self.exports.objects), len(self.exports.cacheables),
                    len(self.imports.references),
                    len(self.imports.caches), len(self.outgoing.waiting), self.incoming.under_way)

    def expect_login(self):
        # type: () -> None
        """Applies the smaller limits until ``admit``; for the ``rootObject`` of a root that demands
        a login."""
        if self._full_settings is None:
            self._full_settings = self.settings
            self._limit(self.settings.before_login())

    def admit(self):
        # type: () -> None
        """Applies the limits of members: the peer has logged in."""
        if self._full_settings is None:
            return
        settings = self._full_settings
        self._full_settings = None
        self._limit(settings)
        if self.account is not None:
            self.account.move(allowance_of(self.loop, 'pb-members', MEMBERS_BYTES))

    def _limit(self, settings):
        # type: (Settings) -> None
        self.settings = settings
        self._decoder.settings = settings

    @property
    def weight(self):
        # type: () -> int
        """Approximate memory of the present message, in octets."""
        return self._decoder.weight

    def close(self):
        # type: () -> None
        """Flushes the output, then closes."""
        self.outbox.flush()
        if self.transport is not None:
            self.transport.close()

    def drain(self):
        """Closes, after ``finished`` if that is set."""
        if self.finished is None:
            self.close()
        else:
            self.finished().add_done_callback(lambda _: self.close())

    def writable(self):
        # type: () -> Future
        """A Future that completes when the transport takes more; complete unless ``paused``."""
        if self._writable is None:
            self._writable = Future()
            if not self.paused:
                self._writable.set_result(None)
        return self._writable

    # -- the transport calls -----------------------------------------------------------------------

    def connection_made(self, transport):
        self.transport = transport
        address = peer(transport)
        guest = not self._client and address is not None and address.port is not None
        self.account = (allowance_of(self.loop, 'pb-guests', GUESTS_BYTES) if guest
                        else allowance_of(self.loop, 'pb-members', MEMBERS_BYTES)).account(address)
        self._decoder.account = self.account
        counters = counters_of(transport)
        if counters.watched:
            self._messages[b'message'] = counting(self._messages[b'message'],
                                                  counters.commands[b'message'], lambda _: 1)
        self.liveness.connected()
        if not self._client:
            offered = [PB.name, NONE.name] + ([CARRYALL.name] if self._extensions else [])
            transport.write(encode(offered))

    def data_received(self, data):
        self.liveness.heard = True
        self._decoder.receive_data(data)
        self._take()

    def _take(self, steps=0):
        # type: (int) -> None
        """Acts on the received messages, unless they must wait."""
        if self._resting:
            return
        outbox = self.outbox
        decoder = self._decoder
        step = decoder.step
        is_closing = self.transport.is_closing
        outbox.gathering = True
        try:
            while not self._held and not is_closing():
                element = step()
                if element is NOTHING:
                    if decoder.partial:
                        self.liveness.begun()
                    break
                if element is not MORE:
                    self._received(element)
                    steps += 1
                else:  # a long message: the clock decides at once how much of it is parsed now
                    steps = max(steps + 1, FREE_STEPS)
                if steps >= FREE_STEPS and not self._held and decoder.partial and self._is_over(
                        steps):
                    break
        except RemoteProtocolError as exc:
            decoder.close()
            self.drop(str(exc))
        finally:
            outbox.gathering = False
            outbox.flush()

    def _is_over(self, steps):
        # type: (int) -> bool
        """True if this turn's share is used up; the rest waits for a later turn (law L21)."""
        self._resting = turn_is_over(self.transport, steps, self._rested)
        if self._resting:
            self.transport.pause_reading()
        return self._resting

    def _rested(self):
        # type: () -> None
        """Continues with the rest, in its turn."""
        self._resting = False
        self._go_on(MAX_STEPS)

    def _go_on(self, steps):
        # type: (int) -> None
        if not self._held and not self.lost:
            self._take(steps)
            if not self._held and not self._resting:
                self.transport.resume_reading()

    def hold(self, held):
        # type: (bool) -> None
        """Holds back received messages, or continues with them."""
        if self.lost:
            return
        self._held = held
        if held:
            self.transport.pause_reading()
        else:
            self._go_on(0)

    def eof_received(self):
        return False

    def connection_lost(self, exc):
        self.lost = True
        self._decoder.close()
        self.liveness.lost()
        error = exc if exc is not None else ConnectionLost('the connection was closed')
        if not self.ready.done():
            self.ready.set_exception(error)
        self.outgoing.lost(error)
        if self._writable is not None and not self._writable.done():
            self._writable.set_exception(error)
        self.exports.lost()
        self.imports.lost()
        self.outbox.clear()
        self.account.close()
        self.closed.set_result(None)

    def pause_writing(self):
        self.paused = True
        self._writable = None
        self.liveness.clogged()

    def resume_writing(self):
        self.paused = False
        self.outbox.taken()
        writable, self._writable = self._writable, None
        if writable is not None:
            writable.set_result(None)

    # -- the handshake -----------------------------------------------------------------------------

    def _received(self, element):
        # type: (Any) -> None
        if self.dialect is None:
            self._choose(element)
            return
        command = element[0] if type(element) is list and element else None
        if type(command) is not bytes:
            raise RemoteProtocolError('an element that is not a message')
        act = self._messages.get(command)
        if act is not None:
            act(element)
            return
        self.fault('the message %s' % _shown(command))
        string = self.forms.dialect.string
        self.outbox.send(LIST_HEADS[2] + string(b'didNotUnderstand') + string(command[:255]))

    def _choose(self, element):
        # type: (Any) -> None
        """Negotiates: takes the server's list of dialects, or the client's choice."""
        known = [CARRYALL, PB, NONE] if self._extensions else [PB, NONE]
        if self._client:
            offered = element if type(element) is list else []
            found = [dialect for dialect in known if dialect.name in offered]
        else:
            found = [dialect for dialect in known if dialect.name == element]
        if not found:
            raise RemoteProtocolError('no dialect in common')
        if self._client:
            self.outbox.send(encode(found[0].name))
        self.dialect = found[0]
        self.forms = forms_of(self.dialect)
        self._decoder.words = WORDS if self.dialect.words else ()
        self.outbox.send(self.hello)
        self.liveness.chosen()
        if not self.ready.done():
            self.ready.set_result(self)

    @property
    def hello(self):
        # type: () -> bytes
        """The message that tells our version."""
        return encode([b'version', VERSION], self.dialect)

    def _on_version(self, element):
        # type: (List[Any]) -> None
        if element[1:] != [VERSION]:
            raise RemoteProtocolError('the version is not %d' % VERSION)

    def _on_did_not_understand(self, element):
        # type: (List[Any]) -> None
        command = element[1] if len(element) == 2 else None
        self.fault('that the peer did not understand %s'
                   % (_shown(command) if type(command) is bytes else 'something',))

    # -- references --------------------------------------------------------------------------------

    def register_reference(self, thing, jellier):
        # type: (Any, Jellier) -> int
        """The number by which the peer may refer to *thing*, counted once more; Error if there are
        too many."""
        return self.exports.register(thing, jellier)

    def cached_as(self, cacheable, jellier):
        # type: (Any, Jellier) -> Optional[int]
        """The number of *cacheable* for a peer that has it, counted once more; None for a peer that
        has not."""
        return self.exports.cached_again(cacheable, jellier)

    def cache_remotely(self, cacheable, jellier):
        # type: (Any, Jellier) -> int
        """Gives *cacheable*, which will be sent to the peer, a new number; Error if there are too
        many."""
        return self.exports.cache(cacheable, jellier)

    def object_for(self, luid):
        # type: (Any) -> Any
        """The object of ours that the peer refers to, for Unjellier."""
        found = self.exports.get(luid)
        if found is None:
            raise InsecureJelly('a reference to an unknown object')
        return found

    def cacheable_for(self, luid):
        # type: (Any) -> Any
        """The object of ours that the peer has cached, for Unjellier."""
        found = self.exports.cacheables.get(luid)
        if found is None:
            raise InsecureJelly('a cache of an unknown object')
        return found

    def remote_arrived(self, unjellier, luid):
        # type: (Unjellier, Any) -> RemoteReference
        """The reference that the peer has sent, for Unjellier."""
        return self.imports.reference(unjellier, luid)

    def cache_arrived(self, unjellier, luid):
        # type: (Unjellier, Any) -> Any
        """The cache that the peer refers to, for Unjellier."""
        return self.imports.cached_again(unjellier, luid)

    def cache_locally(self, unjellier, luid, cache):
        # type: (Unjellier, Any, Any) -> Any
        """Keeps *cache* for an object of the peer; the object that the program gets."""
        return self.imports.cache(unjellier, luid, cache)

    def release_reference(self, serial):
        # type: (int) -> None
        """Lets go of a reference, for RemoteReference."""
        self.imports.references.release(serial)

    def release_cache(self, serial):
        # type: (int) -> None
        """Lets go of a cache, for RemoteCache."""
        self.imports.caches.release(serial)

    def tell_released(self, verb, luid):
        # type: (bytes, int) -> None
        """Tells the peer that we have let go of something, once."""
        if not self.lost:
            self.outbox.send(LIST_HEADS[2] + self.forms.dialect.string(verb) + encode_int(luid))

    def _on_decref(self, element):
        # type: (List[Any]) -> None
        if len(element) != 2 or not self.exports.decref(element[1]):
            self.fault('the return of a reference that the peer does not hold')

    def _on_decache(self, element):
        # type: (List[Any]) -> None
        if len(element) != 2 or not self.exports.decache(element[1]):
            self.fault('the return of a cache that the peer does not hold')

    def _on_uncache(self, element):
        # type: (List[Any]) -> None
        if len(element) != 2 or not self.imports.uncache(element[1]):
            self.fault('the end of an unknown cache')

    # -- bounds ------------------------------------------------------------------------------------

    def strike(self):
        # type: () -> None
        """Counts a limit that the peer exceeded; drops the peer after too many."""
        self._strikes += 1
        if self._strikes > self.settings.strikes:
            self.drop('the peer exceeded its limits %d times' % self._strikes)

    def fault(self, what):
        # type: (str) -> None
        """Counts and logs an invalid message of the peer; drops the peer after too many."""
        self._faults += 1
        log.info('%s: ignored %s', self, what)
        if self._faults > self.settings.faults:
            self.drop('%d invalid messages' % self._faults)

    def drop(self, why):
        # type: (str) -> None
        """Closes the connection for a fault of the peer."""
        log.info('%s: dropped: %s', self, why)
        self.outbox.flush()
        self.transport.close()

    # -- for the parts -----------------------------------------------------------------------------

    def jellier(self, perspective):
        # type: (Any) -> Jellier
        """A Jellier that writes one message."""
        return Jellier(self.forms, self.security, self.settings.depth - 1, self, perspective)

    def unjellier(self, perspective):
        # type: (Any) -> Unjellier
        """An Unjellier that reads one part of a message."""
        return Unjellier(self.security, self.registry, self, perspective)


def _shown(command):
    # type: (bytes) -> str
    """The beginning of a command, for a log."""
    return native(escape(command[:40]).encode('ascii', 'replace'))


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Sequence
