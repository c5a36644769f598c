# Copyright the carryall authors.  See LICENSE.
"""The service type ``ident``: tells which user of this machine owns a connection (RFC 1413).

    carryall serve ident -p 113 --interface 0.0.0.0
    carryall serve ident --user someone         carryall serve ident --hidden

The owner comes from the connection table of the machine, unless an option gives one answer for all
connections.  A client is only told of connections between its own address and ours.

Not here: the protocol (protocols/ident), the table (runtimes/host/connectiontable.py).
Tests:    tests/services/ident/test_identservice.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.clientoptions import ClientOptions
from carryall.app.listeningoptions import ListeningOptions
from carryall.app.options import Flag, Option, Schema
from carryall.app.optiontypes import Text
from carryall.app.service import OneServer
from carryall.app.servicetypes import ServerType
from carryall.core.auth.checkqueue import CheckQueue
from carryall.core.auth.credentials import LoginUnavailable
from carryall.core.compat import to_bytes
from carryall.core.errors import UsageError
from carryall.core.net.transport import Address
from carryall.protocols.ident import HIDDEN_USER, NO_USER, PORT, IdentServer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional
    from carryall.app.optionvalues import OptionValues

__all__ = ['CLIENTS', 'IdentService', 'LISTENING', 'SCHEMA', 'TYPE']

# -- limits ------------------------------------------------------------------
# A look-up reads the whole table on one of the threads that all services share.
LOOKUPS = 2                 # at the same time
WAITING = 64                # that wait for their turn, shared fairly among the clients


def _check(options):
    # type: (OptionValues) -> None
    if options.hidden and options.user is not None:
        raise UsageError(u'--user and --hidden exclude each other')


LISTENING = ListeningOptions('port', 'tcp:%d' % PORT, kinds=('tcp',), interface='',
                             connections=1000, per_address=10)
CLIENTS = ClientOptions('network of the clients that are told; others are told HIDDEN-USER')

SCHEMA = Schema([
    LISTENING,
    CLIENTS,
    Option('user', Text(1, 100, 'NAME'), short='u',
           help='tell this name for each connection, in place of its owner'),
    Flag('hidden', help='tell for each connection that its owner is hidden'),
], check=_check, examples=[
    ('carryall serve ident --interface 0.0.0.0', 'the owners of connections, for all'),
    ('carryall serve ident --user irc -p 1113', 'one name for all connections')])


class IdentService(OneServer):
    """A server, and the Lookup of its connections.

    Args:     options: as SCHEMA gives them.
    """

    def __init__(self, options):
        # type: (OptionValues) -> None
        OneServer.__init__(self, 'ident')
        self._options = options
        self._admits = CLIENTS.admits(options)
        self._turns = CheckQueue(LOOKUPS, WAITING)

    def start(self, loop):
        if not self._options.hidden and self._options.user is None:
            # A machine that does not tell is known now, and not with the first query.
            loop.connection_owner(Address('127.0.0.1', 0), Address('127.0.0.1', 0))
        self.serve(loop, LISTENING.server('ident', self._options, lambda: IdentServer(self, loop)))

    def lookup(self, ours, theirs):
        # type: (Any, Any) -> Any
        """The owner of a connection, or a Future of it."""
        options = self._options
        if options.hidden or not self._admits(theirs.host):
            return HIDDEN_USER
        if options.user is not None:
            return options.user
        return self._turns.run(_Machine(self.loop), theirs.host, ours, theirs).then(_told, _failed)


class _Machine(object):
    """Runs the look-ups of a CheckQueue: a loop has threads of its own for them."""

    def __init__(self, loop):
        # type: (Any) -> None
        self._loop = loop

    def run_in_thread(self, ours, theirs):
        # type: (Any, Any) -> Any
        """A Future of the owner's name."""
        return self._loop.connection_owner(ours, theirs)


def _told(name):
    # type: (Optional[str]) -> Any
    return NO_USER if name is None else to_bytes(name)


def _failed(exc):
    # type: (BaseException) -> None
    """No name, so the client gets UNKNOWN-ERROR, if too many look-ups wait."""
    if not isinstance(exc, LoginUnavailable):
        raise exc


class IdentType(ServerType):
    """The type ``ident``."""

    name = 'ident'
    summary = 'owners of connections of this machine (RFC 1413)'
    version = 1
    options = SCHEMA
    service = IdentService
    listening = LISTENING


TYPE = IdentType()
