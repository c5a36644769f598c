# Copyright the carryall authors.  See LICENSE.
"""RemoteProducer: a producer in the personal server, and whether it may send.

A producer that streams sends until it is paused; any other sends one piece for each
``resumeProducing``.

States:   FLOWING   it streams                      HELD    it streams, and is paused
          RESUMED   as FLOWING, but its answer to resumeProducing is still to come
          STOPPED   as HELD, but the same
          IDLE      it waits to be asked            ASKED   it was asked for a piece
Tests:    tests/services/distrib/test_exchange.py
"""
from __future__ import absolute_import, division, print_function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

__all__ = ['RemoteProducer']

FLOWING, HELD, RESUMED, STOPPED, IDLE, ASKED = range(6)

# state: (the state after a demand, after an answer, after a pause); None if that does nothing
NEXT = {
    FLOWING: (None, None, HELD),
    HELD: (RESUMED, None, None),
    RESUMED: (None, FLOWING, STOPPED),
    STOPPED: (None, HELD, None),
    IDLE: (ASKED, None, None),
    ASKED: (None, IDLE, None),
}
DEMAND, ANSWER, PAUSE = range(3)


class RemoteProducer(object):
    """A producer.

    Args:     reference: pb.RemoteReference, kept.
              streaming: it sends unasked.
              answered:  called with the Future of each answer to ``resumeProducing``.
    """

    __slots__ = ('reference', '_state', '_answered')

    def __init__(self, reference, streaming, answered):
        # type: (Any, bool, Callable[[Any], None]) -> None
        self.reference = reference
        self._state = FLOWING if streaming else IDLE
        self._answered = answered

    @property
    def idle(self):
        # type: () -> bool
        """If it sends nothing unless it is asked."""
        return self._state == IDLE

    def demand(self):
        # type: () -> None
        """Asks for the next piece, or resumes it after a pause."""
        if self._move(DEMAND):
            self.reference.call_remote('resumeProducing').add_done_callback(self._resumed)

    def pause(self):
        # type: () -> None
        """Pauses it if it streams."""
        if self._move(PAUSE):
            self.reference.call_remote('pauseProducing').then(None, lambda _error: None)

    def stop(self):
        # type: () -> None
        """Tells it that no more is wanted."""
        self.reference.call_remote('stopProducing').then(None, lambda _error: None)

    def release(self):
        # type: () -> None
        """Releases the reference."""
        self.reference.release()

    def _resumed(self, future):
        # type: (Any) -> None
        self._move(ANSWER)
        self._answered(future)

    def _move(self, event):
        # type: (int) -> bool
        """Goes to the next state; False if the event does nothing in this one."""
        following = NEXT[self._state][event]
        if following is None:
            return False
        self._state = following
        return True
