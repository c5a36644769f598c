# Copyright the carryall authors.  See LICENSE.
"""StrictProtocol: a protocol that fails when the loop breaks the order of the callbacks (laws L1 to
L5, L11).

Tests:    tests/core/testing/test_strict.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.net.protocol import Protocol

__all__ = ['StrictProtocol']


class StrictProtocol(Protocol):
    """Collects what comes and asserts the grammar of the calls.

    Attributes:
        data: all bytes that came.
        calls: the names of the callbacks, in order.
        state: 'initial', 'connected', 'eof' or 'lost'.
        lost_with: what ``connection_lost`` was called with.
    """

    keep_open = False           # what eof_received returns

    def __init__(self):
        # type: () -> None
        self.data = b''
        self.calls = []             # type: List[str]
        self.state = 'initial'
        self.paused = False
        self.lost_with = None       # type: Optional[BaseException]
        self._inside = None         # type: Optional[str]

    def _enter(self, name, *states):
        # type: (str, *str) -> None
        assert self._inside is None, '%s was called inside %s (L3)' % (name, self._inside)
        assert self.state in states, \
            '%s came in state %r after %s' % (name, self.state, self.calls[-3:])
        self.calls.append(name)
        self._inside = name

    def connection_made(self, transport):
        self._enter('connection_made', 'initial')
        self.transport = transport
        self.state = 'connected'
        try:
            self.made()
        finally:
            self._inside = None

    def data_received(self, data):
        self._enter('data_received', 'connected')
        assert type(data) is bytes and data, 'data_received got %r (L2)' % (data,)
        self.data += data
        try:
            self.received(data)
        finally:
            self._inside = None

    def eof_received(self):
        self._enter('eof_received', 'connected')
        self.state = 'eof'
        try:
            self.ended()
        finally:
            self._inside = None
        return self.keep_open

    def connection_lost(self, exc):
        self._enter('connection_lost', 'connected', 'eof')
        self.state = 'lost'
        self.lost_with = exc
        try:
            self.lost(exc)
        finally:
            self._inside = None

    def pause_writing(self):
        assert not self.paused and self.state in ('connected', 'eof'), \
            'pause_writing twice or too late (L11)'
        self.paused = True
        self.calls.append('pause_writing')

    def resume_writing(self):
        assert self.paused and self.state in ('connected', 'eof'), \
            'resume_writing without pause_writing (L11)'
        self.paused = False
        self.calls.append('resume_writing')

    # For subclasses; the callbacks above stay as they are.

    def made(self):
        # type: () -> None
        """It is connected."""

    def received(self, data):
        # type: (bytes) -> None
        """*data* came."""

    def ended(self):
        # type: () -> None
        """The peer sends no more."""

    def lost(self, exc):
        # type: (Optional[BaseException]) -> None
        """It is over."""


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Optional
