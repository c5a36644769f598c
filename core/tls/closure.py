# Copyright the carryall authors.  See LICENSE.
"""Closure: the state of a connection from which TLS is being taken off (law L18).

Our close_notify goes out, the peer's comes in, and then the connection goes on in clear:

    written before stop_tls     sent under TLS, followed by our close_notify
    written after it            waits for the peer's close_notify, then goes out in clear;
                                a close does not wait
    received before theirs      delivered as before: it came under TLS
    received behind theirs      delivered after `tls_stopped` of the protocol above

Not here: the connection itself (`connection.py`), which decides when each step is due.
Tests:    tests/core/tls/test_closure.py, tests/contract/test_l18_stop_tls.py (over every backend)
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES
from carryall.core.errors import ConnectionLost
from carryall.core.future import Future
from carryall.core.net.segment import FileSegment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional, Union

__all__ = ['Closure']

MAX_DOUBTFUL = 65536  # octets kept while it is unclear if they are TLS: more than a record has

# The octets that a record may begin with (RFC 8446 section 5.1);
# no command of a text protocol does.
_RECORDS = (b'\x14', b'\x15', b'\x16', b'\x17')


class Closure(object):
    """TLS of one connection on its way out.

    Args:     session: of the provider.
              lenient: clear text from the peer counts as its close_notify.

    Attributes:
        done: a Future of None: the connection is in clear.
        lenient: as given.
        said: our close_notify has been sent.
        rest: octets that came behind the peer's close_notify; None before it.
        end_below: the stream below has ended.
        written: bytes and FileSegments that go out in clear.
    """

    __slots__ = ('done', 'end_below', 'lenient', 'rest', 'said', 'written', '_doubtful', '_session')

    def __init__(self, session, lenient):
        # type: (Any, bool) -> None
        self.done = Future()
        self.lenient = lenient
        self.said = False
        self.rest = None            # type: Optional[bytes]
        self.end_below = False
        self.written = []           # type: List[Union[bytes, FileSegment]]
        self._session = session
        self._doubtful = b''        # received since the last octets that made sense as TLS

    def receive(self, data):
        # type: (bytes) -> bytes
        """The plain text of *data*.

        Raises:   ConnectionLost: too many octets that are neither TLS nor clear text; or what the
                  session raises.
        """
        if self.lenient and self.said:
            self._doubtful += data
        try:
            plain = self._session.receive(data)
        except FAILURES:
            # peer: curl sends no close_notify after CCC by default, but its next command in clear.
            if not self._doubtful or self._doubtful[:1] in _RECORDS:
                raise
            plain = b''
            self._session.take()                # drops the alert about it
            self.rest = self._doubtful
        if plain:
            self._doubtful = b''
        elif len(self._doubtful) > MAX_DOUBTFUL:
            raise ConnectionLost(u'the peer neither stops TLS nor continues it')
        return plain

    def stream_ended(self):
        # type: () -> bool
        """Notes the end of the stream below; True if it is as good as a close_notify."""
        if not self._session.ended and not (self.lenient and self.said):
            return False
        self.end_below = True
        self.rest = self.rest or b''
        return True

    def peer_has_stopped(self):
        # type: () -> bool
        """True if the peer's close_notify has come; ``rest`` is then set."""
        if self.rest is None and self._session.ended:
            self.rest = self._session.rest()
        return self.rest is not None

    def write_to(self, transport):
        # type: (Any) -> None
        """Writes to *transport*, in clear, what was written after our close_notify."""
        written, self.written = self.written, []
        for item in written:
            if isinstance(item, FileSegment):
                sent = transport.write_file(item.source, item.offset, item.left)
                sent.add_done_callback(_passing_on(item.future))
            else:
                transport.write(item)


def _passing_on(waiting):
    # type: (Future) -> Callable[[Future], None]
    """A callback that completes *waiting* like the Future that it is called with."""
    def pass_on(future):
        # type: (Future) -> None
        if future.exception() is None:
            waiting.set_result(future.result())
        else:
            waiting.set_exception(future.exception())
    return pass_on
