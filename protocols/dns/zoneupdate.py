# Copyright the carryall authors.  See LICENSE.
"""UPDATE: prerequisites, and changes of a zone (RFC 2136).

    update = Update(zone, message)
    rcode = update.check()
    change = update.apply()         # a ZoneChange; None if nothing changes

Tests:    tests/protocols/dns/test_zoneupdate.py
"""
from __future__ import absolute_import, division, print_function

import struct

from carryall.protocols.dns.domainname import is_below
from carryall.protocols.dns.wire import ResourceRecord
from carryall.protocols.dns.zonedata import CNAME, NS, SOA, is_later, serial_of
from carryall.protocols.dns.zonetransfer import ZoneChange

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional
    from carryall.protocols.dns.wire import Message
    from carryall.protocols.dns.zonedata import Zone

__all__ = ['Update']

# Response codes; RFC 2136 section 2.2
FORMAT_ERROR = 1
NO_NAME = 3
REFUSED = 5
YX_DOMAIN = 6
YX_RRSET = 7
NX_RRSET = 8
NOT_ZONE = 10

NONE = 254
ANY = 255
_META = frozenset((41, 249, 250, 251, 252, 253, 254, 255))
# Records that signing makes; others may not change them.
_SIGNING = frozenset((46, 47, 50))


class Update(object):
    """One UPDATE message for a zone."""

    def __init__(self, zone, message):
        # type: (Zone, Message) -> None
        self._zone = zone
        self._message = message
        self._removed = []              # type: List[ResourceRecord]
        self._added = []                # type: List[ResourceRecord]
        self._soa = None                # type: Optional[ResourceRecord]

    # -- prerequisites -----------------------------------------------------------------------------

    def check(self):
        # type: () -> int
        """The response code: 0 if the update may be applied (RFC 2136 sections 3.2 and 3.4.1)."""
        wanted = {}                     # type: Dict[Any, Any]
        for record in self._message.answers:
            rcode = self._prerequisite(record, wanted)
            if rcode:
                return rcode
        for (name, rtype), datas in wanted.items():
            found = self._zone.get(name, rtype)
            # jython: a set differs from an equal one of another order
            if found is None or sorted(found.datas) != sorted(datas):
                return NX_RRSET
        for record in self._message.authority:
            rcode = self._judge(record)
            if rcode:
                return rcode
        return 0

    def _prerequisite(self, record, wanted):
        # type: (ResourceRecord, Dict[Any, Any]) -> int
        zone = self._zone
        name = record.name.lower()
        if record.ttl:
            return FORMAT_ERROR
        if not is_below(name, zone.origin):
            return NOT_ZONE
        if record.rclass in (ANY, NONE):
            if record.data:
                return FORMAT_ERROR
            if record.rtype == ANY:
                there = bool(zone.nodes.get(name))
                missing = NO_NAME
                present = YX_DOMAIN
            else:
                there = zone.get(name, record.rtype) is not None
                missing = NX_RRSET
                present = YX_RRSET
            if record.rclass == ANY:
                return 0 if there else missing
            return present if there else 0
        if record.rclass != zone.rclass:
            return FORMAT_ERROR
        wanted.setdefault((name, record.rtype), set()).add(record.data)
        return 0

    def _judge(self, record):
        # type: (ResourceRecord) -> int
        """The response code for one record of the update section."""
        if not is_below(record.name.lower(), self._zone.origin):
            return NOT_ZONE
        if record.rtype in _SIGNING:
            return REFUSED
        if record.rclass == self._zone.rclass:
            return FORMAT_ERROR if record.rtype in _META else 0
        if record.rclass == ANY:
            wrong = record.ttl or record.data or record.rtype in _META and record.rtype != ANY
            return FORMAT_ERROR if wrong else 0
        if record.rclass == NONE:
            return FORMAT_ERROR if record.ttl or record.rtype in _META else 0
        return FORMAT_ERROR

    # -- changes -----------------------------------------------------------------------------------

    def apply(self):
        # type: () -> Optional[ZoneChange]
        """Changes the zone, and its serial number; None if everything is as it was."""
        zone = self._zone
        before = zone.soa().records(zone.origin, zone.rclass)[0]        # type: ignore
        for record in self._message.authority:
            if record.rclass == zone.rclass:
                self._add(record)
            elif record.rclass == ANY:
                self._delete_sets(record)
            else:
                self._delete_one(record)
        if not self._removed and not self._added and self._soa is None:
            return None
        after = self._soa or _raised(before)
        zone.remove(zone.origin, SOA)
        zone.add(after)
        return ZoneChange([before] + self._removed, [after] + self._added)

    def _add(self, record):
        # type: (ResourceRecord) -> None
        """Adds a record (RFC 2136 section 3.4.2.2)."""
        zone = self._zone
        name = record.name.lower()
        if record.rtype == SOA:
            if name == zone.origin and is_later(serial_of(record.data), zone.serial):
                self._soa = ResourceRecord(name, SOA, zone.rclass, record.ttl, record.data)
            return
        node = zone.nodes.get(name, ())
        types = [found.rtype for found in node]
        if record.rtype == CNAME:
            if any(each not in (CNAME, 46, 47) for each in types):
                return
            for gone in zone.remove(name, CNAME):
                self._note_removed(gone)
        elif CNAME in types:
            return
        found = zone.get(name, record.rtype)
        if found is not None and record.data in found.datas:
            if found.ttl == record.ttl:
                return
            # RFC 2136 section 3.4.2.2: the same data with another time to live replace it
        if found is not None and found.ttl != record.ttl:
            datas = [each for each in found.datas if each != record.data]
            for gone in zone.remove(name, record.rtype):
                self._note_removed(gone)
            for data in datas:
                self._put(ResourceRecord(record.name, record.rtype, zone.rclass, record.ttl, data))
        self._put(record)

    def _put(self, record):
        # type: (ResourceRecord) -> None
        if self._zone.add(record):
            for at, gone in enumerate(self._removed):
                if gone.same(record) and gone.ttl == record.ttl:
                    del self._removed[at]
                    return
            self._added.append(record)

    def _note_removed(self, record):
        # type: (ResourceRecord) -> None
        for at, fresh in enumerate(self._added):
            if fresh.same(record):
                del self._added[at]
                return
        self._removed.append(record)

    def _delete_sets(self, record):
        # type: (ResourceRecord) -> None
        """Deletes a set, or all of a name; SOA and NS of the origin stay."""
        zone = self._zone
        name = record.name.lower()
        types = [record.rtype]
        if record.rtype == ANY:
            types = [found.rtype for found in zone.nodes.get(name, ())
                     if found.rtype not in _SIGNING]
        for rtype in types:
            if name == zone.origin and rtype in (SOA, NS):
                continue
            for gone in zone.remove(name, rtype):
                self._note_removed(gone)

    def _delete_one(self, record):
        # type: (ResourceRecord) -> None
        """Deletes one record; the last NS of the origin stays (RFC 2136 section 3.4.2.4)."""
        zone = self._zone
        name = record.name.lower()
        if record.rtype == SOA:
            return
        if record.rtype == NS and name == zone.origin:
            found = zone.get(name, NS)
            if found is None or found.datas == (record.data,):
                return
        for gone in zone.remove(name, record.rtype, record.data):
            self._note_removed(gone)


def _raised(soa):
    # type: (ResourceRecord) -> ResourceRecord
    """The SOA with the next serial number; zero is passed over (RFC 2136 section 3.6)."""
    serial = (serial_of(soa.data) + 1) & 0xffffffff or 1
    data = soa.data[:-20] + struct.pack('!I', serial) + soa.data[-16:]
    return ResourceRecord(soa.name, SOA, soa.rclass, soa.ttl, data)
