# Copyright the carryall authors.  See LICENSE.
"""Output: what was written and does not fit yet, bytes and files in their order.

A transport has one only while something waits; the write that fits never comes here.

Tests:    tests/runtimes/test_output.py, tests/contract/ (laws L8, L11)
"""
from __future__ import absolute_import, division, print_function

from collections import deque

from carryall.core.compat import FAILURES
from carryall.core.net.segment import FileSegment

__all__ = ['Output']

JOIN_BYTES = 65536          # small pieces are joined up to this before they are sent
BURST_BYTES = 1 << 21       # sent to one connection before the others have their turn
FILE_BYTES = 131072         # read at once of a file that cannot go by sendfile


class Output(object):
    """A queue of bytes and file segments in front of one channel.

    A subclass defines how a channel takes them.  ``pieces(data)`` gives the items to queue for
    bytes; ``write(piece)`` gives the number of bytes taken.  So does ``write_file(segment)``; it
    gives None if the system cannot copy files by itself, or the error of a file that ended early.
    """

    __slots__ = ('size', 'sent', 'channel', '_queue')

    def __init__(self, channel):
        # type: (Any) -> None
        self.size = 0               # bytes that wait, those of files included
        self.sent = 0               # bytes that the channel took, until they are counted
        self.channel = channel
        self._queue = deque()       # type: deque

    pieces = None                   # type: Any

    def write(self, piece):
        # type: (Any) -> int
        raise NotImplementedError

    def write_file(self, segment):
        # type: (FileSegment) -> Optional[int]
        raise NotImplementedError

    def append(self, data):
        # type: (bytes) -> None
        """Queue bytes."""
        self._queue.append(data)
        self.size += len(data)

    def append_file(self, segment):
        # type: (FileSegment) -> None
        """Queues a part of a file."""
        self._queue.append(segment)
        self.size += segment.left

    def flush(self):
        # type: () -> None
        """Sends what the channel takes now, BURST_BYTES at the most; raises what the channel
        raises.

        LocalProtocolError says that a file ended early; nothing more can be sent then.
        """
        budget = BURST_BYTES
        queue = self._queue
        while queue and budget > 0:
            head = queue[0]
            if isinstance(head, FileSegment):
                sent, room = self._send_file(head)
            else:
                if isinstance(head, bytes):
                    head = self.pieces(self._join())
                    queue[0] = head
                size = len(head)
                sent = self._try(self.write, head)
                room = sent == size
                if room:
                    queue.popleft()
                elif sent:
                    queue[0] = head[sent:]
            self.size -= sent
            self.sent += sent
            budget -= sent
            if not room:
                return

    def _join(self):
        # type: () -> bytes
        """Takes the bytes at the head of the queue, joined with small ones behind; leaves a place
        for them at the head."""
        queue = self._queue
        parts = [queue.popleft()]
        size = 0
        while queue and isinstance(queue[0], bytes) and size + len(parts[0]) < JOIN_BYTES:
            size += len(queue[0])
            parts.append(queue.popleft())
        queue.appendleft(None)
        return b''.join(parts) if len(parts) > 1 else parts[0]

    def _try(self, write, piece):
        # type: (Callable[[Any], int], Any) -> int
        try:
            return write(piece)
        except FAILURES as exc:
            if self.channel.is_retry(exc):
                return 0
            raise

    def _send_file(self, segment):
        # type: (FileSegment) -> Tuple[int, bool]
        """Sends part of a file; (bytes taken, true if more may fit)."""
        queue = self._queue
        sent = 0
        if segment.left:
            try:
                sent = self.write_file(segment)        # type: ignore
            except FAILURES as exc:
                if not self.channel.is_retry(exc):
                    raise segment.fault_of(exc)
                return 0, False
            if sent is None:
                try:
                    data = segment.read(FILE_BYTES)
                except FAILURES as exc:
                    raise segment.fault_of(exc)
                if not data:
                    raise segment.ended_early()
                # In front of the segment, which still counts what is left of it.
                queue.appendleft(data)
                segment.advance(len(data))
                return 0, True
            if not sent:
                return 0, False
            segment.advance(sent)
        if not segment.left:
            queue.popleft()
            segment.future.set_result(segment.count)
        return sent, True

    def drop(self, error):
        # type: (BaseException) -> None
        """Forgets everything; the files that were not sent fail with *error*."""
        items = list(self._queue)
        self._queue.clear()         # the same queue: a flush may be under way, further up the stack
        self.size = 0
        for item in items:
            if isinstance(item, FileSegment) and not item.future.done():
                item.future.set_exception(error)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional, Tuple
