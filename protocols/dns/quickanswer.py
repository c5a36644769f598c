# Copyright the carryall authors.  See LICENSE.
"""The hot path of a server: plain queries, answered from the octets of the query.

A query of one question with no option but a cookie is read by slices.  A name with one plain set of
records, or none at all, is answered at once.  Other answers are made once, and kept without their
headers until the zone changes.  Everything else returns None, and takes the long way.

Tests:    tests/protocols/dns/test_zoneanswer.py
"""
from __future__ import absolute_import, division, print_function

import struct

from carryall.protocols.dns.servercookie import is_cookie
from carryall.protocols.dns.wire import AA, Message, Question, format_message
from carryall.protocols.dns.zoneanswer import Answer
from carryall.protocols.dns.zonedata import CNAME, SOA

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Tuple
    from carryall.protocols.dns.servercookie import CookieJar
    from carryall.protocols.dns.settings import ServerSettings
    from carryall.protocols.dns.zoneanswer import Zones
    from carryall.protocols.dns.zonedata import Zone

__all__ = ['QuickAnswers']

# -- limits ------------------------------------------------------------------
MAX_BODY = 4096             # octets of an answer that is kept
PLAIN = 512                 # octets over UDP without EDNS; RFC 1035 section 4.2.1

_ONE_QUESTION = b'\0\1\0\0\0\0'
_TYPE_OPT = b'\0\0\x29'
_COOKIE = b'\0\x0a'
# Types whose sets are written as they are: no names, no addresses to add.
_BARE = frozenset((1, 16, 28, 13, 44, 52, 257))
_RECORD = struct.Struct('!HHHIH')
_WORD = struct.Struct('!H')
_AT_QUESTION = 0xc00c       # a pointer to the name of the question


class QuickAnswers(object):
    """Answers from the zones.

    Args:     jar: a CookieJar, or None for no cookies.
    """

    def __init__(self, zones, settings, jar):
        # type: (Zones, ServerSettings, Optional[CookieJar]) -> None
        self._zones = zones.by_name
        self._payload = settings.payload
        self._jar = jar
        self._half = settings.cached_answers // 2
        self._fresh = {}                # type: Dict[Any, Any]
        self._older = {}                # type: Dict[Any, Any]
        self._opt = _TYPE_OPT + _WORD.pack(settings.payload) + b'\0\0'

    def kept(self):
        # type: () -> int
        """The number of answers that are kept."""
        return len(self._fresh) + len(self._older)

    def answer(self, packet, host, stream):
        # type: (bytes, bytes, bool) -> Any
        """(octets of the answer, whether the client has proved its address), or None.

        Args:     host: the address of the client, for its cookie.
        """
        if packet[4:10] != _ONE_QUESTION or packet[2:3] > b'\1':
            return None
        octets = bytearray(packet)
        size = len(octets)
        at = 12
        labels = []
        while at < size:
            length = octets[at]
            if not length:
                break
            if length > 63:
                return None
            labels.append(at - 12)
            at += length + 1
        end = at + 5
        if end > size or at > 266 or packet[at + 3:end] != b'\0\1':
            return None
        number = octets[at + 1] << 8 | octets[at + 2]
        if 248 < number < 256 or number == 41:
            return None
        name = packet[12:at + 1].lower()
        opt = b''
        limit = 65535 if stream else PLAIN
        dnssec = False
        proved = False
        if end != size:
            edns = self._edns(packet, octets, end, host)
            if edns is None:
                return None
            opt, wanted, dnssec, proved = edns
            if not stream:
                limit = max(PLAIN, min(wanted, self._payload))
        elif packet[10:12] != b'\0\0':
            return None
        found = self._body(name, labels, number, dnssec)
        if found is None:
            return None
        head, counts, extra, body = found
        if end + len(body) + len(opt) > limit:
            return None
        head |= octets[2] << 8 & 0x100
        if octets[3] & 0x10:
            head |= 0x10                        # RFC 4035 section 3.1.6: CD is repeated
        return b''.join((packet[:2], _WORD.pack(head), b'\0\1', counts,
                         _WORD.pack(extra + 1 if opt else extra), packet[12:end], body, opt)), \
            proved

    def _edns(self, packet, octets, end, host):
        # type: (bytes, bytearray, int, bytes) -> Optional[Tuple[bytes, int, bool, bool]]
        """The record OPT of the answer, the octets that the client takes, whether it wants
        signatures, and whether it has proved its address.

        None: the record at *end* takes the long way.
        """
        size = len(octets)
        if packet[10:12] != b'\0\1' or packet[end:end + 3] != _TYPE_OPT:
            return None
        flags = packet[end + 7:end + 9]
        if packet[end + 5:end + 7] != b'\0\0' or size < end + 11:
            return None
        dnssec = flags == b'\x80\0'
        if not dnssec and flags != b'\0\0':
            return None
        wanted = octets[end + 3] << 8 | octets[end + 4]
        opt = self._opt + flags
        if size == end + 11:
            if packet[end + 9:] != b'\0\0':
                return None
            return opt + b'\0\0', wanted, dnssec, False
        cookie = packet[end + 15:]
        if packet[end + 11:end + 13] != _COOKIE or self._jar is None \
                or octets[end + 10] != size - end - 11 or octets[end + 9] \
                or octets[end + 14] != len(cookie) or octets[end + 13] \
                or not is_cookie(cookie):
            return None
        proved = len(cookie) > 8 and self._jar.valid(cookie, host)
        opt += b'\0\x1c\0\x0a\0\x18' + self._jar.answer(cookie, host)
        return opt, wanted, dnssec, proved

    def _body(self, name, labels, number, dnssec):
        # type: (bytes, Any, int, bool) -> Optional[Tuple[int, bytes, int, bytes]]
        """(flags, counts of answers and authority, count of additional records, their octets)."""
        zones = self._zones
        zone = None
        depth = 0
        for at in labels:
            zone = zones.get(name[at:])
            if zone is not None:
                break
            depth += 1
        else:
            zone = zones.get(b'\0')
        if zone is None or zone.rclass != 1:
            return None
        if number == 43 and depth == 0:
            return None                         # DS at an origin may belong to the zone above
        covered = False
        if zone.cuts or zone.dnames:
            for at in labels[:depth]:
                each = name[at:]
                if each in zone.cuts or each in zone.dnames:
                    covered = True
                    break
        dnssec = dnssec and zone.signed
        if not covered and not dnssec:
            node = zone.nodes.get(name)
            if node is not None:
                for found in node:
                    if found.rtype == number:
                        if number in _BARE:
                            return _plain(found, zone)
                        break
                    if found.rtype == CNAME and number != 47:
                        break
                else:
                    return self._negative(zone, depth, labels, 0)
            elif not zone.has_wildcards:
                return self._negative(zone, depth, labels, 3)
        key = (name, number, dnssec)
        kept = self._fresh.get(key) or self._older.get(key)
        if kept is not None and kept[0] is zone and kept[1] == zone.version:
            return kept[2]
        made = _made(zone, name, number, dnssec)
        if len(made[3]) <= MAX_BODY:
            if len(self._fresh) >= self._half:
                self._older = self._fresh
                self._fresh = {}
            self._fresh[key] = (zone, zone.version, made)
        return made

    def _negative(self, zone, depth, labels, rcode):
        # type: (Zone, int, Any, int) -> Tuple[int, bytes, int, bytes]
        """The SOA of the zone, whose name is the end of the question."""
        at = labels[depth] if depth < len(labels) else None
        kept = zone.negative
        if kept is None or kept[0] != zone.version:
            soa = zone.soa()
            ttl = min(soa.ttl, struct.unpack('!I', soa.datas[0][-4:])[0])   # type: ignore
            data = soa.datas[0]                                             # type: ignore
            kept = (zone.version, struct.pack('!HHIH', SOA, 1, ttl, len(data)) + data)
            zone.negative = kept
        owner = b'\0' if at is None else _WORD.pack(0xc000 | at + 12)
        return 0x8400 | rcode, b'\0\0\0\1', 0, owner + kept[1]


def _plain(found, zone):
    # type: (Any, Zone) -> Tuple[int, bytes, int, bytes]
    """One set, under the name of the question."""
    datas = found.datas
    ttl = found.ttl
    number = found.rtype
    if len(datas) == 1:
        data = datas[0]
        return 0x8400, b'\0\1\0\0', 0, _RECORD.pack(_AT_QUESTION, number, 1, ttl,
                                                    len(data)) + data
    return 0x8400, _WORD.pack(len(datas)) + b'\0\0', 0, b''.join(
        [_RECORD.pack(_AT_QUESTION, number, 1, ttl, len(data)) + data for data in datas])


def _made(zone, name, number, dnssec):
    # type: (Zone, bytes, int, bool) -> Tuple[int, bytes, int, bytes]
    """The answer by the long way, without its header and question."""
    reply = Message()
    reply.flags = 0x8000
    question = Question(name, number)
    reply.questions = [question]
    Answer(reply, zone, dnssec).fill(question)
    packet = format_message(reply)
    return (reply.flags & (0x8000 | AA) | reply.rcode, packet[6:10],
            struct.unpack('!H', packet[10:12])[0], packet[12 + len(name) + 4:])
