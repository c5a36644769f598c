# Copyright the carryall authors.  See LICENSE.
"""The answers of a server that has zones: queries, transfers, NOTIFY and UPDATE.

    authority = Authority(zones, loop)
    loop.open_udp(lambda: DNSDatagrams(authority), '127.0.0.1', 5353)

A query that cannot be read gets FORMERR, one for another zone REFUSED; an answer gets nothing.

Not here: the files of the zones (services/dns).
Tests:    tests/protocols/dns/test_authority.py
"""
from __future__ import absolute_import, division, print_function

import struct

from carryall.core.crypto import crypto_of
from carryall.core.errors import LocalProtocolError
from carryall.core.future import Future
from carryall.core.logs import get_logger
from carryall.core.net import ip
from carryall.core.ratelimit import KeyedRateLimit
from carryall.protocols.dns import ednsoptions as options
from carryall.protocols.dns.dnsaccess import AccessRules
from carryall.protocols.dns.servercookie import CookieJar, is_cookie
from carryall.protocols.dns.domainname import format_name
from carryall.protocols.dns.ednsoptions import EDNS
from carryall.protocols.dns.errors import DNSError
from carryall.protocols.dns.quickanswer import PLAIN, QuickAnswers
from carryall.protocols.dns.server import DNSService
from carryall.protocols.dns.settings import ServerSettings
from carryall.protocols.dns.tsig import (BadSignature, KeyRing, MAX_SIGNATURE, unsigned_error)
from carryall.protocols.dns.wire import (AA, CD, MAX_MESSAGE, QR, Message, format_message,
                                         parse_message)
from carryall.protocols.dns.zoneanswer import Answer
from carryall.protocols.dns.zonetransfer import Transfers
from carryall.protocols.dns.zoneupdate import Update

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional
    from carryall.protocols.dns.server import Source
    from carryall.protocols.dns.zoneanswer import Zones

__all__ = ['Authority']

QUERY = 0
NOTIFY = 4
UPDATE = 5
FORMAT_ERROR = 1
SERVER_FAILURE = 2
NOT_IMPLEMENTED = 4
REFUSED = 5
NOT_AUTHORITATIVE = 9
BAD_VERSION = 16
BAD_COOKIE = 23
IXFR = 251
AXFR = 252
MAILB = 253
MAILA = 254
ANY = 255
SOA = 6
IN = 1

log = get_logger('dns')


class Authority(DNSService):
    """Answers from zones.

    Args:     zones: a Zones.
              clock: the loop.
              rules: the AccessRules of transfers, updates and notices.
              keys: the KeyRing of signatures.
    """

    def __init__(self, zones, clock, settings=None, rules=None, keys=None):
        # type: (Zones, Any, Optional[ServerSettings], Any, Any) -> None
        self.zones = zones
        self.settings = settings or ServerSettings()
        self.rules = rules or AccessRules()
        self.keys = keys if keys is not None else KeyRing()
        self._wall = clock.wall
        jar = None
        if self.settings.cookies:
            jar = CookieJar(clock.wall, crypto=crypto_of(clock))
        self._jar = jar
        self._quick = QuickAnswers(zones, self.settings, jar)
        self._transfers = Transfers(self.settings.transfers)
        self._rate = None               # type: Any
        self._over = 0
        if self.settings.rate:
            self._rate = KeyedRateLimit(clock, self.settings.rate, self.settings.burst)
        # Everything that a plain query must pass first; False: most servers have none of it.
        self._guarded = self.rules.limited or self._rate is not None \
            or self.settings.require_cookies or bool(self.settings.nsid)

    def admits(self, host):
        return self.rules.admits(host)

    # -- one message -------------------------------------------------------------------------------

    def respond(self, packet, source):
        if not self._guarded:
            found = self._quick.answer(packet, _octets(source.host), source.stream)
            if found is not None:
                return found[0]
        elif not source.stream or not self.rules.limited:
            return self._judged(packet, source)
        return self._long_way(packet, source)

    def _judged(self, packet, source):
        # type: (bytes, Source) -> Any
        """The answer, if the client may have it, and at the rate of its network."""
        host = _octets(source.host)
        proved = source.stream
        found = None
        if not self.settings.require_cookies and self.rules.admits(source.host):
            found = self._quick.answer(packet, host, source.stream)
        if found is not None:
            answer, proved = found
        else:
            answer = self._long_way(packet, source)
        if self._rate is None or source.stream or proved or answer is None \
                or isinstance(answer, Future) or self._rate.take(host[:3] if len(host) == 4
                                                                 else host[:7]):
            return answer
        self._over += 1
        slip = self.settings.slip
        if not slip or self._over % slip:
            return None
        # A client at this address asks again over TCP, and so proves its address.
        return _truncated(packet)

    def _long_way(self, packet, source):
        # type: (bytes, Source) -> Any
        flags = struct.unpack('!H', packet[2:4])[0]
        if flags & QR:
            return None
        try:
            message = parse_message(packet)
        except DNSError as exc:
            log.debug('%s: a malformed query: %s', source.host, exc.message)
            return format_message(_bare(packet, FORMAT_ERROR))
        signer = None                   # type: Any
        if message.tsig is not None:
            try:
                signer = self.keys.verified(packet, message, self._wall())
            except BadSignature as exc:
                return self._badly_signed(message, exc)
            except DNSError:
                return format_message(_bare(packet, FORMAT_ERROR))
        reply = message.reply()
        reply.flags |= message.flags & CD
        finished = lambda answer: self._finished(answer, message, source, signer)
        if not self._may_go_on(message, reply, source):
            return finished(reply)
        answer = self._dispatch(message, reply, source, signer)
        if isinstance(answer, Future):
            return answer.then(finished)
        if isinstance(answer, Message):
            return finished(answer)
        return answer

    def _badly_signed(self, message, fault):
        # type: (Message, BadSignature) -> bytes
        """NOTAUTH, with the error in the TSIG record (RFC 8945 section 5.2)."""
        log.info('a signed query is refused: %s', fault.message)
        packet = format_message(message.reply(NOT_AUTHORITATIVE))
        now = self._wall()
        if fault.signer is not None:
            seconds = int(now // 1)
            other = struct.pack('!HI', seconds >> 32, seconds & 0xffffffff)
            return fault.signer.sign(packet, now, fault.error, other)
        return unsigned_error(packet, message, fault.error, now)

    def _may_go_on(self, message, reply, source):
        # type: (Message, Message, Source) -> bool
        """False if the reply is complete: a client without rights, EDNS that is unknown, a cookie
        that is needed."""
        if not self.rules.admits(source.host):
            reply.rcode = REFUSED
            return self._because(message, reply, 18)
        edns = message.edns
        if edns is not None:
            reply.edns = EDNS(self.settings.payload, 0, edns.flags & options.DO)
            if edns.version:
                reply.rcode = BAD_VERSION
                return False
            return self._take_options(edns, reply, source)
        if self.settings.require_cookies and not source.stream and message.tsig is None:
            reply.flags |= 0x0200       # TC: over TCP it works without a cookie
            return False
        return True

    def _because(self, message, reply, code):
        # type: (Message, Message, int) -> bool
        """False; the reply tells the reason, if the client knows EDNS (RFC 8914)."""
        if message.edns is not None:
            if reply.edns is None:
                reply.edns = EDNS(self.settings.payload, 0, message.edns.flags & options.DO)
            reply.edns.options.append(options.extended_error(code))
        return False

    def _take_options(self, edns, reply, source):
        # type: (EDNS, Message, Source) -> bool
        given = reply.edns.options      # type: ignore
        subnet = edns.option(options.SUBNET)
        try:
            if subnet is not None:
                options.parse_subnet(subnet)
        except DNSError:
            reply.rcode = FORMAT_ERROR
            return False
        if edns.option(options.NSID) is not None and self.settings.nsid:
            given.append((options.NSID, self.settings.nsid))
        if source.stream and edns.option(options.KEEPALIVE) is not None:
            tenths = min(65535, int(self.settings.idle_seconds * 10 // 1))
            given.append((options.KEEPALIVE, struct.pack('!H', tenths)))
        cookie = edns.option(options.COOKIE)
        if self._jar is None:
            return True
        if cookie is None:
            if self.settings.require_cookies and not source.stream:
                reply.flags |= 0x0200
                return False
            return True
        if not is_cookie(cookie):
            reply.rcode = FORMAT_ERROR
            return False
        host = _octets(source.host)
        given.append((options.COOKIE, self._jar.answer(cookie, host)))
        if self.settings.require_cookies and not source.stream \
                and not self._jar.valid(cookie, host):
            reply.rcode = BAD_COOKIE
            return False
        return bool(reply.questions)    # RFC 7873 section 5.4: a query for a cookie alone

    def _finished(self, reply, message, source, signer):
        # type: (Message, Message, Source, Any) -> bytes
        """The octets of a reply."""
        limit = MAX_MESSAGE
        if not source.stream:
            limit = PLAIN
            if message.edns is not None:
                limit = max(PLAIN, min(message.edns.payload, self.settings.payload))
        reserved = MAX_SIGNATURE if signer is not None else 0
        if source.tls and message.edns is not None and reply.edns is not None \
                and message.edns.option(options.PADDING) is not None:
            size = len(format_message(reply, limit, reserved))
            if size + options.ANSWER_BLOCK < limit:
                reply.edns.options.append((options.PADDING, options.padding_for(
                    size, options.ANSWER_BLOCK)))
        if reserved and reserved > limit - 200:
            reserved = limit - 200
        packet = format_message(reply, limit, reserved)
        if signer is not None:
            signer.next_reply()
            packet = signer.sign(packet, self._wall())
        return packet

    # -- what is asked -----------------------------------------------------------------------------

    def _dispatch(self, message, reply, source, signer):
        # type: (Message, Message, Source, Any) -> Any
        """The reply, a Future of it, or the messages of a transfer."""
        if message.opcode not in (QUERY, NOTIFY, UPDATE):
            reply.rcode = NOT_IMPLEMENTED
            reply.questions = []
            return reply
        if not message.questions:
            reply.rcode = FORMAT_ERROR
            return reply
        if message.opcode == NOTIFY:
            return self._notified(message, reply, source, signer)
        if message.opcode == UPDATE:
            return self._updated(message, reply, source, signer)
        return self._asked(message, reply, source, signer)

    def _asked(self, message, reply, source, signer):
        # type: (Message, Message, Source, Any) -> Any
        question = message.questions[0]
        rtype = question.rtype
        if question.rclass == ANY or rtype in (41, 249, 250):
            reply.rcode = FORMAT_ERROR
            return reply
        if rtype in (MAILA, MAILB):
            reply.rcode = NOT_IMPLEMENTED
            return reply
        zone = self.zones.find(question.name.lower(), rtype)
        if rtype in (AXFR, IXFR):
            return self._transferred(zone, message, reply, source, signer)
        if zone is None or zone.rclass != question.rclass:
            reply.rcode = REFUSED
            self._because(message, reply, 20)
            return reply
        dnssec = message.edns is not None and bool(message.edns.flags & options.DO)
        Answer(reply, zone, dnssec and zone.signed, source.stream).fill(question)
        return reply

    def _transferred(self, zone, message, reply, source, signer):
        # type: (Any, Message, Message, Source, Any) -> Any
        question = message.questions[0]
        if question.rtype == AXFR and not source.stream:
            reply.rcode = FORMAT_ERROR          # RFC 5936 section 4.2: undefined; as BIND does
            return reply
        if zone is None or zone.origin != question.name.lower() or zone.rclass != question.rclass:
            reply.rcode = NOT_AUTHORITATIVE
            return reply
        key = signer.key.name if signer is not None else None
        if not self.rules.may_transfer(zone.origin, source.host, key):
            log.info('%s may not transfer %s', source.host, format_name(zone.origin))
            reply.rcode = REFUSED
            return reply
        reply.flags |= AA
        if not source.stream:
            # RFC 1995 section 2: the client learns the serial, and asks over TCP for more.
            reply.answers = zone.soa().records(zone.origin, zone.rclass)
            return reply
        packets = self._transfers.begin(zone, message, reply, signer, self._wall,
                                        self.rules.history(zone.origin))
        if packets is None:
            reply.rcode = SERVER_FAILURE
            return reply
        log.info('%s transfers %s, serial %d', source.host, format_name(zone.origin), zone.serial)
        return packets

    def _notified(self, message, reply, source, signer):
        # type: (Message, Message, Source, Any) -> Message
        """A primary tells of a change (RFC 1996)."""
        question = message.questions[0]
        zone = self.zones.by_name.get(question.name.lower())
        key = signer.key.name if signer is not None else None
        if zone is None and not self.rules.is_secondary(question.name.lower()):
            reply.rcode = NOT_AUTHORITATIVE
        elif not self.rules.may_notify(question.name.lower(), source.host, key):
            reply.rcode = REFUSED
        else:
            reply.flags |= AA
            self.rules.notified(question.name.lower(), source.host)
        return reply

    def _updated(self, message, reply, source, signer):
        # type: (Message, Message, Source, Any) -> Any
        question = message.questions[0]
        zone = self.zones.by_name.get(question.name.lower())
        reply.questions = list(message.questions)
        if question.rtype != SOA:
            reply.rcode = FORMAT_ERROR
            return reply
        if zone is None or zone.rclass != question.rclass or self.rules.is_secondary(zone.origin):
            reply.rcode = NOT_AUTHORITATIVE
            return reply
        key = signer.key.name if signer is not None else None
        if not self.rules.may_update(zone.origin, source.host, key):
            log.info('%s may not update %s', source.host, format_name(zone.origin))
            reply.rcode = REFUSED
            return reply
        update = Update(zone, message)
        reply.rcode = update.check()
        if reply.rcode:
            return reply
        try:
            change = update.apply()
        except LocalProtocolError as exc:
            log.info('%s: an update of %s is refused: %s', source.host, format_name(zone.origin),
                     exc.message)
            reply.rcode = SERVER_FAILURE
            return reply
        if change is None:
            return reply
        return self.rules.changed(zone, change).then(
            lambda _: reply, lambda exc: _undone(zone, change, reply, exc))


def _undone(zone, change, reply, exc):
    # type: (Any, Any, Message, BaseException) -> Message
    """The reply to an update that could not be kept: the zone is as it was."""
    log.error('an update of %s cannot be kept: %s', format_name(zone.origin), exc)
    change.undo(zone)
    reply.rcode = SERVER_FAILURE
    return reply


def _octets(host):
    # type: (str) -> bytes
    """The octets of a client's address; none for a Unix socket."""
    return ip.packed(host.partition('%')[0]) or b''


def _bare(packet, rcode):
    # type: (bytes, int) -> Message
    """A reply to a message of which the header alone can be trusted."""
    number, flags = struct.unpack('!HH', packet[:4])
    return Message(number, QR | flags & 0x7900, rcode)


def _truncated(packet):
    # type: (bytes) -> Optional[bytes]
    """An empty answer with TC."""
    try:
        message = parse_message(packet)
    except DNSError:
        return None
    reply = message.reply()
    reply.flags |= 0x0200
    return format_message(reply)
