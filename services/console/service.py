# Copyright the carryall authors.  See LICENSE.
"""The service type ``telnet``: a Python console over Telnet (TEL-03).

    mktap telnet -p 8023 -u username -w password        carryall telnet --password-file users

A user who logs in may do everything that this process may do.  So the service listens on the
loopback interface by default, and warns if it is reachable from other machines in clear.  It also
warns about the password that everybody knows.

The dialogue is in session.py.
Tests:    tests/services/console/test_service.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.auth.checkers import MemoryChecker
from carryall.app.accountoptions import AccountOptions, make_password
from carryall.app.limitoptions import LimitOptions
from carryall.app.listeningoptions import ListeningOptions
from carryall.app.loginoptions import LoginOptions
from carryall.core.auth.portal import Portal, Realm
from carryall.core.compat import FAILURES, interpreter
from carryall.core.errors import UsageError
from carryall.core.files.fileuser import opened
from carryall.core.net.ip import is_loopback
from carryall.app.optiontypes import LogPath, PasswordPath, Text
from carryall.core.logs import get_logger
from carryall.app.options import Flag, Option, Schema
from carryall.app.servicetypes import ServerType
from carryall.app.service import DRAIN_SECONDS, OneServer
from carryall.app.logfiles import append_private
from carryall.services.console.interpreter import make_namespace
from carryall.services.console.outputs import install, uninstall
from carryall.services.console.session import INSPECT, PYTHON, ConsoleSession

__all__ = ['ConsoleService', 'TYPE']

DEFAULT_PASSWORD = u'changeme'      # of Twisted 0.19; known to everybody
MAX_SESSIONS = 12                   # running code has a thread each, and the loop's pool has 16

log = get_logger('console')

LISTENING = ListeningOptions('port', 'tcp:4040', interface='i', connections=8, most=MAX_SESSIONS,
                             connections_help='sessions at the same time')
LOGINS = LoginOptions()
ACCOUNTS = AccountOptions()
SCHEMA = Schema([
    LISTENING,
    Option('username', Text(1, 255, 'NAME'), short='u', default='admin',
           help='the user who may log in'),
    Option('password', Text(1, 255, 'PASSWORD'), short='w', default=DEFAULT_PASSWORD, secret=True,
           help='the password; --password-file is safer, as command lines and taps can be read. '
                '"carryall telnet" makes one up and shows it'),
    Option('password-file', PasswordPath(), help='the users who may log in, instead of --username'),
    ACCOUNTS,
    Option('inspect', Text(1, 255, 'NAME'), repeat=True,
           help='a user of the file who may look at objects but run no code'),
    Flag('shared', help='one namespace for all sessions, instead of one each'),
    Option('banner', Text(0, 1000), default='', help='text to show before the login'),
    LimitOptions('30m', 'time without input after which a session ends'),
    Option('transcript', LogPath(), help='write all input and output to this file, - for stdout'),
    LOGINS,
], examples=[
    ('mktap telnet -p 8023 -u username -w password',
     'a console on port 8023 of this machine, saved in telnet.tap'),
    ('carryall telnet -p tls:992:certificate=site.pem:interface=0.0.0.0 --password-file users',
     'for others, encrypted')])


class ConsoleService(OneServer):
    """A console.

    Args:     options: as SCHEMA gives them.
              names: further names for the namespace, such as the service that this is part of.
    """

    def __init__(self, options, names=None):
        # type: (OptionValues, Optional[Dict[str, Any]]) -> None
        OneServer.__init__(self, 'telnet')
        self._options = options
        self._names = dict(names or {})
        self._shared = None         # type: Optional[Dict[str, Any]]
        self._transcript = None     # type: Any
        self.banner = options.banner
        self.idle_seconds = options.idle
        self.portal = None          # type: Any
        self.guard = None           # type: Any

    def start(self, loop):
        options = self._options
        endpoint = self.endpoint()
        self._warn(endpoint)
        if options.transcript is not None:
            self._transcript = opened(loop, lambda: append_private(options.transcript))
        self.portal = Portal(_Roles(options.inspect), self._checkers())
        self.guard = LOGINS.guard(options, loop)
        self.loop = loop
        limits = LISTENING.limits(options, b'Too many sessions.\r\n')
        self.serve(loop, LISTENING.server('telnet', options, lambda: ConsoleSession(self),
                                          limits=limits))
        install()

    def endpoint(self):
        # type: () -> Any
        """The endpoint that it listens on."""
        return LISTENING.endpoints(self._options)[0]

    def _warn(self, endpoint):
        # type: (Any) -> None
        options = self._options
        if not options.user and options.password_file is None \
                and options.password == DEFAULT_PASSWORD:
            log.warning('the password of %s is "%s", which everybody knows; give another with '
                        '--password',
                        options.username, DEFAULT_PASSWORD)
        if endpoint.interface is not None and not is_loopback(endpoint.interface or '0.0.0.0') \
                and endpoint.kind != 'tls':
            log.warning('the console is reached from other machines, and passwords go in clear; a '
                        'tls endpoint would hide them')

    def _checkers(self):
        # type: () -> List[Any]
        options = self._options
        found = ACCOUNTS.checkers(options)
        if options.password_file is not None:
            from carryall.core.auth.passwordfile import PasswordFile
            found.append(PasswordFile(options.password_file))
        return found or [MemoryChecker({options.username: options.password.encode('utf-8')})]

    def stop(self, seconds=DRAIN_SECONDS):
        if self.server is not None:
            uninstall()
        # A stop does not wait for users: sessions end at once.
        return OneServer.stop(self, 0.0)

    def reload(self):
        """Reads certificates again, and reopens the transcript."""
        OneServer.reload(self)
        if self._transcript is not None:
            fresh = append_private(self._options.transcript)
            self._transcript.close()
            self._transcript = fresh

    def release(self):
        self.loop = None
        transcript, self._transcript = self._transcript, None
        if transcript is not None:
            transcript.close()

    # -- what sessions ask for ---------------------------------------------------------------------

    def namespace(self):
        # type: () -> Dict[str, Any]
        """The namespace of a new session; with --shared, the one of all sessions."""
        if self._shared is not None:
            return self._shared
        made = make_namespace(self.loop, dict(self._names, service=self))
        if self._options.shared:
            self._shared = made
        return made

    def greeting(self, role):
        # type: (str) -> str
        """The text after a login."""
        if role == INSPECT:
            return u'carryall on %s.  Objects can be looked at; see "help".\n' % interpreter()
        return u'Python on %s.  loop and service are defined; call(f, ...) runs f on the loop.\n' \
            % interpreter()

    def record(self, who, text):
        # type: (str, str) -> None
        """Writes what *who* entered or was shown to the transcript."""
        if self._transcript is not None:
            try:
                self._transcript.write(u''.join(u'%s| %s\n' % (who, line)
                                                for line in text.splitlines()).encode('utf-8'))
            except FAILURES as exc:
                log.error('%s cannot be written: %s', self._options.transcript, exc)


class _Roles(Realm):
    """The avatar of a user: the role that the options give it."""

    def __init__(self, inspectors):
        # type: (Sequence[str]) -> None
        self._inspectors = frozenset(inspectors)

    def avatar(self, name, credentials, mind):
        return INSPECT if name in self._inspectors else PYTHON


class ConsoleType(ServerType):
    """The service type of ``mktap telnet`` and ``carryall telnet``."""

    name = 'telnet'
    summary = 'Python console over Telnet'
    version = 1
    options = SCHEMA
    service = ConsoleService
    listening = LISTENING

    def started_by_hand(self, options):
        if options.user or options.password_file is not None \
                or options.password != DEFAULT_PASSWORD:
            return []
        # Who starts it sees the terminal; the log would keep the password.
        options.password = make_password()
        return [u'user %s, password %s' % (options.username, options.password)]


TYPE = ConsoleType()

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence
    from carryall.app.optionvalues import OptionValues
