# Copyright the carryall authors.  See LICENSE.
"""The service type ``ftp``: a directory by the File Transfer Protocol.

    carryall ftp --root pub         mktap ftp --root pub && twistd -f ftp.tap

Tests:    tests/services/ftp/test_service.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.core.activity import activity_of
from carryall.core.auth.checkers import MemoryChecker
from carryall.core.auth.passwordfile import PasswordFile
from carryall.core.compat import native
from carryall.core.errors import UsageError
from carryall.core.files.fileuser import opened
from carryall.core.logs import get_logger
from carryall.app.servicetypes import ServerType
from carryall.app.service import OneServer
from carryall.protocols.ftp import FTPBackend, FTPServer, Rate, Settings
from carryall.protocols.http.fields import BINARY, MediaTypes
from carryall.services.ftp.ftpaccounts import FTPAccounts, FTPRealm
from carryall.services.ftp.options import (ACCOUNTS, LISTENING, LOGINS, READERS, SCHEMA, TLS,
                                           Masquerade, PortRange, endpoints_of)
from carryall.services.ftp.otpfile import OTPFile
from carryall.services.ftp.transferlog import TransferLines, TransferLog

TYPE_CHECKING = False
if TYPE_CHECKING:
    from carryall.core.tls import TLSContext
    from typing import Any, Dict, List, Optional
    from carryall.app.optionvalues import OptionValues

__all__ = ['FTPService', 'FTPType', 'TYPE']

# Sent to a connection beyond the limits.
REFUSAL = b'421 Too many connections, closing control connection.\r\n'
DEMO = {u'twisted': b'twisted'}

log = get_logger('ftp')


class FTPService(OneServer):
    """A directory, its users and its limits.

    Args:     options: as ``options.SCHEMA`` gives them.
    """

    def __init__(self, options):
        # type: (OptionValues) -> None
        OneServer.__init__(self, 'ftp')
        self._options = options
        self._log = None            # type: Optional[TransferLog]
        self._otp = None            # type: Optional[OTPFile]
        self._context = None        # type: Optional[TLSContext]
        self._contexts = {}         # type: Dict[str, TLSContext]  # of tls endpoints by their text
        self._rates = ()            # type: Any

    def start(self, loop):
        options = self._options
        if not os.path.isdir(options.root):
            raise UsageError(u'directory %s is missing' % options.root)
        self._rates = tuple([Rate(octets, loop)] if octets else []
                            for octets in (options.total_up, options.total_down))
        endpoints = endpoints_of(options)
        settings = self._settings(self._secure(loop, endpoints))
        if options.otp:
            self._otp = OTPFile(options.otp_file)
        if options.logfile is not None:
            self._log = opened(loop, lambda: TransferLog(options.logfile, loop.wall))
        backend = self._backend(loop)
        limits = LISTENING.limits(options, REFUSAL, loop)
        self.serve(loop, LISTENING.server('ftp', options,
                                          lambda: FTPServer(backend, loop, settings),
                                          self._context_of, limits, endpoints))

    def _context_of(self, endpoint):
        # type: (Any) -> TLSContext
        return self._contexts[endpoint.text()]

    def _secure(self, loop, endpoints):
        # type: (Any, List[Any]) -> Optional[TLSContext]
        """The TLSContext of AUTH and of data connections.

        It is that of ``--certificate``, or else of the first tls endpoint.
        """
        first = TLS.context(self._options, loop)
        self._context = first
        for endpoint in endpoints:
            if endpoint.kind == 'tls':
                context = endpoint.tls_context()
                self._contexts[endpoint.text()] = context
                first = first or context
        return first

    def _accounts(self):
        # type: () -> FTPAccounts
        options = self._options
        checkers = []               # type: List[Any]
        if options.passwords is not None:
            checkers.append(PasswordFile(options.passwords))
        checkers += ACCOUNTS.checkers(options)
        if options.demo_user:
            checkers.append(MemoryChecker(DEMO))
        realm = FTPRealm(options.root, options.homes, options.permissions.encode('ascii'),
                         native(options.symlinks), options.whole_uploads, self._rates,
                         strangers=options.anonymous_permissions.encode('ascii'))
        anonymous = options.anonymous or not checkers and self._otp is None
        if anonymous and not set(options.anonymous_permissions) <= set(READERS):
            log.warning('anonymous users may change files: permissions %s',
                        options.anonymous_permissions)
        return FTPAccounts(realm, checkers, options.useranonymous if anonymous else None,
                           options.mail_wanted, self._otp)

    def _backend(self, loop):
        # type: (Any) -> FTPBackend
        options = self._options
        advertise = _Advertise(options.masquerade) if options.masquerade else None
        activity = activity_of(loop)
        observer = self._log if activity is None else TransferLines(activity, self._log)
        return FTPBackend(self._accounts(), LOGINS.guard(options, loop), observer,
                          advertise=advertise,
                          media_type=MediaTypes(default=BINARY, charset=None).of)

    def _settings(self, tls):
        # type: (Optional[TLSContext]) -> Settings
        options = self._options
        settings = Settings(
            idle_seconds=options.idle, unproductive_seconds=options.no_transfer,
            rate_up=options.rate_up, rate_down=options.rate_down,
            transfers=options.max_transfers, file_bytes=options.max_upload,
            third_party=options.thirdparty, digests=options.digests,
            list_offset=options.list_offset * 60, tls=tls,
            tls_required=native(options.require_tls), tls_reuse=options.reuse_session,
            tls_clear=options.allow_ccc)
        if options.banner is not None:
            settings = settings.replace(banner=(options.banner.encode('utf-8'),))
        if options.message_file is not None:
            settings = settings.replace(message_file=options.message_file.encode('utf-8'))
        if options.passive_ports is not None:
            settings = settings.replace(passive_ports=PortRange().split(options.passive_ports))
        return settings

    def reload(self):
        """Reads one-time passwords and certificates again, and reopens the log.

        A password file is checked at each login.
        """
        if self._log is not None:
            self._log.reopen()
        if self._otp is not None:
            self._otp.reload()
        if self._context is not None and self.loop is not None:
            self._context.reload(self.loop.tls)
        OneServer.reload(self)

    def release(self):
        # type: () -> None
        log = self._log
        self._log = None
        if log is not None:
            log.close()


class _Advertise(object):
    """The addresses for replies to PASV: the rule with the longest matching source counts."""

    def __init__(self, rules):
        # type: (List[str]) -> None
        split = [Masquerade().split(rule) for rule in rules]
        rules = [(native(source), native(address)) for source, address in split]
        self._rules = sorted(rules, key=lambda rule: -len(rule[0]))

    def __call__(self, own, client):
        # type: (str, str) -> Optional[str]
        for source, address in self._rules:
            if client.startswith(source):
                return address
        return None


class FTPType(ServerType):
    """The service type of ``mktap ftp`` and ``carryall ftp``."""

    name = 'ftp'
    summary = 'FTP server for a folder of files'
    version = 1
    options = SCHEMA
    service = FTPService

    def started_by_hand(self, options):
        default = SCHEMA.defaults()
        if options.root != default.root or os.path.isdir(default.root):
            return []
        options.root = os.path.abspath(u'.')
        if options.permissions == default.permissions:
            options.permissions = u'elr'           # enter, list, read
        return [u'folder %s, for reading' % options.root]

    def listened(self, options):
        return endpoints_of(options)


TYPE = FTPType()
