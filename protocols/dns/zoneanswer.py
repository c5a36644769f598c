# Copyright the carryall authors.  See LICENSE.
"""The answers of authority (RFC 1034 section 4.3.2, RFC 4592, RFC 6672, RFC 4035, RFC 5155).

    catalog = Zones(); catalog.put(zone)
    rcode = Answer(reply, zone, dnssec=True).fill(question)

An alias is followed inside of its zone.  A question for ANY over UDP gets one set (RFC 8482).

Not here: messages and signatures of messages.
Tests:    tests/protocols/dns/test_zoneanswer.py
"""
from __future__ import absolute_import, division, print_function

import struct

from carryall.protocols.dns.denial import denial_of
from carryall.protocols.dns.domainname import MAX_NAME, ancestors, folded, wildcard
from carryall.protocols.dns.rdata import names_in
from carryall.protocols.dns.wire import AA, ResourceRecord
from carryall.protocols.dns.zonedata import CNAME, DNAME, NS, NSEC, RRSIG, SOA, RRSet, Zone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional
    from carryall.protocols.dns.wire import Message, Question

__all__ = ['Answer', 'Zones']

# -- limits ------------------------------------------------------------------
MAX_CHAIN = 16              # aliases that one answer follows; BIND follows as many
MAX_ADDITIONAL = 32         # names whose addresses one answer adds

A = 1
AAAA = 28
DS = 43
ANY = 255
NO_ERROR = 0
NO_NAME = 3
YX_DOMAIN = 6
_WITH_ADDRESSES = frozenset((2, 15, 33, 64, 65))     # NS, MX, SRV, SVCB, HTTPS


class Zones(object):
    """The zones that are served, by name."""

    def __init__(self):
        # type: () -> None
        self.by_name = {}               # type: Dict[bytes, Zone]

    def put(self, zone):
        # type: (Zone) -> None
        """Adds a zone, or replaces that of its name."""
        self.by_name[zone.origin] = zone

    def find(self, name, rtype=0):
        # type: (bytes, int) -> Optional[Zone]
        """The zone with the longest name that a folded name lies in.

        The DS of a zone belongs to the one above (RFC 4035 section 3.1.4.1), if it is here.
        """
        by_name = self.by_name
        inner = None
        for each in ancestors(name):
            zone = by_name.get(each)
            if zone is None:
                continue
            if rtype != DS or each != name or inner is not None:
                return zone
            inner = zone
        return inner


class Answer(object):
    """Fills a reply from one zone.

    Args:     reply: a Message.
              dnssec: add signatures and proofs.
              whole: the reply has room for a whole answer to ANY.
    """

    __slots__ = ('_reply', '_zone', '_dnssec', '_whole')

    def __init__(self, reply, zone, dnssec=False, whole=False):
        # type: (Message, Zone, bool, bool) -> None
        self._reply = reply
        self._zone = zone
        self._dnssec = dnssec
        self._whole = whole

    def fill(self, question):
        # type: (Question) -> None
        """Looks the question up, and sets the sections, AA and the response code."""
        reply = self._reply
        reply.flags |= AA
        name = question.name
        seen = set()                    # type: Any
        for _ in range(MAX_CHAIN):
            key = folded(name)
            if key in seen:
                break
            seen.add(key)
            following = self._step(name, key, question.rtype)
            if following is None:
                break
            name = following
            if self._zone is not None and not _inside(folded(name), self._zone):
                break
        self._add_addresses()

    def _step(self, name, key, rtype):
        # type: (bytes, bytes, int) -> Optional[bytes]
        """Answers for one name; the name that an alias leads to, or None."""
        zone = self._zone
        if zone.cuts or zone.dnames:
            for each in self._below_origin(key):
                if each in zone.cuts and not (rtype == DS and each == key):
                    self._refer(each)
                    return None
                if each in zone.dnames and each != key:
                    return self._redirect(name, each, rtype)
        node = zone.nodes.get(key)
        if node is not None:
            return self._found(name, key, node, rtype)
        closest = zone.closest(key)
        source = wildcard(closest)
        node = zone.nodes.get(source)
        if node is None:
            self._deny(key, NO_NAME)
            return None
        before = len(self._reply.answers)
        following = self._found(name, source, node, rtype)
        if self._dnssec:
            empty = len(self._reply.answers) == before
            self._reply.authority += denial_of(zone).no_closer(key, closest, empty)
        return following

    def _below_origin(self, key):
        # type: (bytes) -> List[bytes]
        """The names from the one below the origin down to *key*."""
        found = ancestors(key)
        return found[:found.index(self._zone.origin)][::-1]

    def _found(self, name, source, node, rtype):
        # type: (bytes, bytes, Any, int) -> Optional[bytes]
        """The records of a node; *name* is the one asked for, *source* that of the node."""
        if rtype == ANY and node:
            self._any(name, node)
            return None
        for found in node:
            if found.rtype == rtype:
                self._add(self._reply.answers, name, found, node)
                return None
        for found in node:
            # RFC 4035 section 2.5: signatures and NSEC stand beside an alias, and are not followed
            if found.rtype == CNAME and rtype not in (RRSIG, NSEC):
                self._add(self._reply.answers, name, found, node)
                return found.datas[0]
        self._deny(source, NO_ERROR)
        return None

    def _any(self, name, node):
        # type: (bytes, Any) -> None
        sets = [found for found in node if found.rtype != RRSIG]
        for found in sets if self._whole else sets[:1]:
            self._add(self._reply.answers, name, found, node)

    def _add(self, section, name, found, node):
        # type: (List[ResourceRecord], bytes, RRSet, Any) -> None
        """A set and its signatures."""
        section += found.records(name, self._zone.rclass)
        if self._dnssec:
            section += signatures(self._zone, name, node, found.rtype)

    def _refer(self, cut):
        # type: (bytes) -> None
        """A referral to the servers of a zone below (RFC 1034 section 4.3.2, 3b)."""
        zone = self._zone
        reply = self._reply
        node = zone.nodes[cut]
        servers = zone.get(cut, NS)
        spelled = zone.spelled.get(cut, cut)
        reply.authority += servers.records(spelled, zone.rclass)        # type: ignore
        if not reply.answers:
            reply.flags &= ~AA
        if self._dnssec:
            found = zone.get(cut, DS)
            if found is not None:
                self._add(reply.authority, spelled, found, node)
            else:
                reply.authority += denial_of(zone).no_data(cut)
        for host in servers.datas[:MAX_ADDITIONAL]:                     # type: ignore
            key = folded(host)
            if _inside(key, zone):
                before = len(reply.additional)
                self._add_host(host, key)
                if key.endswith(cut):
                    reply.glue += len(reply.additional) - before

    def _redirect(self, name, owner, rtype):
        # type: (bytes, bytes, int) -> Optional[bytes]
        """A DNAME and the CNAME that follows from it (RFC 6672)."""
        zone = self._zone
        found = zone.get(owner, DNAME)
        self._add(self._reply.answers, zone.spelled.get(owner, owner), found,   # type: ignore
                  zone.nodes[owner])
        target = name[:len(name) - len(owner)] + found.datas[0]         # type: ignore
        if len(target) > MAX_NAME:
            self._reply.rcode = YX_DOMAIN
            return None
        ttl = found.ttl                 # type: ignore
        self._reply.answers.append(ResourceRecord(name, CNAME, zone.rclass, ttl, target))
        return None if rtype == CNAME else target

    def _deny(self, key, rcode):
        # type: (bytes, int) -> None
        """No name, or no data of the type: the SOA, and the proof (RFC 2308 section 3)."""
        zone = self._zone
        reply = self._reply
        reply.rcode = rcode
        soa = zone.soa()
        ttl = min(soa.ttl, struct.unpack('!I', soa.datas[0][-4:])[0])   # type: ignore
        shown = zone.spelled.get(zone.origin, zone.origin)
        reply.authority += RRSet(SOA, ttl, soa.datas).records(shown, zone.rclass)   # type: ignore
        if self._dnssec:
            for record in signatures(zone, shown, zone.nodes[zone.origin], SOA):
                record.ttl = ttl
                reply.authority.append(record)
            denial = denial_of(zone)
            reply.authority += denial.no_data(key) if rcode == NO_ERROR else denial.no_name(key)

    # -- additional addresses ----------------------------------------------------------------------

    def _add_addresses(self):
        # type: () -> None
        """The addresses of the hosts that the answers name, as far as this zone knows them."""
        reply = self._reply
        seen = set((record.name.lower(), record.rtype) for record in reply.answers)
        hosts = {}                      # type: Dict[bytes, bytes]
        for record in reply.answers:
            if record.rtype in _WITH_ADDRESSES:
                for host in names_in(record.rtype, record.data):
                    if len(hosts) < MAX_ADDITIONAL:
                        hosts.setdefault(folded(host), host)
        for key in hosts:
            if _inside(key, self._zone) and (key, A) not in seen:
                self._add_host(hosts[key], key)

    def _add_host(self, host, key):
        # type: (bytes, bytes) -> None
        node = self._zone.nodes.get(key, ())
        for found in node:
            if found.rtype in (A, AAAA):
                self._add(self._reply.additional, host, found, node)


def signatures(zone, name, node, rtype):
    # type: (Zone, bytes, Any, int) -> List[ResourceRecord]
    """The signatures of the records of one type."""
    wanted = struct.pack('!H', rtype)
    for found in node:
        if found.rtype == RRSIG:
            return [ResourceRecord(name, RRSIG, zone.rclass, struct.unpack('!I', data[4:8])[0],
                                   data) for data in found.datas if data[:2] == wanted]
    return []


def _inside(key, zone):
    # type: (bytes, Any) -> bool
    return key.endswith(zone.origin) and zone.origin in ancestors(key)
