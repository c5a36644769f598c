# Copyright the carryall authors.  See LICENSE.
"""The service type ``dns``: an authoritative server of DNS.

    carryall serve dns -z example.org=example.org.zone
    mktap dns --bindzone example.org --secondary 192.0.2.1/example.net --folder copies

Each place to listen is open over TCP and UDP, with TLS over TCP alone.

Not here: the answers (protocols/dns/zoneauthority.py).
Tests:    tests/services/dns/test_dnsservice.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.app.endpoints import Endpoint
from carryall.app.service import DatagramServer, OneServer
from carryall.app.servicetypes import ServerType
from carryall.core.compat import FAILURES
from carryall.core.errors import UsageError
from carryall.core.logs import get_logger
from carryall.protocols.dns import (Authority, DNSDatagrams, DNSServer, ServerSettings, Zones,
                                    format_name, parse_name)
from carryall.services.dns.options import CLIENTS, LISTENING, SCHEMA, Secondary, origin_of
from carryall.services.dns.rights import Rights
from carryall.services.dns.secondaries import SecondaryZone
from carryall.services.dns.zonefiles import file_name, load_keys, load_pyzone, load_zone
from carryall.services.dns.zonejournal import ZoneJournal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional
    from carryall.app.optionvalues import OptionValues

__all__ = ['DNSServiceRun', 'TYPE']

log = get_logger('dns')


class DNSServiceRun(OneServer):
    """A server of zones.

    Args:     options: as SCHEMA gives them.
    """

    def __init__(self, options):
        # type: (OptionValues) -> None
        OneServer.__init__(self, 'dns')
        self._options = options
        self._datagrams = []            # type: List[DatagramServer]
        self._secondaries = {}          # type: Dict[bytes, SecondaryZone]
        self._rights = None             # type: Any
        self.zones = Zones()

    def start(self, loop):
        options = self._options
        keys = load_keys(options.keys)
        rights = Rights(options, CLIENTS.admits(options), keys, loop)
        self._rights = rights
        self._load()
        settings = ServerSettings(nsid=(options.nsid or u'').encode('utf-8'),
                                  rate=float(options.rate or 0),
                                  require_cookies=options.require_cookies)
        authority = Authority(self.zones, loop, settings, rights, keys)
        service = self._before(authority, loop)
        server = LISTENING.server('dns', options, lambda: DNSServer(service, loop, settings),
                                  limits=LISTENING.limits(options, b'', loop))
        self.serve(loop, server)
        try:
            self._open_datagrams(loop, service, server)
        except FAILURES:
            server.stop(0.0)
            self.server = None
            self.loop = None
            self.release()
            raise
        for each in self._secondaries.values():
            each.start(loop)

    def _before(self, authority, loop):
        # type: (Any, Any) -> Any
        """The DNSService that clients reach."""
        return authority

    def _open_datagrams(self, loop, service, server):
        # type: (Any, Any, Any) -> None
        """UDP at the address and port of each TCP listener."""
        for endpoint, listener in zip(server.endpoints, server.listeners):
            if endpoint.kind != 'tcp':
                continue
            place = Endpoint('udp', listener.address.port, endpoint.interface)
            datagrams = DatagramServer('dns', lambda: DNSDatagrams(service), place)
            datagrams.start(loop)
            self._datagrams.append(datagrams)

    # -- zones -------------------------------------------------------------------------------------

    def _load(self):
        # type: () -> None
        """Reads all zones before any of them is served; UsageError for a fault in one."""
        options = self._options
        found = [load_zone(path, parse_name(name).lower()) for name, path in options.zone]
        found += [load_zone(path, origin_of(path)) for path in options.bindzone]
        found += [load_pyzone(path) for path in options.pyzone]
        journals = {}
        for zone in found:
            if options.update:
                journal = ZoneJournal(self._path(zone.origin, u'.journal'), zone)
                steps = journal.replay()
                if steps:
                    log.info('%s: %d steps of the journal, serial %d', format_name(zone.origin),
                             steps, zone.serial)
                journals[zone.origin] = journal
        self._rights.journals = journals
        for zone in found:
            if zone.ignored:
                log.warning('%s: %d records outside of the zone are ignored',
                            format_name(zone.origin), zone.ignored)
            self.zones.put(zone)
        if not self._secondaries:
            self._copy_zones()

    def _copy_zones(self):
        # type: () -> None
        for text in self._options.secondary:
            primary, names = Secondary().split(text)
            for name in names:
                copy = SecondaryZone(name, primary, self._path(name, u'.zone'), self.zones)
                copy.changed = self._rights.tell
                self._secondaries[name] = copy
        self._rights.secondaries = self._secondaries

    def _path(self, origin, ending):
        # type: (bytes, str) -> str
        folder = self._options.folder
        if folder is None or not os.path.isdir(folder):
            raise UsageError(u'there is no folder %s' % folder)
        return os.path.join(folder, file_name(origin) + ending)

    def reload(self):
        """Reads the zones again; if one is wrong, all stay as they were."""
        if self.loop is not None:
            self._load()
        OneServer.reload(self)

    # -- the end -----------------------------------------------------------------------------------

    def stop(self, seconds=5.0):
        for datagrams in self._datagrams:
            datagrams.stop()
        del self._datagrams[:]
        for each in self._secondaries.values():
            each.stop()
        return OneServer.stop(self, seconds)

    def listening(self):
        found = OneServer.listening(self)
        for datagrams in self._datagrams:
            found += datagrams.listening()
        return found

    def release(self):
        self._secondaries = {}


class DNSType(ServerType):
    """The type ``dns``."""

    name = 'dns'
    summary = 'an authoritative server of DNS, with transfers and updates'
    version = 1
    options = SCHEMA
    service = DNSServiceRun
    listening = LISTENING


TYPE = DNSType()
