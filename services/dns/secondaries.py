# Copyright the carryall authors.  See LICENSE.
"""Secondary zones: copies of a primary's, kept on disk and renewed (RFC 1034 section 4.3.5).

    copy = SecondaryZone(origin, ('192.0.2.1', 53), path, zones)
    copy.start(loop)
    copy.notified()             # asks the primary soon

A copy that could not be renewed until its SOA expires is no longer served.

Tests:    tests/services/dns/test_dnsservice.py
"""
from __future__ import absolute_import, division, print_function

import os
import random
import struct

from carryall.core.errors import CarryallError, UsageError
from carryall.core.future import coroutine, with_timeout
from carryall.core.logs import get_logger
from carryall.protocols.dns import (Zones, connect, exchange, format_name, is_later, query,
                                    serial_of)
from carryall.services.dns.zonefiles import load_zone, save_zone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Tuple

__all__ = ['SecondaryZone']

# -- limits ------------------------------------------------------------------
MIN_REFRESH = 30.0          # seconds between two looks at the primary; BIND's is as low
MAX_REFRESH = 86400.0       # the same, at most
FIRST_RETRY = 60.0          # seconds until the first transfer is tried again
TRANSFER_SECONDS = 3600.0   # that a transfer may take; BIND gives two hours
ASK_SECONDS = 5.0           # for the SOA

SOA = 6

log = get_logger('dns.secondary')


class SecondaryZone(object):
    """The copy of one zone.

    Args:     origin: its name.
              primary: (numeric host, port).
              path: of the file that keeps the copy.
              zones: the Zones in which it is served.
              signer: called for a Signer of TSIG, or None.
    """

    def __init__(self, origin, primary, path, zones, signer=None):
        # type: (bytes, Tuple[str, int], str, Zones, Any) -> None
        self.origin = origin
        self.primary = primary
        self._path = path
        self._zones = zones
        self._signer = signer or (lambda: None)
        self._loop = None               # type: Any
        self._timer = None              # type: Any
        self._busy = False
        self._again = False
        self._renewed = 0.0             # loop time of the last answer of the primary
        self.changed = None             # type: Any     # called with the zone after each change

    def start(self, loop):
        # type: (Any) -> None
        """Serves the copy on disk, if there is one, and looks at the primary."""
        self._loop = loop
        self._renewed = loop.time()
        if os.path.exists(self._path):
            try:
                self._zones.put(load_zone(self._path, self.origin))
            except UsageError as exc:
                log.warning('the copy of %s is dropped: %s', format_name(self.origin), exc.message)
        self._timer = loop.call_later(0.0, self._look)

    def stop(self):
        # type: () -> None
        """Looks no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._loop = None

    def notified(self):
        # type: () -> None
        """The primary has said that something changed."""
        if self._busy:
            self._again = True          # what changed may not be in the answer that is coming
        elif self._timer is not None:
            self._timer.cancel()
            self._timer = self._loop.call_later(0.0, self._look)

    # -- renewing ----------------------------------------------------------------------------------

    def _look(self):
        # type: () -> None
        self._busy = True
        self._again = False
        self._renew().add_done_callback(self._looked)

    def _looked(self, done):
        # type: (Any) -> None
        self._busy = False
        if self._loop is None:
            done.exception()            # the service has stopped; how it ended is of no use
            return
        zone = self._zones.by_name.get(self.origin)
        fault = done.exception()
        if fault is None:
            self._renewed = self._loop.time()
        else:
            log.warning('%s is not renewed from %s: %s', format_name(self.origin),
                        self.primary[0], fault)
        pause = FIRST_RETRY
        if zone is not None:
            refresh, retry, expire = struct.unpack('!3I', zone.soa().datas[0][-16:-4])
            if self._loop.time() - self._renewed > expire:
                log.error('%s has expired', format_name(self.origin))
                del self._zones.by_name[self.origin]
            pause = refresh if fault is None else retry
        pause = max(MIN_REFRESH, min(float(pause), MAX_REFRESH))
        # A tenth at random, so that the zones of one primary are not asked for at once
        pause *= random.uniform(0.9, 1.0)
        self._timer = self._loop.call_later(0.0 if self._again else pause, self._look)

    @coroutine
    def _renew(self):
        # type: () -> Any
        """Transfers the zone if the primary has a later one."""
        zone = self._zones.by_name.get(self.origin)
        if zone is not None:
            reply = yield exchange(self._loop, self.primary, query(self.origin, SOA), ASK_SECONDS,
                                   self._signer())
            serials = [serial_of(record.data) for record in reply.answers if record.rtype == SOA]
            if not serials:
                raise CarryallError(u'the primary does not answer for the zone')
            if not is_later(serials[0], zone.serial):
                return
        loop = self._loop
        client = yield connect(loop, self.primary[0], self.primary[1], timeout=ASK_SECONDS)
        try:
            soa = None if zone is None else zone.soa().records(self.origin)[0]
            reader = yield with_timeout(loop, client.transfer(self.origin, soa, self._signer()),
                                        TRANSFER_SECONDS, u'the transfer takes too long')
        finally:
            client.close()
        if reader.current:
            return
        fresh = reader.zone
        if fresh is None:
            fresh = zone.copy()
            for change in reader.changes:
                if change.before != fresh.serial:
                    raise CarryallError(u'the changes do not follow on our serial number')
                change.apply(fresh)
        fresh.check()
        yield loop.run_in_thread(save_zone, fresh, self._path)
        self._zones.put(fresh)
        log.info('%s has serial %d', format_name(self.origin), fresh.serial)
        if self.changed is not None:
            self.changed(fresh)
