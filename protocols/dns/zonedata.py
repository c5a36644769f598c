# Copyright the carryall authors.  See LICENSE.
"""Zones: names, their sets of records, and where authority ends.

    zone = Zone(parse_name(u'example.'))
    for record in MasterFile(data, zone.origin): zone.add(record)
    zone.check()
    zone.get(name, A)           # an RRSet or None

A name between two others exists without records: an empty non-terminal (RFC 4592 section 2.2.2).
Its node is an empty tuple.

Tests:    tests/protocols/dns/test_zonedata.py
"""
from __future__ import absolute_import, division, print_function

import struct

from carryall.core.errors import LocalProtocolError
from carryall.protocols.dns.domainname import ancestors, format_name, is_below, parent
from carryall.protocols.dns.recordtypes import type_name
from carryall.protocols.dns.wire import ResourceRecord

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Optional, Tuple

__all__ = ['RRSet', 'Zone', 'is_later', 'serial_of']

NS = 2
CNAME = 5
SOA = 6
DNAME = 39
RRSIG = 46
NSEC = 47
DNSKEY = 48
NSEC3 = 50
KEY = 25
# Types that may stand at the name of a CNAME; RFC 4035 section 2.5, RFC 3007 for KEY
_WITH_CNAME = frozenset((CNAME, RRSIG, NSEC, KEY))
_SINGLE = frozenset((CNAME, SOA, DNAME))


class RRSet(object):
    """The records of one name and type.

    Attributes:
        rtype, ttl: numbers.
        datas: a tuple of the octets of each record.
    """

    __slots__ = ('rtype', 'ttl', 'datas')

    def __init__(self, rtype, ttl, datas):
        # type: (int, int, Tuple[bytes, ...]) -> None
        self.rtype = rtype
        self.ttl = ttl
        self.datas = datas

    def records(self, name, rclass=1):
        # type: (bytes, int) -> List[ResourceRecord]
        """The records, under this name."""
        return [ResourceRecord(name, self.rtype, rclass, self.ttl, data) for data in self.datas]


class Zone(object):
    """A zone in memory.

    Attributes:
        origin: its name, folded.
        nodes: folded name to a tuple of RRSet.
        cuts: the folded names with NS below the origin; dnames: those with DNAME.
        spelled: the names that are not in lower case, as they were given.
        ignored: records that lie outside of the zone.
        version: changes with each record.
        signed: the origin has a DNSKEY.
        has_wildcards: a name begins with an asterisk.
    """

    def __init__(self, origin, rclass=1):
        # type: (bytes, int) -> None
        self.origin = origin.lower()
        self.rclass = rclass
        self.nodes = {}                 # type: Dict[bytes, Tuple[RRSet, ...]]
        self.cuts = set()               # type: Any
        self.dnames = set()             # type: Any
        self.spelled = {}               # type: Dict[bytes, bytes]
        self.ignored = 0
        self.version = 0
        self.signed = False
        self.has_wildcards = False
        self.negative = None            # type: Any     # the SOA for negative answers
        self.denial = None              # type: Any     # the order that denial.py makes
        self._children = None           # type: Optional[Dict[bytes, int]]

    # -- content -----------------------------------------------------------------------------------

    def add(self, record):
        # type: (ResourceRecord) -> bool
        """Adds a record; False if it was there, or lies outside.

        Raises:   LocalProtocolError: it contradicts others.
        """
        name = record.name.lower()
        node = self.nodes.get(name)
        if node is None:
            if not is_below(name, self.origin):
                self.ignored += 1
                return False
            self._make(name, record.name)
            node = ()
        number = record.rtype
        for at, found in enumerate(node):
            if found.rtype == number:
                if record.data in found.datas:
                    return False
                if number in _SINGLE:
                    raise LocalProtocolError(u'%s has two records of the type %s'
                                             % (format_name(name), type_name(number)))
                merged = RRSet(number, min(found.ttl, record.ttl), found.datas + (record.data,))
                self._replace(name, node[:at] + (merged,) + node[at + 1:])
                return True
        self._check_alias(name, node, number)
        if number == SOA and name != self.origin:
            raise LocalProtocolError(u'%s is not the origin of the zone, and has a SOA'
                                     % format_name(name))
        self._replace(name, node + (RRSet(number, record.ttl, (record.data,)),))
        if number == NS and name != self.origin:
            self.cuts.add(name)
        elif number == DNAME:
            self.dnames.add(name)
        elif number == DNSKEY and name == self.origin:
            self.signed = True
        return True

    def _check_alias(self, name, node, number):
        # type: (bytes, Tuple[RRSet, ...], int) -> None
        """Refuses other records at the name of a CNAME (RFC 1034 section 3.6.2)."""
        if number == CNAME:
            wrong = [found for found in node if found.rtype not in _WITH_CNAME]
        elif number not in _WITH_CNAME:
            wrong = [found for found in node if found.rtype == CNAME]
        else:
            return
        if wrong:
            raise LocalProtocolError(u'%s has a CNAME and other records' % format_name(name))

    def _replace(self, name, node):
        # type: (bytes, Tuple[RRSet, ...]) -> None
        self.nodes[name] = node
        self.version += 1

    def _make(self, name, spelled):
        # type: (bytes, bytes) -> None
        """A node for a new name, and those between it and the origin."""
        if spelled != name:
            self.spelled[name] = spelled
        nodes = self.nodes
        children = self._children
        nodes[name] = ()
        if b'\1*' in name:
            self.has_wildcards = True
        while name != self.origin:
            name = parent(name)
            if children is not None:
                children[name] = children.get(name, 0) + 1
            if name in nodes:
                break
            nodes[name] = ()

    def put(self, name, rrset):
        # type: (bytes, RRSet) -> None
        """Replaces the records of one type; *name* exists."""
        node = tuple(found for found in self.nodes[name] if found.rtype != rrset.rtype)
        self._replace(name, node + (rrset,))

    def remove(self, name, number, data=None):
        # type: (bytes, int, Optional[bytes]) -> List[ResourceRecord]
        """Removes the records of a type, or one of them; those that were removed."""
        name = name.lower()
        node = self.nodes.get(name, ())
        for at, found in enumerate(node):
            if found.rtype != number:
                continue
            gone = [each for each in found.datas if data is None or each == data]
            if not gone:
                return []
            left = tuple(each for each in found.datas if each not in gone)
            kept = (RRSet(number, found.ttl, left),) if left else ()
            self._replace(name, node[:at] + kept + node[at + 1:])
            if not left:
                if number == DNSKEY and name == self.origin:
                    self.signed = False
                elif number == NS:
                    self.cuts.discard(name)
                elif number == DNAME:
                    self.dnames.discard(name)
                self._prune(name)
            return RRSet(number, found.ttl, tuple(gone)).records(name, self.rclass)
        return []

    def _prune(self, name):
        # type: (bytes) -> None
        """Drops a name that has neither records nor names below it."""
        if self._children is None:
            self._children = {}
            for each in self.nodes:
                if each != self.origin:
                    above = parent(each)
                    self._children[above] = self._children.get(above, 0) + 1
        children = self._children
        while name != self.origin and not self.nodes.get(name, True) and not children.get(name):
            del self.nodes[name]
            self.spelled.pop(name, None)
            children.pop(name, None)
            name = parent(name)
            children[name] -= 1

    # -- questions ---------------------------------------------------------------------------------

    def get(self, name, number):
        # type: (bytes, int) -> Optional[RRSet]
        """The records of a folded name and a type."""
        for found in self.nodes.get(name, ()):
            if found.rtype == number:
                return found
        return None

    def soa(self):
        # type: () -> Optional[RRSet]
        """The SOA record."""
        return self.get(self.origin, SOA)

    @property
    def serial(self):
        # type: () -> int
        """The serial number of the SOA."""
        return serial_of(self.soa().datas[0])       # type: ignore

    def check(self):
        # type: () -> None
        """Raises LocalProtocolError if the zone cannot be served."""
        if self.soa() is None:
            raise LocalProtocolError(u'the zone %s has no SOA' % format_name(self.origin))
        if self.get(self.origin, NS) is None:
            raise LocalProtocolError(u'the zone %s has no NS' % format_name(self.origin))
        if self.get(self.origin, CNAME) is not None:
            raise LocalProtocolError(u'the origin of the zone is a CNAME')
        for name in self.dnames:
            for each in self.cuts:
                if each == name:
                    raise LocalProtocolError(u'%s has NS and DNAME' % format_name(name))

    def records(self):
        # type: () -> Iterator[ResourceRecord]
        """All records, the SOA first."""
        soa = self.soa()
        spelled = self.spelled
        if soa is not None:
            yield soa.records(spelled.get(self.origin, self.origin), self.rclass)[0]
        for name, node in list(self.nodes.items()):
            for found in node:
                if found.rtype == SOA:
                    continue
                for record in found.records(spelled.get(name, name), self.rclass):
                    yield record

    def copy(self):
        # type: () -> Zone
        """Another zone with the same records; the sets, which do not change, are shared."""
        other = Zone(self.origin, self.rclass)
        other.nodes = dict(self.nodes)
        other.cuts = set(self.cuts)
        other.dnames = set(self.dnames)
        other.spelled = dict(self.spelled)
        other.version = self.version
        other.signed = self.signed
        other.has_wildcards = self.has_wildcards
        return other

    def closest(self, name):
        # type: (bytes) -> bytes
        """The longest existing ancestor of a folded name inside of the zone (RFC 4592)."""
        nodes = self.nodes
        for each in ancestors(name):
            if each in nodes:
                return each
        return self.origin


def serial_of(soa):
    # type: (bytes) -> int
    """The serial number in the data of a SOA."""
    return struct.unpack('!I', soa[-20:-16])[0]


def is_later(serial, other):
    # type: (int, int) -> bool
    """True if *serial* is the later one (RFC 1982)."""
    return 0 < (serial - other) & 0xffffffff < 1 << 31
