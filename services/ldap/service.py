# Copyright the carryall authors.  See LICENSE.
"""The service type ``ldap``: a directory (RFC 4510).

    carryall serve ldap --port 3890 --ldif people.ldif --admin admin

Not here: the protocol and the entries (protocols/ldap).
Tests:    tests/services/ldap/test_ldapservice.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.service import MultiService, OneServer
from carryall.app.servicetypes import ServerType
from carryall.core.auth.passwordfile import PasswordFile
from carryall.core.auth.portal import Portal, Realm
from carryall.core.compat import FAILURES
from carryall.core.errors import UsageError
from carryall.core.files.smallfile import read_small_text
from carryall.core.future import Return, coroutine
from carryall.core.logs import get_logger
from carryall.core.net.ip import is_loopback
from carryall.protocols.ldap import (Access, AddRequest, Directory, LDAPError, LDAPServer,
                                     LDIFError, Schema, Settings, errors, format_notice, parse_dn,
                                     read_ldif, standard_schema)
from carryall.services.ldap.directorystore import DirectoryStore
from carryall.services.ldap.options import (ACCOUNTS, ADMINS, CLIENTS, DEFAULT_SUFFIX, LISTENING,
                                            LOGINS, SCHEMA, STORES, TLS)
from carryall.services.ldap.serveddirectory import ServedDirectory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Tuple
    from carryall.app.optionvalues import OptionValues

__all__ = ['LDAPService', 'LdapType', 'TYPE']

# Classes of an entry that is made as the top, by the type of its RDN
TOPS = {u'dc': [b'top', b'dcObject', b'organization'], u'o': [b'top', b'organization'],
        u'ou': [b'top', b'organizationalUnit'], u'c': [b'top', b'country'],
        u'l': [b'top', b'locality']}

MAX_SCHEMA_BYTES = 16 << 20

log = get_logger('ldap')


class LDAPService(OneServer):
    """A server of one directory.

    Args:     options: as SCHEMA gives them.

    Attributes:
        directory: the Directory, once it was started.
    """

    def __init__(self, options):
        # type: (OptionValues) -> None
        OneServer.__init__(self, 'ldap')
        self._options = options
        self._store = None                  # type: Any  # a DataStore
        self._portal = None                 # type: Any
        self.directory = None               # type: Optional[Directory]

    def start(self, loop):
        options = self._options
        context = TLS.context(options, loop)
        schema = self._schema()
        suffixes = list(options.suffix) or [DEFAULT_SUFFIX]
        keeper = None               # type: Any
        self._store = STORES.store(options)
        if self._store is not None:
            keeper = DirectoryStore(self._store)
        access = Access(not options.require_login, options.size_limit, options.time_limit)
        directory = Directory(loop, suffixes, schema, access,
                              None if keeper is None else keeper.keep)
        self.directory = directory
        loaded = self._records()
        try:
            if self._store is not None:
                self._store.start(loop)
            filled = self._fill(directory, keeper, loaded)
            if keeper is not None and not loop.turning:
                loop.run_until(filled)
            elif filled.done():
                filled.result()
        except FAILURES:
            self.release()
            raise
        self._portal = self._accounts()
        served = ServedDirectory(directory, loop, self._portal, LOGINS.guard(options, loop),
                                 [name for name, _ in options.admin], options.password_rounds)
        refusal = format_notice(errors.BUSY, u'too many connections')
        limits = LISTENING.limits(options, refusal, loop)
        admits = CLIENTS.admits(options)
        servers = []                # type: List[Any]
        for endpoint in LISTENING.endpoints(options):
            clear = options.clear_logins or _is_local(endpoint)
            settings = Settings(tls=None if endpoint.kind == 'tls' else context, clear_auth=clear)
            servers.append(LISTENING.server(
                'ldap', options, self._factory(served, loop, settings, admits), limits=limits,
                endpoints=[endpoint]))
        self.serve(loop, servers[0] if len(servers) == 1 else MultiService('ldap', servers))

    @staticmethod
    def _factory(served, loop, settings, admits):
        # type: (Any, Any, Any, Any) -> Any
        return lambda: LDAPServer(served, loop, settings, admits)

    def release(self):
        """Closes the store, after what was written is safe."""
        store, self._store = self._store, None
        return None if store is None else store.close()

    # -- what it begins with -----------------------------------------------------------------------

    def _schema(self):
        # type: () -> Schema
        paths = self._options.schema
        if not paths:
            return standard_schema()
        schema = Schema()
        for path in paths:
            try:
                schema.load(read_small_text(path, MAX_SCHEMA_BYTES))
            except LDAPError as exc:
                raise UsageError(u'%s: %s' % (path, exc))
        return schema

    def _records(self):
        # type: () -> List[Tuple[str, Any]]
        """(path, AddRequest) of each entry in the files."""
        found = []
        for path in self._options.ldif:
            try:
                with open(path, 'rb') as source:
                    for record in read_ldif(source):
                        if not isinstance(record.request, AddRequest):
                            raise UsageError(u'%s: line %d: a change, where an entry belongs'
                                             % (path, record.line))
                        found.append((u'%s: line %d' % (path, record.line), record.request))
            except LDIFError as exc:
                raise UsageError(u'%s: %s' % (path, exc))
            except (IOError, OSError) as exc:
                raise UsageError(u'%s cannot be read: %s' % (path, exc.strerror))
        return found

    @coroutine
    def _fill(self, directory, keeper, records):
        # type: (Directory, Any, List[Tuple[str, Any]]) -> Any
        """Reads the store, or fills it with the files; a Future."""
        if keeper is not None:
            count = yield keeper.load(directory)
            if count:
                log.info('the store has %d entries%s', count,
                         '; the files are passed over' if records else '')
                raise Return(None)
        made = []                   # type: List[Any]
        there = set(directory.key_of(request.dn) for _, request in records)
        for dn, key in directory.suffixes:
            if key not in there:
                made += directory.load([(dn, _top(dn))])
        for place, request in records:
            try:
                made += directory.load([(request.dn, request.attributes)])
            except LDAPError as exc:
                raise UsageError(u'%s: %s' % (place, exc))
        if keeper is not None:
            yield keeper.fill(made)
        raise Return(None)

    def _accounts(self):
        # type: () -> Optional[Portal]
        options = self._options
        checkers = ACCOUNTS.checkers(options) + ADMINS.checkers(options)
        if options.password_file is not None:
            checkers.append(PasswordFile(options.password_file))
        return Portal(Realm(), checkers) if checkers else None


def _top(dn):
    # type: (str) -> List[Tuple[str, List[bytes]]]
    """The attributes of an entry at the top that no file has."""
    (name, value), = parse_dn(dn)[0][:1]
    kind = standard_schema().attribute(name)
    classes = None if kind is None else TOPS.get(kind.key)
    if classes is None:
        raise UsageError(u'the top of the directory is named by %s; put its entry into --ldif'
                         % name)
    attributes = [(u'objectClass', classes), (name, [value])]
    if b'organization' in classes and kind is not None and kind.key != u'o':
        attributes.append((u'o', [value]))
    return attributes


def _is_local(endpoint):
    # type: (Any) -> bool
    """True if only this machine can reach the endpoint."""
    return endpoint.kind == 'unix' or is_loopback(endpoint.interface)


class LdapType(ServerType):
    """The type ``ldap``."""

    name = 'ldap'
    summary = 'a directory of people and groups (RFC 4511)'
    version = 1
    options = SCHEMA
    service = LDAPService
    listening = LISTENING


TYPE = LdapType()
