# Copyright the carryall authors.  See LICENSE.
"""Patience: how long one broker waits for a peer who does not choose, does not end,
does not read, or is not there.

Wire:     ['ping'] and ['pong'] between two of ours; another peer is sent its ['version', 6] once
          more, which everybody understands and nobody answers:
          a host that is gone is then noticed by TCP.
Limits:   handshake_seconds, message_seconds and write_seconds of limits.py.
Tests:    tests/protocols/pb/test_liveness.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.logs import get_logger
from carryall.protocols.pb.banana import encode

__all__ = ['Patience']

# -- limits ------------------------------------------------------------------
MESSAGE_RATE = 1024         # octets a second of a message that takes long, as of bodies in HTTP

log = get_logger('pb')


class Patience(object):
    """The timers of one broker.

    Args:     ping_seconds: without a word of the peer after which it is asked whether it is there;
              0 for never.

    Attributes:
        heard: whether anything came since the last look.
    """

    __slots__ = ('heard', '_broker', '_decoder', '_ping_seconds', '_asking', '_ending', '_taking',
                 '_messages', '_received', '_taken')

    def __init__(self, broker, decoder, ping_seconds):
        # type: (Any, Any, float) -> None
        self.heard = True
        self._broker = broker
        self._decoder = decoder
        self._ping_seconds = ping_seconds
        self._asking = None         # type: Any     # the timer of the handshake, and then of pings
        self._ending = None         # type: Any     # of a message that has begun
        self._taking = None         # type: Any     # of what waits for the peer
        self._messages = 0
        self._received = 0
        self._taken = 0

    def connected(self):
        # type: () -> None
        """The peer has so long to choose a dialect."""
        self._asking = self._broker.loop.call_later(self._broker.limits.handshake_seconds,
                                                    self._undecided)

    def _undecided(self):
        # type: () -> None
        self._broker.drop('no dialect was chosen in %g seconds'
                          % self._broker.limits.handshake_seconds)

    def chosen(self):
        # type: () -> None
        """A dialect was."""
        self._asking.cancel()
        self._asking = None
        if self._ping_seconds:
            self._asking = self._broker.loop.call_later(self._ping_seconds, self._look)

    def lost(self):
        # type: () -> None
        """The connection is gone."""
        for timer in (self._asking, self._ending, self._taking):
            if timer is not None:
                timer.cancel()
        self._asking = None
        self._ending = None
        self._taking = None

    # -- is the peer there? ------------------------------------------------------------------------

    def _look(self):
        # type: () -> None
        """Ask a silent peer; cut one that was asked and does not answer."""
        broker = self._broker
        seconds = self._ping_seconds
        if self.heard:
            self.heard = False
        elif broker.extended and broker.transport.is_reading():      # else we would not hear it
            log.info('%s: not a word in %g seconds', broker, 2 * seconds)
            broker.transport.abort()
            return
        broker.outbox.send(broker.hello if not broker.extended
                           else encode([b'ping'], broker.dialect))
        self._asking = broker.loop.call_later(seconds, self._look)

    def on_ping(self, _element):
        # type: (List[Any]) -> None
        """The peer asks."""
        if self._broker.extended:
            self._broker.outbox.send(encode([b'pong'], self._broker.dialect))

    def on_pong(self, _element):
        # type: (List[Any]) -> None
        """It is there."""

    # -- does a message end? -----------------------------------------------------------------------

    def begun(self):
        # type: () -> None
        """A message has begun and not ended; called at the end of whatever came."""
        seconds = self._broker.limits.message_seconds
        if self._ending is None and seconds:
            self._messages = self._decoder.messages
            self._received = self._decoder.received
            self._ending = self._broker.loop.call_later(seconds, self._look_for_its_end)

    def _look_for_its_end(self):
        # type: () -> None
        self._ending = None
        decoder = self._decoder
        broker = self._broker
        if not decoder.partial:
            return
        seconds = broker.limits.message_seconds
        if decoder.messages == self._messages and decoder.received - self._received < MESSAGE_RATE \
                * seconds \
                and broker.transport.is_reading():
            broker.drop('a message did not end in %g seconds' % seconds)
        else:
            self.begun()

    # -- does the peer read? -----------------------------------------------------------------------

    def clogged(self):
        # type: () -> None
        """The transport has enough."""
        seconds = self._broker.limits.write_seconds
        if self._taking is None and seconds:
            self._taken = self._taken_so_far()
            self._taking = self._broker.loop.call_later(seconds, self._look_whether_it_reads)

    def _taken_so_far(self):
        # type: () -> int
        return self._broker.outbox.written - self._broker.transport.get_write_buffer_size()

    def _look_whether_it_reads(self):
        # type: () -> None
        self._taking = None
        broker = self._broker
        if not broker.paused:
            return
        if self._taken_so_far() <= self._taken:
            log.info('%s: took nothing in %g seconds', broker, broker.limits.write_seconds)
            broker.transport.abort()
        else:
            self.clogged()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List
