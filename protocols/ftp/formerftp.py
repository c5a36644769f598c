# Copyright the carryall authors.  See LICENSE.
"""Former names of FTP: FTPSite, Limits, and connect with `tls='explicit'`.

Each warns and names the new one.

Tests:    tests/protocols/ftp/test_formerftp.py
"""
from __future__ import absolute_import, division, print_function

import warnings

from carryall.core.auth.guard import LoginGuard
from carryall.protocols.ftp import client
from carryall.protocols.ftp.client import FTPClient
from carryall.protocols.ftp.server import FTPServer
from carryall.protocols.ftp.service import FTPBackend
from carryall.protocols.ftp.settings import PORT, TLS_PORT, ClientSettings, Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional
    from carryall.core.future import Future

__all__ = ['EXPLICIT', 'FTPSession', 'FTPSite', 'IMPLICIT', 'Limits', 'connect']

EXPLICIT = 'explicit'
IMPLICIT = 'implicit'

HOOKS = ('observer', 'account_wanted', 'advertise', 'media_type')

FTPSession = FTPClient


class Limits(object):
    """Replaced by Settings."""

    def __init__(self, **given):
        # type: (**Any) -> None
        _warn('Limits', 'carryall.protocols.ftp.Settings')
        self.login_delay = given.pop('login_delay', None)       # type: Optional[float]
        self.settings = Settings(**given)


class FTPSite(object):
    """Replaced by FTPBackend and Settings; called, it gives the protocol of a new connection."""

    def __init__(self, loop, accounts, limits=None, guard=None, **given):
        # type: (Any, Any, Optional[Limits], Optional[LoginGuard], **Any) -> None
        _warn('FTPSite', 'carryall.protocols.ftp.FTPBackend and Settings')
        hooks = dict((name, given.pop(name)) for name in HOOKS if name in given)
        delay = None if limits is None else limits.login_delay
        base = Settings() if limits is None else limits.settings
        required = 'no'
        if given.pop('tls_login', False):
            required = 'login'
        if given.pop('tls_data', False):
            required = 'all'
        self.service = FTPBackend(accounts, guard or LoginGuard(loop, delay), **hooks)
        self.settings = base.replace(tls_required=required, **given)
        self._loop = loop

    def __call__(self):
        # type: () -> FTPServer
        return FTPServer(self.service, self._loop, self.settings)


def connect(loop, host, port=None, tls=None, context=None, watch=None, seconds=30.0, **ways):
    # type: (Any, str, Optional[int], Optional[str], Any, Any, float, **Any) -> Future
    """Replaced by carryall.protocols.ftp.connect, whose *tls* and *starttls* are TLSContexts."""
    _warn('connect with tls=%r' % (tls,), 'carryall.protocols.ftp.connect')
    if 'believe' in ways:
        ways['believe_address'] = ways.pop('believe')
    chosen = {}                 # type: Dict[str, Any]
    if tls == IMPLICIT:
        chosen['tls'] = context
    elif tls == EXPLICIT:
        chosen['starttls'] = context
    return client.connect(loop, host, port or (TLS_PORT if tls == IMPLICIT else PORT),
                          timeout=seconds, settings=ClientSettings(**ways), watch=watch, **chosen)


def _warn(name, now):
    # type: (str, str) -> None
    warnings.warn('%s is %s now' % (name, now), DeprecationWarning, 3)
