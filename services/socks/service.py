# Copyright the carryall authors.  See LICENSE.
"""The service type ``socks``: a proxy for SOCKS 4, 4a, 5 and HTTP CONNECT on one port.

    carryall socks                                  for this machine, on 127.0.0.1:1080
    carryall socks --interface 0.0.0.0 --password-file users --rule 'deny to 10.0.0.0/8'

The protocols are in protocols/socks/.
Tests:    tests/services/test_socks.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.auth.portal import Portal, Realm
from carryall.core.compat import FAILURES
from carryall.core.files.fileuser import opened
from carryall.core.net.ip import is_loopback
from carryall.core.logs import get_logger
from carryall.core.files.smallfile import read_small_text
from carryall.app.proxies import connect_through, environment_password, parse_proxy
from carryall.app.servicetypes import ServerType
from carryall.app.service import OneServer
from carryall.protocols.socks import (HTTP, VERSION_4, VERSION_5, Gate, Rule, Rules, Settings,
                                      SOCKSServer, format_entry, parse_rules)
from carryall.app.logfiles import append_private
from carryall.services.socks.options import ACCOUNTS, BOUNDS, LISTENING, LOGINS, SCHEMA

__all__ = ['SOCKSService', 'TYPE']

log = get_logger('socks')


class SOCKSService(OneServer):
    """A proxy service.

    Args:     options: as SCHEMA gives them.
              checkers: of users (``core.auth.checkers``), in addition to ``--password-file``.
    """

    def __init__(self, options, checkers=()):
        # type: (OptionValues, Iterable[Any]) -> None
        OneServer.__init__(self, 'socks')
        self._options = options
        self._checkers = list(checkers)
        self._trace = None          # type: Any
        self.gate = None            # type: Any

    def start(self, loop):
        options = self._options
        endpoints = LISTENING.endpoints(options)
        open_to_all = any(one.interface is not None and not is_loopback(one.interface or '0.0.0.0')
                          for one in endpoints)
        checkers = self._checkers + _checkers(options)
        if open_to_all and not checkers:
            log.warning('every client that reaches %s may use this proxy without a login',
                        endpoints[0])
        rules = self._read_rules(open_to_all)
        if options.log is not None:
            self._trace = _TraceFile(options.log, loop)
        self.gate = self._make_gate(loop, checkers, rules)
        self._shielded = open_to_all
        self.serve(loop, LISTENING.server('socks', options, lambda: SOCKSServer(self.gate),
                                          endpoints=endpoints))

    def _make_gate(self, loop, checkers, rules):
        # type: (Any, List[Any], Rules) -> Gate
        options = self._options
        relay = BOUNDS.settings(options)
        trace = self._trace.write if self._trace is not None else None
        spoken = ((VERSION_4, options.socks4), (VERSION_5, options.socks5), (HTTP, options.http))
        versions = [version for version, wanted in spoken if wanted]
        connect = None              # type: Any
        resolves = True
        if options.upstream is not None:
            proxy = parse_proxy(options.upstream, environment_password())
            connect = lambda factory, host, port, seconds: connect_through(
                loop, proxy, factory, host, port, seconds)
            resolves = not proxy.resolves
        return Gate(loop, relay, rules, Portal(Realm(), checkers) if checkers else None,
                    LOGINS.guard(options, loop) if checkers else None,
                    Settings(versions=versions, check_ident=options.ident,
                             per_user=options.max_per_user, user_rate=options.user_rate), connect,
                    resolves, trace)

    def _read_rules(self, shielded):
        # type: (bool) -> Rules
        options = self._options
        rules = [Rule(text) for text in options.rule]
        if options.rules is not None:
            rules += parse_rules(read_small_text(options.rules).splitlines())
        return Rules(rules, not options.default_deny, shielded and not options.private)

    def reload(self):
        """Reads the rules and certificates again, and reopens the log; after an error
        everything stays as it was."""
        if self.gate is not None:
            rules = self._read_rules(self._shielded)
            OneServer.reload(self)
            self.gate.rules = rules
            if self._trace is not None:
                self._trace.reopen()

    def release(self):
        self.gate = None
        trace, self._trace = self._trace, None
        if trace is not None:
            trace.close()


class _TraceFile(object):
    """The file of ``--log``."""

    def __init__(self, path, loop):
        # type: (str, Any) -> None
        self._path = path
        self._loop = loop
        # Relayed octets contain passwords.
        self._file = opened(loop, lambda: append_private(path))

    def write(self, end, data):
        # type: (Any, bytes) -> None
        """Records octets that arrived at one end."""
        try:
            self._file.write(format_entry(self._loop.wall(), end, data).encode('ascii'))
        except FAILURES as exc:         # a full disk does not stop the proxy
            log.error('%s cannot be written: %s', self._path, exc)

    def reopen(self):
        # type: () -> None
        """Begins a new file of the same name."""
        fresh = append_private(self._path)
        self._file.close()
        self._file = fresh

    def close(self):
        # type: () -> None
        """Closes it."""
        self._file.close()


def _checkers(options):
    # type: (OptionValues) -> List[Any]
    found = ACCOUNTS.checkers(options)
    if options.password_file is None:
        return found
    from carryall.core.auth.passwordfile import PasswordFile
    return found + [PasswordFile(options.password_file)]


class SOCKSType(ServerType):
    """The service type of ``mktap socks`` and ``carryall socks``."""

    name = 'socks'
    summary = 'proxy: SOCKS 4, 4a, 5 and HTTP CONNECT on one port'
    version = 1
    options = SCHEMA
    service = SOCKSService
    listening = LISTENING


TYPE = SOCKSType()

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, List, Optional
    from carryall.app.optionvalues import OptionValues
