# Copyright the carryall authors.  See LICENSE.
"""The service type ``socks``: a proxy for SOCKS 4, 4a, 5 and HTTP CONNECT on one port.

    carryall socks                                  for this machine, on 127.0.0.1:1080
    carryall socks --interface 0.0.0.0 --password-file users --rule 'deny to 10.0.0.0/8'

Not here: the protocols (protocols/socks/).
Tests:    tests/services/test_socks.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.app.bans import ban_options, guard_of
from carryall.core.auth.portal import Portal, Realm
from carryall.core.compat import FAILURES
from carryall.core.net.deadlines import sweeper_of
from carryall.app.endpoints import parse_endpoint
from carryall.core.errors import UsageError
from carryall.core.files.fileuser import opened
from carryall.core.net.ip import is_loopback
from carryall.app.optiontypes import Endpoint, Integer, PasswordPath, Path, Seconds, Size, Text
from carryall.core.logs import get_logger
from carryall.app.options import Flag, Option, Schema
from carryall.core.files.plainfile import read_plain
from carryall.core.wrap.policies import ConnectionLimits
from carryall.app.proxies import ProxyKind, connect_through, parse_proxy
from carryall.app.servicetypes import ServiceType
from carryall.app.service import OneServer, StreamServer
from carryall.protocols.portforward import Terms
from carryall.protocols.socks import (HTTP, VERSION_4, VERSION_5, Gate, Rule, Rules, Settings,
                                      SOCKSServer, format_entry, parse_rules)
from carryall.services.logfiles import append_private

__all__ = ['PASSWORD_VARIABLE', 'RuleText', 'SOCKSService', 'TYPE', 'endpoints_of', 'next_proxy_password']

# -- limits ------------------------------------------------------------------
MAX_FILE = 1 << 20              # octets of a file of rules; ours
MAX_CONNECTIONS = 1000000       # the highest bound on connections that makes sense; ours

PASSWORD_VARIABLE = 'CARRYALL_PROXY_PASSWORD'       # of the next proxy; not an option, which everybody could read

log = get_logger('socks')


class RuleText(Text):
    """One rule, as protocols/socks/rules.py has them."""

    metavar = 'RULE'

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 1, 1024)

    def check(self, value):
        Text.check(self, value)
        Rule(value)


def _check(options):
    # type: (OptionValues) -> None
    if not (options.socks4 or options.socks5 or options.http):
        raise UsageError(u'--no-socks4, --no-socks5 and --no-http leave nothing to speak')


SCHEMA = Schema([
    Option('port', Endpoint(('tcp', 'unix', 'tls')), short='p', default='tcp:1080', help='port or endpoint to listen on'),
    Option('interface', Text(1, 64, 'ADDRESS'), short='i', default='127.0.0.1',
           help='address to listen on where the endpoint names none; 0.0.0.0 for everybody'),
    Option('log', Path('new'), short='l', help='write all that is relayed to this file, in hexadecimal'),
    Option('password-file', PasswordPath(), help='who may log in; SOCKS4, which has no passwords, is then refused'),
    Option('rule', RuleText(), repeat=True, help='such as "deny to 10.0.0.0/8 port 1-1023"; the first that fits decides'),
    Option('rules', Path('file'), help='file of rules, one a line, looked at after those of --rule'),
    Flag('default-deny', help='deny what no rule allows'),
    Flag('private', help='let strangers reach addresses that are not public, although it listens for more than this machine'),
    Flag('socks4', default=True, help='speak SOCKS 4 and 4a'),
    Flag('socks5', default=True, help='speak SOCKS 5'),
    Flag('http', default=True, help='speak HTTP CONNECT'),
    Flag('ident', help='ask the client\'s ident server whether a SOCKS4 user is who he says'),
    Option('upstream', ProxyKind(), help='reach everything by way of this proxy; its password is in ' + PASSWORD_VARIABLE),
    Option('idle', Seconds(1.0), default='1h', help='a connection on which nothing moves for so long ends'),
    Option('max-octets', Size(1), help='octets that one connection may carry'),
    Option('max-connections', Integer(1, MAX_CONNECTIONS), default='1000', help='connections at the same time'),
    Option('max-per-address', Integer(1, MAX_CONNECTIONS), help='the same, of one client address'),
    Option('max-per-user', Integer(1, MAX_CONNECTIONS), help='the same, of one user'),
    Option('user-rate', Size(1), help='octets a second of one user, both ways together'),
] + ban_options(), check=_check, examples=[
    ('carryall socks', 'a proxy for the programs of this machine'),
    ('carryall socks -i 0.0.0.0 --password-file users', 'for whoever has a password, and to public addresses alone'),
    ('carryall socks --default-deny --rule "allow to *.example.org port 443"', 'for one purpose')])


def endpoints_of(options, name='port'):
    # type: (OptionValues, str) -> List[Any]
    """The Endpoint of an option; ``--interface`` where it names none."""
    endpoint = parse_endpoint(getattr(options, name))
    if endpoint.interface == '':
        endpoint.interface = parse_endpoint(u'tcp:0:interface=' + _bracketed(options.interface)).interface
    return [endpoint]


def _bracketed(interface):
    # type: (str) -> str
    return u'[%s]' % interface if u':' in interface and not interface.startswith(u'[') else interface


class SOCKSService(OneServer):
    """A proxy.

    Args:     options: as SCHEMA gives them.
              checkers: who knows the users (``core.auth.checkers``), beside ``--password-file``.
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
        endpoints = endpoints_of(options)
        open_to_all = any(one.interface is not None and not is_loopback(one.interface or '0.0.0.0') for one in endpoints)
        checkers = self._checkers + _checkers(options)
        if open_to_all and not checkers:
            log.warning('whoever reaches %s may use this proxy: nobody has to log in', endpoints[0])
        rules = self._read_rules(open_to_all)
        if options.log is not None:
            self._trace = _TraceFile(options.log, loop)
        self.gate = self._make_gate(loop, checkers, rules)
        limits = ConnectionLimits(options.max_connections, options.max_per_address)
        self._shielded = open_to_all
        self.serve(loop, StreamServer('socks', limits.wrap(lambda: SOCKSServer(self.gate)), endpoints))

    def _make_gate(self, loop, checkers, rules):
        # type: (Any, List[Any], Rules) -> Gate
        options = self._options
        terms = Terms(sweeper_of(loop), options.idle, options.max_octets,
                      trace=self._trace.write if self._trace is not None else None)
        spoken = ((VERSION_4, options.socks4), (VERSION_5, options.socks5), (HTTP, options.http))
        versions = [version for version, wanted in spoken if wanted]
        connect, resolves = None, True      # type: Any, bool
        if options.upstream is not None:
            proxy = parse_proxy(options.upstream, next_proxy_password())
            connect = lambda factory, host, port, seconds: connect_through(loop, proxy, factory, host, port, seconds)
            resolves = not proxy.resolves
        return Gate(loop, terms, rules, Portal(Realm(), checkers) if checkers else None,
                    guard_of(options, loop) if checkers else None,
                    Settings(versions=versions, check_ident=options.ident, per_user=options.max_per_user,
                             user_rate=options.user_rate), connect, resolves)

    def _read_rules(self, shielded):
        # type: (bool) -> Rules
        options = self._options
        rules = [Rule(text) for text in options.rule]
        if options.rules is not None:
            rules += parse_rules(_read_lines(options.rules))
        return Rules(rules, not options.default_deny, shielded and not options.private)

    def reload(self):
        """Read the rules and certificates again, and open the log anew; what is wrong leaves everything as it was."""
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
        self._file = opened(loop, lambda: append_private(path))         # passwords are among what is relayed

    def write(self, end, data):
        # type: (Any, bytes) -> None
        """Note octets that came in at an end."""
        try:
            self._file.write(format_entry(self._loop.wall(), end, data).encode('ascii'))
        except FAILURES as exc:         # a full disk does not stop the proxy
            log.error('%s cannot be written: %s', self._path, exc)

    def reopen(self):
        # type: () -> None
        """Begin again, in a file of the same name."""
        fresh = append_private(self._path)
        self._file.close()
        self._file = fresh

    def close(self):
        # type: () -> None
        """Close it."""
        self._file.close()


def _checkers(options):
    # type: (OptionValues) -> List[Any]
    if options.password_file is None:
        return []
    from carryall.core.auth.passwordfile import PasswordFile
    return [PasswordFile(options.password_file)]


def next_proxy_password():
    # type: () -> Optional[str]
    """The password of the proxy that comes next, from the environment."""
    given = os.environ.get(PASSWORD_VARIABLE)
    return given.decode('utf-8', 'replace') if isinstance(given, bytes) else given


def _read_lines(path):
    # type: (str) -> List[str]
    try:
        data = read_plain(path, MAX_FILE + 1)
    except FAILURES as exc:
        raise UsageError(u'cannot read %s' % path, exc)
    if len(data) > MAX_FILE:
        raise UsageError(u'%s has more than %d bytes' % (path, MAX_FILE))
    try:
        return data.decode('utf-8').splitlines()
    except UnicodeError:
        raise UsageError(u'%s is not UTF-8' % path)


class SOCKSType(ServiceType):
    """What ``mktap socks`` and ``carryall socks`` make."""

    name = 'socks'
    summary = 'proxy: SOCKS 4, 4a, 5 and HTTP CONNECT on one port'
    version = 1
    options = SCHEMA

    def make(self, options):
        """A stopped SOCKSService."""
        return SOCKSService(options)

    def endpoints(self, options):
        """Where it will listen."""
        return [endpoint.text() for endpoint in endpoints_of(options)]


TYPE = SOCKSType()

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, List, Optional
    from carryall.app.optionvalues import OptionValues
