# Copyright the carryall authors.  See LICENSE.
"""Rights: which clients may do what, and where the changes of zones go.

Tests:    tests/services/dns/test_dnsservice.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import CarryallError
from carryall.core.future import completed, coroutine, failed
from carryall.core.logs import get_logger
from carryall.core.net.networks import Network, within
from carryall.protocols.dns import (AccessRules, ResourceRecord, exchange, format_name, parse_name,
                                    query)
from carryall.services.dns.options import server_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List

__all__ = ['Rights']

# -- limits ------------------------------------------------------------------
NOTIFY_SECONDS = 5.0        # until a secondary is told again
NOTIFY_TRIES = 3            # RFC 1996 section 3.6 wants a few
MAX_WAITING = 1000          # changes that wait for the disk

SOA = 6
NOTIFY = 4

log = get_logger('dns')


class Rights(AccessRules):
    """The rights of the options of a service.

    Attributes:
        journals: ZoneJournal of each zone that may be updated.
        secondaries: SecondaryZone of each zone that is a copy.
    """

    def __init__(self, options, admits, keys, loop):
        # type: (Any, Any, Any, Any) -> None
        self._admits = admits
        self.limited = bool(options.allow)
        self._loop = loop
        self._transfer = _Peers(options.transfer)
        self._update = _Peers(options.update)
        self._notify = [server_of(text) for text in options.notify]
        self._waiting = 0
        self._last = completed(None)    # type: Any
        self.journals = {}              # type: Dict[bytes, Any]
        self.secondaries = {}           # type: Dict[bytes, Any]

    def admits(self, host):
        return self._admits(host)

    def may_transfer(self, zone, host, key):
        return self._transfer.has(host, key)

    def may_update(self, zone, host, key):
        return zone in self.journals and self._update.has(host, key)

    # -- copies ------------------------------------------------------------------------------------

    def is_secondary(self, zone):
        return zone in self.secondaries

    def may_notify(self, zone, host, key):
        copy = self.secondaries.get(zone)
        return copy is not None and copy.primary[0] == host

    def notified(self, zone, host):
        self.secondaries[zone].notified()

    # -- changes -----------------------------------------------------------------------------------

    def changed(self, zone, change):
        """Writes the change to the journal; those of all zones follow each other."""
        journal = self.journals.get(zone.origin)
        if journal is None or self._waiting >= MAX_WAITING:
            return failed(CarryallError(u'too many changes wait for the disk'))
        self._waiting += 1
        self._last = self._written(self._last, journal, zone, change)
        return self._last

    @coroutine
    def _written(self, before, journal, zone, change):
        # type: (Any, Any, Any, Any) -> Any
        try:
            # A change that could not be written does not keep the next from being tried.
            yield before.then(None, lambda exc: None)
            yield self._loop.run_in_thread(journal.append, change)
        finally:
            self._waiting -= 1
        journal.remember(change)
        self.tell(zone)

    def history(self, zone):
        journal = self.journals.get(zone)
        return () if journal is None else journal.history

    def tell(self, zone):
        # type: (Any) -> None
        """Tells each secondary server of a new serial number (RFC 1996)."""
        for server in self._notify:
            self._tell(server, zone).then(None, lambda exc: log.info('NOTIFY: %s', exc))

    @coroutine
    def _tell(self, server, zone):
        # type: (Any, Any) -> Any
        for _ in range(NOTIFY_TRIES):
            message = query(zone.origin, SOA, recurse=False, edns=False)
            message.flags = NOTIFY << 11 | 0x0400
            soa = zone.soa()
            message.answers = [ResourceRecord(zone.origin, SOA, zone.rclass, soa.ttl,
                                              soa.datas[0])]
            try:
                yield exchange(self._loop, server, message, NOTIFY_SECONDS)
            except CarryallError as exc:
                log.info('%s does not take the notice of %s: %s', server[0],
                         format_name(zone.origin), exc)
                continue
            return


class _Peers(object):
    """Networks and keys."""

    def __init__(self, texts):
        # type: (List[str]) -> None
        self._keys = set(parse_name(text[4:]).lower() for text in texts
                         if text.startswith(u'key:'))
        self._networks = [Network(text) for text in texts if not text.startswith(u'key:')]

    def has(self, host, key):
        # type: (str, Any) -> bool
        """True if the client is one of them, by its address or its key."""
        if key is not None and key in self._keys:
            return True
        return bool(self._networks) and bool(host) and within(host, self._networks)
