# Copyright the carryall authors.  See LICENSE.
"""Proofs that a name or a type does not exist: NSEC (RFC 4035) and NSEC3 (RFC 5155).

    denial_of(zone).no_name(name)       # the records that prove it; none if the zone is not signed

The order of a zone's names is computed once for each version of it.

Tests:    tests/protocols/dns/test_denial.py
"""
from __future__ import absolute_import, division, print_function

import hashlib
import struct
from bisect import bisect_right

from carryall.protocols.dns.domainname import canonical_order, labels_of, parent, wildcard
from carryall.protocols.dns.presentation import Word, Words
from carryall.protocols.dns.rdatafields import Hash, Reader
from carryall.protocols.dns.wire import ResourceRecord
from carryall.protocols.dns.zonedata import NSEC, NSEC3, RRSIG

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List
    from carryall.protocols.dns.zonedata import Zone

__all__ = ['MAX_ITERATIONS', 'denial_of', 'nsec3_hash']

# -- limits ------------------------------------------------------------------
MAX_ITERATIONS = 100        # rounds of hashing of a name; RFC 9276 says 0, and more is a burden

NSEC3PARAM = 51


def nsec3_hash(name, salt, iterations):
    # type: (bytes, bytes, int) -> bytes
    """The hash of a folded name (RFC 5155 section 5)."""
    digest = hashlib.sha1(name + salt).digest()
    for _ in range(iterations):
        digest = hashlib.sha1(digest + salt).digest()
    return digest


def denial_of(zone):
    # type: (Zone) -> Any
    """The proofs of a zone, as it is now."""
    found = zone.denial
    if found is None or found.version != zone.version:
        if zone.get(zone.origin, NSEC3PARAM) is not None:
            found = HashedDenial(zone)
        else:
            found = NamedDenial(zone)
        zone.denial = found
    return found


class _Denial(object):
    """The base: records with their signatures, each once."""

    def __init__(self, zone):
        # type: (Zone) -> None
        self.version = zone.version
        self._zone = zone

    def _proof(self, names, rtype):
        # type: (List[bytes], int) -> List[ResourceRecord]
        found = []
        seen = set()                            # type: Any
        zone = self._zone
        for name in names:
            if name in seen:
                continue
            seen.add(name)
            node = zone.nodes.get(name, ())
            shown = zone.spelled.get(name, name)
            wanted = struct.pack('!H', rtype)
            for each in node:
                if each.rtype == rtype:
                    found += each.records(shown, zone.rclass)
                elif each.rtype == RRSIG:
                    found += [ResourceRecord(shown, RRSIG, zone.rclass,
                                             struct.unpack('!I', data[4:8])[0], data)
                              for data in each.datas if data[:2] == wanted]
        return found


class NamedDenial(_Denial):
    """Proofs by NSEC: each name tells the next."""

    def __init__(self, zone):
        # type: (Zone) -> None
        _Denial.__init__(self, zone)
        rows = sorted((canonical_order(name), name) for name in zone.nodes
                      if zone.get(name, NSEC) is not None)
        self._keys = [row[0] for row in rows]
        self._names = [row[1] for row in rows]

    def _covering(self, name):
        # type: (bytes) -> List[bytes]
        """The name with the NSEC that covers or matches a name."""
        if not self._names:
            return []
        return [self._names[bisect_right(self._keys, canonical_order(name)) - 1]]

    def no_data(self, name):
        # type: (bytes) -> List[ResourceRecord]
        """The name exists, without records of the type."""
        return self._proof(self._covering(name), NSEC)

    def no_name(self, name):
        # type: (bytes) -> List[ResourceRecord]
        """Neither the name nor a wildcard for it exists."""
        source = wildcard(self._zone.closest(name))
        return self._proof(self._covering(name) + self._covering(source), NSEC)

    def no_closer(self, name, closest, empty):
        # type: (bytes, bytes, bool) -> List[ResourceRecord]
        """No name is closer than the wildcard that was used."""
        return self._proof(self._covering(name), NSEC)


class HashedDenial(_Denial):
    """Proofs by NSEC3: each hash tells the next."""

    def __init__(self, zone):
        # type: (Zone) -> None
        _Denial.__init__(self, zone)
        reader = Reader(zone.get(zone.origin, NSEC3PARAM).datas[0])     # type: ignore
        reader.take(2)
        self._iterations = min(reader.uint16(), MAX_ITERATIONS)
        self._salt = reader.take(reader.uint8())
        hashes = {}                             # type: Dict[bytes, bytes]
        field = Hash()
        for name in zone.nodes:
            if zone.get(name, NSEC3) is not None and parent(name) == zone.origin:
                label = labels_of(name)[0].decode('ascii', 'replace')
                hashes[field.parse(Words([Word(label)]))[1:]] = name
        self._hashes = sorted(hashes)
        self._known = frozenset(hashes)
        self._names = [hashes[each] for each in self._hashes]

    def _at(self, name):
        # type: (bytes) -> List[bytes]
        """The NSEC3 that matches or covers a name."""
        if not self._hashes:
            return []
        hashed = nsec3_hash(name, self._salt, self._iterations)
        return [self._names[bisect_right(self._hashes, hashed) - 1]]

    def _matches(self, name):
        # type: (bytes) -> bool
        return nsec3_hash(name, self._salt, self._iterations) in self._known

    def _closest(self, name):
        # type: (bytes) -> Any
        """(closest encloser with a hash of its own, the name one label longer)."""
        closest = name
        closer = name
        while closest not in self._zone.nodes or not self._matches(closest):
            if closest == self._zone.origin:
                break
            closer = closest
            closest = parent(closest)
        return closest, closer

    def no_data(self, name):
        # type: (bytes) -> List[ResourceRecord]
        """The name exists, without records of the type; or an unsigned delegation was left out."""
        if self._matches(name):
            return self._proof(self._at(name), NSEC3)
        closest, closer = self._closest(name)
        return self._proof(self._at(closest) + self._at(closer), NSEC3)

    def no_name(self, name):
        # type: (bytes) -> List[ResourceRecord]
        """Neither the name nor a wildcard for it exists (RFC 5155 section 7.2.2)."""
        closest, closer = self._closest(name)
        return self._proof(self._at(closest) + self._at(closer) + self._at(wildcard(closest)),
                           NSEC3)

    def no_closer(self, name, closest, empty):
        # type: (bytes, bytes, bool) -> List[ResourceRecord]
        """No name is closer than the wildcard that was used (RFC 5155 section 7.2.6).

        Args:     empty: the wildcard has no records of the type (section 7.2.5).
        """
        label = name[:len(name) - len(closest)]
        at = 0
        while at + 1 + ord(label[at:at + 1]) < len(label):
            at += 1 + ord(label[at:at + 1])
        found = self._at(name[at:])
        return self._proof(self._at(closest) + found if empty else found, NSEC3)
