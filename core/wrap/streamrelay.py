# Copyright the carryall authors.  See LICENSE.
"""Relay: the octets of one connection go out at another, and back, no faster than they are taken.

    class Server(End):                              # the end of the client
        def __init__(self, loop):
            End.__init__(self, Relay(self, loop, RelaySettings(idle_seconds=60.0)))

        def connection_made(self, transport):
            self.transport = transport
            self.hold(NEW)
            loop.connect_tcp(self.relay.new_far, 'host.example', 80).then(
                lambda pair: self.relay.join(pair[1]))

Given:    the client's End, the clock, RelaySettings; an OctetRate and a trace if wanted.
Returned: ``new_far()`` makes the protocol for the connection to the target; ``join()`` tells if the
          two are joined.
States:   WAITING -> JOINED -> CLOSED, or WAITING -> CLOSED; see Relay.

A connected target is not read before the join.  A side that sends no more is half-closed at the
other, which may go on.  A side that cannot be half-closed (TLS) is closed after HALF_CLOSE_SECONDS
of silence.  A side that breaks breaks the other.

Not here: a protocol that hands its connection to another one (relay.py).
Tests:    tests/protocols/portforward/test_server.py
"""
from __future__ import absolute_import, division, print_function

import warnings

from carryall.core.logs import get_logger
from carryall.core.net.deadlines import sweeper_of
from carryall.core.net.protocol import Protocol
from carryall.core.net.transport import peer
from carryall.core.ratelimit import OctetRate
from carryall.core.records import Record, names_of
from carryall.formernames import former_class

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional
    from carryall.core.net.deadlines import Sweeper

__all__ = ['CLOSED', 'End', 'Far', 'JOINED', 'Meter', 'NEW', 'Relay', 'RelaySettings', 'Terms',
           'WAITING']

# -- limits ------------------------------------------------------------------
IDLE_SECONDS = 3600.0       # without an octet either way; default
HALF_CLOSE_SECONDS = 30.0   # silence of a side that cannot be half-closed, after the other's end

# -- states ------------------------------------------------------------------
# Of a relay.
WAITING = 'waiting'         # the client is connected, the target is not
JOINED = 'joined'           # octets go both ways
CLOSED = 'closed'           # both connections are gone

# Why an end is not read; several reasons may hold at the same time.
FULL = 1                    # the other end has more output than its mark
RATE = 2                    # the meter says so
NEW = 4                     # the two are not joined

log = get_logger('relay')


# -- data objects ------------------------------------------------------------

class RelaySettings(Record):
    """Limits of a relay.

    Attributes:
        rows: each name with its default and meaning.
    """

    rows = (
        ('idle_seconds', IDLE_SECONDS, u'without an octet; the relay ends.  None: never'),
        ('max_octets', None, u'both ways together; the relay ends above it.  None: no limit'),
    )
    __slots__ = names_of(rows)


DEFAULTS = RelaySettings()


class Relay(object):
    """Two ends and what they share.

    | state | ``join()`` | both ends are gone |
    |---|---|---|
    | WAITING | JOINED | CLOSED |
    | JOINED | not allowed | CLOSED |
    | CLOSED | not allowed | CLOSED |

    Args:     near: the End of the client.
              clock: the loop, whose Sweeper watches the time.
              settings: RelaySettings.
              meter: an OctetRate that this relay shares with others, or None.
              trace: called with (end, data) for all data that comes in, or None.

    Attributes:
        state: WAITING, JOINED or CLOSED.
        near, far: the Ends of the client and of the target; far is None before the join.
        carried: octets, both ways together.
        deadline: loop time; the sweeper reads it.
        settings: as given.
        meter, trace: as given; they may be replaced before the join.
    """

    __slots__ = ('state', 'near', 'far', 'carried', 'deadline', 'settings', 'meter', 'trace',
                 'sweeper', 'watched')

    def __init__(self, near, clock, settings=DEFAULTS, meter=None, trace=None):
        # type: (Any, Any, RelaySettings, Optional[OctetRate], Optional[Callable]) -> None
        self.state = WAITING
        self.near = near
        self.far = None             # type: Optional[End]
        self.carried = 0
        self.deadline = None        # type: Optional[float]
        self.settings = settings
        self.meter = meter
        self.trace = trace
        self.sweeper = None         # type: Optional[Sweeper]   # None without a time limit
        if settings.idle_seconds is not None:
            self.sweeper = sweeper_of(clock)
        self.watched = False        # true if the octets are counted or traced

    def begin(self):
        # type: () -> None
        """Starts the time limit; ``join`` does so too."""
        if self.sweeper is not None:
            self.sweeper.add(self)
            self.extend()

    def extend(self):
        # type: () -> None
        """Starts the time limit again, because something has moved."""
        sweeper = self.sweeper
        if sweeper is not None:
            self.deadline = sweeper.now + self.settings.idle_seconds

    def shorten(self):
        # type: () -> None
        """Limit the silence of a side that cannot be half-closed to HALF_CLOSE_SECONDS."""
        sweeper = self.sweeper
        if sweeper is not None:
            self.deadline = sweeper.now + min(HALF_CLOSE_SECONDS, self.settings.idle_seconds)

    def new_far(self):
        # type: () -> Far
        """The protocol for a connection to the target."""
        far = Far(self)
        far.other = self.near
        return far

    def join(self, far, rest=b''):
        # type: (Far, bytes) -> bool
        """Lets the octets go both ways.  False if an end is gone already; then both are closed.

        Args:     far: the connected End of the target.
                  rest: octets of the client that have come already.
        """
        near = self.near
        near.other = far
        self.far = far
        if near.lost or near.transport.is_closing() and not near.ended:
            far.transport.abort()
            return False
        if far.lost:
            near.transport.close()
            return False
        self.state = JOINED
        self.watched = (self.settings.max_octets is not None or self.meter is not None
                        or self.trace is not None)
        if self.deadline is None:
            self.begin()
        if rest:
            End.data_received(near, rest)
        far.release(NEW)
        near.release(NEW)
        return True

    def end(self):
        # type: () -> None
        """Notes that both ends are gone."""
        self.state = CLOSED
        if self.sweeper is not None:
            self.sweeper.discard(self)

    def deadline_expired(self, now):
        # type: (float) -> None
        """The sweeper: nothing has moved for too long."""
        self.deadline = None
        log.info('%s: nothing has moved for too long, the relay ends', peer(self.near.transport))
        self.abort()

    def abort(self):
        # type: () -> None
        """Aborts both connections."""
        for end in (self.near, self.far):
            if end is not None and end.transport is not None:
                end.transport.abort()


# -- one end -----------------------------------------------------------------

class End(Protocol):
    """One end of a relay; the octets that it receives go out at ``other``.

    Args:     relay: the Relay that it belongs to.

    Attributes:
        other: the other End, None before the join.
        ended: true once the peer has sent its last octet.
        lost: true once the connection is gone.
        held: the reasons why it is not read, FULL, RATE and NEW.
    """

    def __init__(self, relay):
        # type: (Relay) -> None
        self.relay = relay
        self.other = None           # type: Any
        self.ended = False
        self.lost = False
        self.held = 0

    def data_received(self, data):
        relay = self.relay
        relay.carried += len(data)
        if relay.deadline is not None:
            relay.extend()
        self.other.transport.write(data)
        if relay.watched:
            self._watch(data)

    def _watch(self, data):
        # type: (bytes) -> None
        relay = self.relay
        most = relay.settings.max_octets
        if relay.trace is not None:
            relay.trace(self, data)
        if most is not None and relay.carried > most:
            log.info('%s: more than %d octets, the relay ends', peer(relay.near.transport), most)
            relay.abort()
        elif relay.meter is not None:
            seconds = relay.meter.spend(len(data))
            if seconds > 0.0:
                self.hold(RATE)
                if relay.deadline is not None:      # the wait is ours and not the peer's
                    relay.deadline += seconds
                relay.meter.clock.call_later(seconds, self.release, RATE)

    def hold(self, why):
        # type: (int) -> None
        """Does not read, for that reason."""
        self.held |= why
        self.transport.pause_reading()

    def release(self, why):
        # type: (int) -> None
        """Reads again, unless there is another reason not to."""
        self.held &= ~why
        if not self.held and not self.lost:
            self.transport.resume_reading()

    # The data for a peer that does not read would fill our memory, so the other end is not read
    # meanwhile.

    def pause_writing(self):
        if self.other is not None and self.other.transport is not None:
            self.other.hold(FULL)

    def resume_writing(self):
        if self.relay.deadline is not None:         # a slow reader is not idle
            self.relay.extend()
        if self.other is not None and self.other.transport is not None:
            self.other.release(FULL)

    def eof_received(self):
        self.ended = True
        other = self.other
        if other is None or other.transport is None or other.lost:
            return False
        relay = self.relay
        if other.transport.can_write_eof():
            other.transport.write_eof()
        elif relay.deadline is not None:
            relay.shorten()
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
    """The target's end, which is not read before the join.

    Attributes:
        gone: called without arguments when the connection is lost, or None.
    """

    gone = None                     # type: Optional[Callable[[], Any]]

    def connection_made(self, transport):
        self.transport = transport
        self.hold(NEW)

    def connection_lost(self, exc):
        if self.gone is not None:
            self.gone()
        End.connection_lost(self, exc)


# -- former names ------------------------------------------------------------

Meter = former_class('carryall.core.wrap.streamrelay.Meter', OctetRate)


class Terms(object):
    """The former spelling of RelaySettings, with a sweeper, a meter and a trace.

    Attributes:
        sweeper: stands for the clock of a Relay.
        settings, meter, trace: as a Relay takes them.
    """

    def __init__(self, sweeper=None, idle_seconds=IDLE_SECONDS, max_octets=None, meter=None,
                 trace=None):
        # type: (Any, float, Optional[int], Optional[OctetRate], Optional[Callable]) -> None
        warnings.warn('Terms is Settings of carryall.protocols.portforward now; the meter and the '
                      'trace are attributes of a ForwardService', DeprecationWarning, 2)
        self.sweeper = sweeper
        self.settings = RelaySettings(idle_seconds=None if sweeper is None else idle_seconds,
                                      max_octets=max_octets)
        self.meter = meter
        self.trace = trace
