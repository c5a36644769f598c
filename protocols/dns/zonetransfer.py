# Copyright the carryall authors.  See LICENSE.
"""Zone transfers: the messages of AXFR (RFC 5936) and IXFR (RFC 1995), on both sides.

    for packet in Transfers(10).begin(zone, message, reply, signer, wall, history): ...
    collector = TransferReader(origin, serial)
    collector.add(message)          # True once it is complete

Tests:    tests/protocols/dns/test_zonetransfer.py
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.dns.domainname import format_name
from carryall.protocols.dns.errors import DNSError
from carryall.protocols.dns.tsig import MAX_SIGNATURE
from carryall.protocols.dns.wire import AA, Message, Question, format_message
from carryall.protocols.dns.zonedata import SOA, Zone, is_later, serial_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator, List, Optional
    from carryall.protocols.dns.wire import ResourceRecord

__all__ = ['TransferReader', 'Transfers', 'ZoneChange', 'request']

# -- limits ------------------------------------------------------------------
MESSAGE = 16384             # octets of a message, about: pointers reach so far
MAX_RECORDS = 20000000      # of a transfer that we take; a zone has fewer

IXFR = 251


class ZoneChange(object):
    """One step of a zone: the records that went and came, with both SOA records.

    Attributes:
        before, after: serial numbers.
        removed, added: records, the SOA first.
    """

    __slots__ = ('before', 'after', 'removed', 'added')

    def __init__(self, removed, added):
        # type: (List[ResourceRecord], List[ResourceRecord]) -> None
        self.removed = removed
        self.added = added
        self.before = serial_of(removed[0].data)
        self.after = serial_of(added[0].data)

    def apply(self, zone):
        # type: (Zone) -> None
        """Takes the step."""
        _step(zone, self.removed, self.added)

    def undo(self, zone):
        # type: (Zone) -> None
        """Takes the step back."""
        _step(zone, self.added, self.removed)


def _step(zone, removed, added):
    # type: (Zone, List[ResourceRecord], List[ResourceRecord]) -> None
    for record in removed:
        zone.remove(record.name, record.rtype, record.data)
    for record in added:
        zone.add(record)


class Transfers(object):
    """Counts the transfers that are under way.

    Args:     most: at the same time.
    """

    def __init__(self, most):
        # type: (int) -> None
        self._left = most

    def begin(self, zone, message, reply, signer, wall, history):
        # type: (Zone, Message, Message, Any, Any, Any) -> Any
        """An iterator of the messages; None if too many are under way."""
        if self._left <= 0:
            return None
        records = None                  # type: Any
        if message.questions[0].rtype == IXFR:
            records = _changes(zone, message, history)
        if records is None:
            records = _whole(zone)
        self._left -= 1
        return self._packets(records, reply, signer, wall)

    def _packets(self, records, reply, signer, wall):
        # type: (Iterator[ResourceRecord], Message, Any, Any) -> Iterator[bytes]
        # Closing the generator, as a lost connection does, gives the place back too.
        try:
            if signer is not None:
                signer.next_reply()
            room = MESSAGE
            part = _next_part(reply)
            size = 0
            for record in records:
                # 24: the most that the fields and a name of a few labels take, about
                cost = len(record.data) + len(record.name) + 24
                if part.answers and size + cost > room:
                    yield _signed(part, signer, wall)
                    part = _next_part(reply)
                    size = 0
                part.answers.append(record)
                size += cost
            yield _signed(part, signer, wall)
        finally:
            self._left += 1


def _next_part(reply):
    # type: (Message) -> Message
    part = Message(reply.number, reply.flags | AA)
    part.questions = list(reply.questions)
    if reply.edns is not None:
        part.edns = reply.edns
    return part


def _signed(part, signer, wall):
    # type: (Message, Any, Any) -> bytes
    packet = format_message(part, 65535, MAX_SIGNATURE)
    return packet if signer is None else signer.sign(packet, wall())


def _whole(zone):
    # type: (Zone) -> Iterator[ResourceRecord]
    """The records of AXFR: the SOA comes first and last."""
    soa = None
    for record in zone.records():
        if soa is None:
            soa = record
        yield record
    yield soa                           # type: ignore


def _changes(zone, message, history):
    # type: (Zone, Message, Any) -> Any
    """The records of IXFR; None if the whole zone has to be sent."""
    if not message.authority or message.authority[0].rtype != SOA:
        return None
    serial = serial_of(message.authority[0].data)
    soa = zone.soa().records(zone.origin, zone.rclass)[0]       # type: ignore
    if not is_later(zone.serial, serial):
        return iter([soa])              # RFC 1995 section 4: the client is up to date
    steps = []                          # type: List[ZoneChange]
    for change in reversed(list(history)):
        steps.insert(0, change)
        if change.before == serial:
            break
    else:
        return None
    if steps[-1].after != zone.serial:
        return None
    records = [soa]
    for change in steps:
        records += change.removed
        records += change.added
    return iter(records + [soa])


class TransferReader(object):
    """Collects the answer to AXFR or IXFR.

    Args:     serial: that we have, for IXFR; None for AXFR.

    Attributes:
        zone: the whole Zone, or None if changes came.
        changes: of ZoneChange.
        current: true if the server has nothing newer.
    """

    def __init__(self, origin, serial=None, rclass=1):
        # type: (bytes, Optional[int], int) -> None
        self._origin = origin.lower()
        self._serial = serial
        self._rclass = rclass
        self._soa = None                # type: Any
        self._whole = None              # type: Any     # None until the second record is there
        self._complete = False
        self._count = 0
        self._removed = []              # type: List[ResourceRecord]
        self._added = []                # type: List[ResourceRecord]
        self._adding = False
        self.zone = None                # type: Optional[Zone]
        self.changes = []               # type: List[ZoneChange]
        self.current = False

    def add(self, message):
        # type: (Message) -> bool
        """Takes one message; True once the transfer is complete.

        Raises:   DNSError: the server refuses, or breaks the rules of a transfer.
        """
        if message.rcode:
            raise DNSError(u'the transfer of %s is refused' % format_name(self._origin),
                           reply=message.rcode)
        for record in message.answers:
            self._count += 1
            if self._complete or self._count > MAX_RECORDS:
                raise DNSError(u'records follow the end of the transfer')
            self._take(record)
        if self._count == 1 and self._serial is not None and not is_later(
                serial_of(self._soa.data), self._serial):
            self.current = True
            self._complete = True
        return self._complete

    def _take(self, record):
        # type: (ResourceRecord) -> None
        is_soa = record.rtype == SOA and record.name.lower() == self._origin
        if self._soa is None:
            if not is_soa:
                raise DNSError(u'a transfer does not begin with the SOA of its zone')
            self._soa = record
            return
        if self._whole is None:
            self._whole = not is_soa or record.data == self._soa.data or self._serial is None
            if self._whole:
                self.zone = Zone(self._origin, self._rclass)
                self.zone.add(self._soa)
        if self._whole:
            if is_soa:
                self._complete = True
            else:
                self.zone.add(record)       # type: ignore
            return
        if is_soa:
            self._change_side(record)
        elif self._adding:
            self._added.append(record)
        else:
            self._removed.append(record)

    def _change_side(self, soa):
        # type: (ResourceRecord) -> None
        """A SOA ends what was removed, or begins the next step, or ends the transfer."""
        if self._removed and not self._adding:
            self._adding = True
            self._added = [soa]
            return
        if self._adding:
            self.changes.append(ZoneChange(self._removed, self._added))
            self._adding = False
        if soa.data == self._soa.data and self.changes:
            self._complete = True
            return
        self._removed = [soa]


def request(number, origin, soa=None, rclass=1):
    # type: (int, bytes, Any, int) -> Message
    """The message that asks for a transfer; for changes, if *soa*, a record, is what we have."""
    message = Message(number)
    message.questions = [Question(origin, 252 if soa is None else IXFR, rclass)]
    if soa is not None:
        message.authority = [soa]
    return message
