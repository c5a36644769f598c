# Copyright the carryall authors.  See LICENSE.
"""Relay of streams: what comes in at one end goes out at the other, no faster than it is taken.

The client is not read before the target is connected, so nothing of it is held.  When one side
sends no more, the other is told so (half-close) and may go on; a side that cannot be half-closed
(TLS below 1.3) is closed when it has been silent for HALF_CLOSE_SECONDS since.  A side that breaks
breaks the other.

Tests:    tests/protocols/portforward/test_server.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.logs import get_logger
from carryall.core.net.protocol import Protocol
from carryall.core.net.transport import peer
from carryall.core.ratelimit import OctetRate
from carryall.formernames import former_class

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional
    from carryall.core.net.deadlines import Sweeper

__all__ = ['End', 'Far', 'Meter', 'NEW', 'Relay', 'Terms']

# -- limits ------------------------------------------------------------------
IDLE_SECONDS = 3600.0       # without an octet either way; default
HALF_CLOSE_SECONDS = 30.0   # silence of a side that cannot be half-closed, after the other's end

# why an end is not read
FULL = 1
RATE = 2
NEW = 4

log = get_logger('relay')

Meter = former_class('carryall.core.wrap.streamrelay.Meter', OctetRate)


# -- data objects ------------------------------------------------------------

class Terms(object):
    """The state that relays share: those of a service, or of one user.

    Args:     sweeper: watches the deadlines; None for no limit in time.
              idle_seconds: a relay without an octet for so long ends.
              max_octets: a relay that has carried more than that, both ways together, ends;
                          None for no bound.
              meter: an OctetRate that all these relays share, or None.
              trace: called with (end, data) for all that comes in, or None.
    """

    __slots__ = ('sweeper', 'idle_seconds', 'max_octets', 'meter', 'trace', 'watched')

    def __init__(self, sweeper=None, idle_seconds=IDLE_SECONDS, max_octets=None, meter=None,
                 trace=None):
        # type: (Optional[Sweeper], float, Optional[int], Optional[OctetRate], Optional[Callable[[End, bytes], Any]]) -> None
        self.sweeper = sweeper
        self.idle_seconds = idle_seconds
        self.max_octets = max_octets
        self.meter = meter
        self.trace = trace
        self.watched = max_octets is not None or meter is not None or trace is not None


class Relay(object):
    """Two ends and what they share.

    Attributes:
        near, far: the Ends, that of the client and that of the target.
        carried: octets, both ways together.
        deadline: loop time; the sweeper reads it.
    """

    __slots__ = ('near', 'far', 'carried', 'deadline', 'terms')

    def __init__(self, terms, near):
        # type: (Terms, End) -> None
        self.terms = terms
        self.near = near
        self.far = None             # type: Optional[End]
        self.carried = 0
        self.deadline = None        # type: Optional[float]

    def begin(self):
        # type: () -> None
        """It has a time limit from now on."""
        if self.terms.sweeper is not None:
            self.terms.sweeper.add(self)
            self.deadline = self.terms.sweeper.now + self.terms.idle_seconds

    def end(self):
        # type: () -> None
        """Both ends are gone."""
        if self.terms.sweeper is not None:
            self.terms.sweeper.discard(self)

    def deadline_expired(self, now):
        # type: (float) -> None
        """The sweeper: nothing has moved for too long."""
        self.deadline = None
        log.info('%s: nothing has moved for too long, the relay ends', peer(self.near.transport))
        self.abort()

    def abort(self):
        # type: () -> None
        """End it now, both sides."""
        for end in (self.near, self.far):
            if end is not None and end.transport is not None:
                end.transport.abort()


# -- one end -----------------------------------------------------------------

class End(Protocol):
    """One end of a relay; what it receives goes out at ``other``.

    Args:     relay: the Relay that it belongs to.
    """

    def __init__(self, relay):
        # type: (Relay) -> None
        self.relay = relay
        self.other = None           # type: Any
        self.ended = False          # whether the peer has sent its last octet
        self.lost = False
        self.held = 0              # why it is not read: FULL, RATE, or both

    def data_received(self, data):
        relay = self.relay
        terms = relay.terms
        relay.carried += len(data)
        if terms.sweeper is not None:
            relay.deadline = terms.sweeper.now + terms.idle_seconds
        self.other.transport.write(data)
        if terms.watched:
            self._watch(data)

    def _watch(self, data):
        # type: (bytes) -> None
        relay = self.relay
        terms = relay.terms
        if terms.trace is not None:
            terms.trace(self, data)
        if terms.max_octets is not None and relay.carried > terms.max_octets:
            log.info('%s: more than %d octets, the relay ends', peer(relay.near.transport),
                     terms.max_octets)
            relay.abort()
        elif terms.meter is not None:
            seconds = terms.meter.spend(len(data))
            if seconds > 0.0:
                self.hold(RATE)
                if relay.deadline is not None:      # it is we who are slow
                    relay.deadline += seconds
                terms.meter.clock.call_later(seconds, self.release, RATE)

    def hold(self, why):
        # type: (int) -> None
        """Do not read."""
        self.held |= why
        self.transport.pause_reading()

    def release(self, why):
        # type: (int) -> None
        """Read again, unless there is another reason not to."""
        self.held &= ~why
        if not self.held and not self.lost:
            self.transport.resume_reading()

    # A peer that does not read would fill our memory: while it does not,
    # we do not read what is for it.

    def pause_writing(self):
        if self.other is not None and self.other.transport is not None:
            self.other.hold(FULL)

    def resume_writing(self):
        if self.relay.deadline is not None:         # reading slowly is life too
            self.relay.deadline = self.relay.terms.sweeper.now + self.relay.terms.idle_seconds
        if self.other is not None and self.other.transport is not None:
            self.other.release(FULL)

    def eof_received(self):
        self.ended = True
        other = self.other
        if other is None or other.transport is None or other.lost:
            return False
        if other.transport.can_write_eof():
            other.transport.write_eof()
        elif self.relay.deadline is not None:
            self.relay.deadline = self.relay.terms.sweeper.now + min(
                HALF_CLOSE_SECONDS, self.relay.terms.idle_seconds)
        return True

    def connection_lost(self, exc):
        self.lost = True
        other = self.other
        if other is None or other.transport is None or other.lost:
            self.relay.end()
        elif exc is None:
            other.transport.close()
        else:
            log.debug('the relay breaks: %s', exc)
            other.transport.abort()


class Far(End):
    """The target's end; it is not read before the two are joined.

    Attributes:
        gone: called without arguments when it is lost, or None.
    """

    gone = None                     # type: Optional[Callable[[], Any]]

    def connection_made(self, transport):
        self.transport = transport
        self.hold(NEW)

    def begin(self):
        # type: () -> None
        """The two are joined."""
        self.release(NEW)

    def connection_lost(self, exc):
        if self.gone is not None:
            self.gone()
        End.connection_lost(self, exc)
