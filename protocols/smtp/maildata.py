# Copyright the carryall authors.  See LICENSE.
"""MailData: the mail data that a client is sending, by DATA or in chunks by BDAT.

It collects the octets and counts them in the memory of all messages.  It limits the time of a
message: the whole time, and the rate at which octets must come.

Source:   RFC 5321 section 4.1.1.4 (DATA), RFC 3030 section 2 (BDAT)
Tests:    tests/protocols/smtp/test_chunking.py, tests/protocols/smtp/test_messagememory.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.buffer import FEW_PIECES, join_small
from carryall.core.line.transparency import DataReader
from carryall.core.logs import get_logger
from carryall.core.net.deadlines import NEVER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional
    from carryall.core.future import Future
    from carryall.protocols.smtp.messagememory import MessageMemory
    from carryall.protocols.smtp.server import SMTPServer

__all__ = ['MailData', 'NO_ROOM']

NO_ROOM = b'452 4.3.1 Insufficient system storage, try again later'

log = get_logger('smtp')


class MailData(object):
    """The mail data of one connection, message after message.

    Args:     server: the SMTPServer, which is told if a message must go.
              memory: the MessageMemory of all messages.

    Attributes:
        began: loop time at which the present message, or the last one, began.
        until: loop time at which its time is over; NEVER between messages.
        reserved: octets of it that were received and are counted in the memory.
        fault: the reply that the present chunk will get; None if it is accepted.
        announced: octets of the present chunk in all.
        last: true if the present chunk is the last one.
    """

    __slots__ = ('began', 'until', 'reserved', 'fault', 'announced', 'last', '_server', '_memory',
                 '_settings', '_reader', '_chunks', '_missing', '_dropped')

    def __init__(self, server, memory):
        # type: (SMTPServer, MessageMemory) -> None
        self.began = NEVER
        self.until = NEVER
        self.reserved = 0
        self.fault = None           # type: Optional[bytes]
        self.announced = 0
        self.last = False
        self._server = server       # type: Any
        self._memory = memory
        self._settings = server.settings
        self._reader = None         # type: Optional[DataReader]  # while DATA is under way
        self._chunks = None         # type: Optional[List[bytes]]  # those that have come
        self._missing = 0           # octets of a chunk that are still to come
        self._dropped = 0           # octets of a message or chunk that is refused, while it comes

    # -- time ----------------------------------------------------------------

    def begin(self, now):
        # type: (float) -> None
        """Starts the clock of a message."""
        self.began = now
        self.until = now + self._settings.message_start_seconds

    def deadline(self, now):
        # type: (float) -> float
        """The time until the next piece, or the end of the message's time, whichever is earlier."""
        deadline = now + self._settings.data_idle_seconds
        until = self.until
        return deadline if deadline < until else until

    def continues(self, now):
        # type: (float) -> bool
        """True if its time is over but the octets that have come at ``message_rate`` earn more."""
        if self.until > now:
            return False
        settings = self._settings
        seconds = settings.message_seconds
        if settings.message_rate:
            earned = self._octets() / settings.message_rate
            seconds = min(settings.message_start_seconds + earned, seconds)
        until = self.began + seconds
        if until <= now:
            return False
        self.until = until
        return True

    def _octets(self):
        # type: () -> int
        """The octets of the present message that have come, kept or not."""
        refused = self.fault is not None or self._reader is not None and self._reader.too_big
        return self._dropped if refused else self.reserved

    # -- DATA ----------------------------------------------------------------

    def begin_data(self, now):
        # type: (float) -> None
        """Expects a message that ends with a dot."""
        self._reader = DataReader(self._settings.max_size)
        self._dropped = 0
        self.began = now
        self.until = now + self._settings.message_start_seconds

    def feed(self, data, now):
        # type: (bytes, float) -> Optional[bytes]
        """Takes octets; returns those behind the end of the message or chunk, None before it."""
        reader = self._reader
        if reader is None:
            return self._feed_chunk(data, now)
        octets = len(data)
        self.reserved += octets
        self._memory.left -= octets
        rest = reader.feed(data)
        if rest is None:
            self._goes_on(reader, now)
        return rest

    def _goes_on(self, reader, now):
        # type: (DataReader, float) -> None
        """Counts a message in several pieces in the memory, unless it is too big to keep."""
        if reader.too_big:
            self._dropped += self.reserved
            self.give_back()
            return
        self._memory.holders.add(self)
        if self._memory.left < 0 and not self.has_memory(now):
            self._server.cut_message()

    def take_data(self):
        # type: () -> Optional[DataReader]
        """The reader of a message that has ended; None for a chunk."""
        reader = self._reader
        self._reader = None
        return reader

    # -- BDAT ----------------------------------------------------------------

    def begin_chunk(self, size, last, fault, now):
        # type: (int, bool, Optional[bytes], float) -> None
        """Expects *size* octets, which are kept unless *fault* is the reply that refuses them."""
        self._missing = size
        self.announced = size
        self.last = last
        self.fault = fault
        if fault is None:
            if self._chunks is None:
                self._chunks = []
                self.begin(now)
        elif size:
            self._dropped = 0
            if self.until == NEVER:
                self.begin(now)

    def _feed_chunk(self, data, now):
        # type: (bytes, float) -> Optional[bytes]
        mine = data[:self._missing]
        self._missing -= len(mine)
        if self.fault is not None:
            self._dropped += len(mine)
        else:
            self._keep_chunk(mine, now)
        return None if self._missing else data[len(mine):]

    def _keep_chunk(self, data, now):
        # type: (bytes, float) -> None
        chunks = self._chunks               # type: Any
        chunks.append(data)
        if len(chunks) % FEW_PIECES == 0:
            join_small(chunks)
        self.reserved += len(data)
        self._memory.left -= len(data)
        if self._missing:
            self._memory.holders.add(self)
        if self._memory.left < 0 and not self.has_memory(now):
            # The message goes; the rest of the chunk is read and dropped.
            self.fault = NO_ROOM
            self._dropped = self.reserved
            self._chunks = []
            self.give_back()

    def take_chunks(self):
        # type: () -> bytes
        """The whole message, of all chunks."""
        message = b''.join(self._chunks)            # type: ignore
        self._chunks = None
        return message

    # -- memory --------------------------------------------------------------

    def has_memory(self, now):
        # type: (float) -> bool
        """True if memory is free; if necessary, another client's message is dropped."""
        return self._memory.left > 0 or self._memory.make(self, now)

    def give_back(self):
        # type: () -> None
        """Returns the octets of this message to the memory."""
        self._memory.left += self.reserved
        self.reserved = 0

    def give_back_after(self, stored):
        # type: (Future) -> None
        """Returns them once a message is stored whose client has left."""
        memory = self._memory
        octets = self.reserved
        self.reserved = 0
        stored.add_done_callback(lambda _: memory.give(octets))

    def end(self):
        # type: () -> None
        """Forgets the message."""
        self._reader = None
        self._chunks = None
        self._memory.left += self.reserved
        self.reserved = 0

    def close(self):
        # type: () -> None
        """Leaves the memory and the server, whose connection has ended, so that no cycle is
        left."""
        self._memory.holders.discard(self)
        self._server = None

    def host(self):
        # type: () -> str
        """For the MessageMemory: the address of the client, without its port."""
        return self._server.session.host()

    def gives_way(self):
        # type: () -> int
        """For the MessageMemory: the octets that ``give_way()`` frees; 0 while the message is being
        stored."""
        return 0 if self._server.pending is not None else self.reserved

    def give_way(self):
        # type: () -> None
        """For the MessageMemory: drops this message and its connection."""
        log.info('%s: message cut after %d octets: the memory of all messages is full',
                 self._server.session.address, self.reserved)
        self._server.cut_message()
