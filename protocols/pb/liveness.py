# Copyright the carryall authors.  See LICENSE.
"""The time limits of one broker: for the choice of a dialect, partial messages, slow readers and
silent peers.

Wire:     ['ping'] and ['pong'] between two programs with carryall.  Another peer is sent
          ['version', 6] again, which all understand and none answers: TCP then notices a host that
          is gone.
Limits:   handshake_seconds, message_seconds and write_seconds of settings.py.
Tests:    tests/protocols/pb/test_liveness.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.logs import get_logger
from carryall.protocols.pb.banana import encode

__all__ = ['Liveness']

# -- limits ------------------------------------------------------------------
MESSAGE_RATE = 1024         # least octets a second of a long message, as of bodies in HTTP

log = get_logger('pb')


class Liveness(object):
    """The timers of one broker.

    Args:     ping_seconds: seconds of silence after which the peer is asked for a sign of life;
              0 for never.

    Attributes:
        heard: true if anything was received since the last check.
    """

    __slots__ = ('heard', '_broker', '_decoder', '_ping_seconds', '_ping_timer', '_message_timer',
                 '_write_timer', '_messages', '_received', '_taken')

    def __init__(self, broker, decoder, ping_seconds):
        # type: (Any, Any, float) -> None
        self.heard = True
        self._broker = broker
        self._decoder = decoder
        self._ping_seconds = ping_seconds
        self._ping_timer = None     # type: Any     # of the handshake, and then of pings
        self._message_timer = None  # type: Any     # of a partial message
        self._write_timer = None    # type: Any     # of unsent output
        self._messages = 0
        self._received = 0
        self._taken = 0

    def connected(self):
        # type: () -> None
        """Starts the time for the choice of a dialect."""
        self._ping_timer = self._broker.loop.call_later(self._broker.settings.handshake_seconds,
                                                    self._undecided)

    def _undecided(self):
        # type: () -> None
        self._broker.drop('no dialect was chosen in %g seconds'
                          % self._broker.settings.handshake_seconds)

    def chosen(self):
        # type: () -> None
        """Starts pinging: a dialect was chosen."""
        self._ping_timer.cancel()
        self._ping_timer = None
        if self._ping_seconds:
            self._ping_timer = self._broker.loop.call_later(self._ping_seconds, self._look)

    def lost(self):
        # type: () -> None
        """Cancels all timers: the connection is lost."""
        for timer in (self._ping_timer, self._message_timer, self._write_timer):
            if timer is not None:
                timer.cancel()
        self._ping_timer = None
        self._message_timer = None
        self._write_timer = None

    # -- is the peer there? ------------------------------------------------------------------------

    def _look(self):
        # type: () -> None
        """Pings a silent peer; cuts one that has not answered a ping."""
        broker = self._broker
        seconds = self._ping_seconds
        if self.heard:
            self.heard = False
        elif broker.extended and broker.transport.is_reading():      # a pong is read only then
            log.info('%s: silent for %g seconds', broker, 2 * seconds)
            broker.transport.abort()
            return
        broker.outbox.send(broker.hello if not broker.extended
                           else encode([b'ping'], broker.dialect))
        self._ping_timer = broker.loop.call_later(seconds, self._look)

    def on_ping(self, _element):
        # type: (List[Any]) -> None
        """Answers a ping."""
        if self._broker.extended:
            self._broker.outbox.send(encode([b'pong'], self._broker.dialect))

    def on_pong(self, _element):
        # type: (List[Any]) -> None
        """Accepts a pong; ``heard`` is set already."""

    # -- does a message end? -----------------------------------------------------------------------

    def begun(self):
        # type: () -> None
        """Starts the time of a partial message; called after each piece that leaves one."""
        seconds = self._broker.settings.message_seconds
        if self._message_timer is None and seconds:
            self._messages = self._decoder.messages
            self._received = self._decoder.received
            self._message_timer = self._broker.loop.call_later(seconds, self._look_for_its_end)

    def _look_for_its_end(self):
        # type: () -> None
        self._message_timer = None
        decoder = self._decoder
        broker = self._broker
        if not decoder.partial:
            return
        seconds = broker.settings.message_seconds
        if decoder.messages == self._messages and decoder.received - self._received < MESSAGE_RATE \
                * seconds \
                and broker.transport.is_reading():
            broker.drop('a message did not end in %g seconds' % seconds)
        else:
            self.begun()

    # -- does the peer read? -----------------------------------------------------------------------

    def clogged(self):
        # type: () -> None
        """Starts the time of unsent output: the transport's buffer is full."""
        seconds = self._broker.settings.write_seconds
        if self._write_timer is None and seconds:
            self._taken = self._taken_so_far()
            self._write_timer = self._broker.loop.call_later(seconds, self._look_whether_it_reads)

    def _taken_so_far(self):
        # type: () -> int
        return self._broker.outbox.written - self._broker.transport.get_write_buffer_size()

    def _look_whether_it_reads(self):
        # type: () -> None
        self._write_timer = None
        broker = self._broker
        if not broker.paused:
            return
        if self._taken_so_far() <= self._taken:
            log.info('%s: read nothing in %g seconds', broker, broker.settings.write_seconds)
            broker.transport.abort()
        else:
            self.clogged()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List
