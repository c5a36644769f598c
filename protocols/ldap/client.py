# Copyright the carryall authors.  See LICENSE.
"""The client of LDAP (RFC 4511).

    client = yield connect(loop, 'ldap.example', starttls=context)
    yield client.bind(u'cn=admin,dc=example', b'secret')
    for entry in (yield client.search(u'dc=example', u'(uid=anna)', [u'mail'])):
        print(entry.dn, entry.text(u'mail'))
    yield client.unbind()

Operations may be begun without waiting for the last; each has its own answer.

Errors:   an answer that is no success is an LDAPError with the code of the server.
Tests:    tests/protocols/ldap/test_client.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.auth import sasl
from carryall.core.compat import FAILURES
from carryall.core.errors import ConnectionLost, LocalProtocolError
from carryall.core.future import Future, Return, as_future, coroutine, failed
from carryall.core.logs import get_logger
from carryall.core.net.protocol import Protocol
from carryall.core.net.transport import tls as tls_of
from carryall.core.tls import open_session
from carryall.protocols.ldap import ldapcontrols, wire
from carryall.protocols.ldap.errors import (CODE_NAMES, COMPARE_FALSE, COMPARE_TRUE,
                                            LDAPError, SASL_BIND_IN_PROGRESS, SUCCESS)
from carryall.protocols.ldap.extendedoperations import (encode_password_modify,
                                                        parse_generated_password)
from carryall.protocols.ldap.ldapfilter import parse_filter
from carryall.protocols.ldap.settings import PORT, ClientSettings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence, Text, Tuple

__all__ = ['LDAPClient', 'LDAPEntry', 'connect']

ENTRY_OCTETS = 256          # of memory that an entry takes beside its values, about

log = get_logger('ldap')


class LDAPEntry(object):
    """One entry of an answer.

    Attributes:
        dn: text.
        attributes: a list of (description, values).
    """

    __slots__ = ('dn', 'attributes')

    def __init__(self, dn, attributes):
        # type: (str, List[Tuple[str, List[bytes]]]) -> None
        self.dn = dn
        self.attributes = attributes

    def values(self, name):
        # type: (str) -> List[bytes]
        """The values of an attribute, in any case of its name; none if it is not there."""
        wanted = name.lower()
        for description, values in self.attributes:
            if description.lower() == wanted:
                return values
        return []

    def text(self, name):
        # type: (str) -> Optional[Text]
        """The first value of an attribute as text, or None."""
        values = self.values(name)
        return values[0].decode('utf-8', 'replace') if values else None

    def __repr__(self):
        return 'LDAPEntry(%r)' % (self.dn,)


class _UnderWay(object):
    """An operation whose answer has not come, or not all of it."""

    __slots__ = ('future', 'sink', 'timer', 'octets', 'references')

    def __init__(self, future, sink):
        # type: (Future, Any) -> None
        self.future = future
        self.sink = sink                # called with each LDAPEntry of a search
        self.timer = None               # type: Any
        self.octets = 0
        self.references = []            # type: List[List[str]]


class LDAPClient(Protocol):
    """A session; ``connect`` makes it.

    Args:     clock: the loop.

    Attributes:
        references: URLs of other servers, of the last search that has ended.
        notice: the LDAPError of a Notice of Disconnection, once one has come.
    """

    def __init__(self, clock, settings=None):
        # type: (Any, Optional[ClientSettings]) -> None
        self.clock = clock
        self.settings = ClientSettings() if settings is None else settings
        self.references = []            # type: List[List[str]]
        self.notice = None              # type: Optional[LDAPError]
        self._framing = wire.Framing(self.settings.max_message)
        self._under_way = {}            # type: Dict[int, _UnderWay]
        self._number = 0
        self._fault = None              # type: Optional[BaseException]

    # -- logins ------------------------------------------------------------------------------------

    def bind(self, dn, password):
        # type: (str, bytes) -> Future
        """Logs in with a DN and its password, shown to the server; a Future of None."""
        if not password:
            # A server might take it for an anonymous login (RFC 4513 section 6.3.1).
            return failed(LocalProtocolError(u'the password is empty'))
        return self.ask(wire.BindRequest(3, dn, None, password)).then(lambda _: None)

    def bind_anonymously(self):
        # type: () -> Future
        """Ends the login; a Future of None."""
        return self.ask(wire.BindRequest(3, u'', None, b'')).then(lambda _: None)

    @coroutine
    def login(self, username, password, mechanism=None, clear=False, authzid=u''):
        # type: (str, bytes, Optional[str], bool, str) -> Any
        """Logs in by SASL; a Future of None.

        Args:     mechanism: its name; the best of both sides if left out.
                  clear: show the password without TLS too.
                  authzid: to act as somebody else.
        Raises:   LDAPError: refused.  sasl.NoMechanism, sasl.SASLError.
        """
        if mechanism is None:
            root = yield self.read(u'', [u'supportedSASLMechanisms'])
            names = root.values(u'supportedSASLMechanisms')
        else:
            names = [mechanism.encode('ascii')]
        exchange = sasl.choose(names, self.clock, allow_plaintext=clear, mechanism=mechanism,
                               username=username, password=password, authzid=authzid,
                               tls=tls_of(self.transport))
        response = yield exchange.step()
        while True:
            asked = wire.BindRequest(3, u'', exchange.name, response)
            result = yield self.result_of(asked)
            if result.code not in (SUCCESS, SASL_BIND_IN_PROGRESS):
                raise _error(result)
            if result.code == SASL_BIND_IN_PROGRESS or result.credentials:
                response = yield exchange.step(result.credentials or b'')
            if result.code == SUCCESS:
                break
        exchange.finish()
        raise Return(None)

    def start_tls(self, context, hostname=None):
        # type: (Any, Optional[str]) -> Future
        """Upgrades to TLS (RFC 4511 section 4.14); a Future of the TLSInfo."""
        asked = self.extended(wire.START_TLS)
        return asked.then(lambda _: self._upgrade(context, hostname))

    def _upgrade(self, context, hostname):
        # type: (Any, Optional[str]) -> Any
        if len(self._framing):
            raise LDAPError(u'the server has sent something between its answer and TLS')
        return self.clock.start_tls(self.transport, context, server_side=False, hostname=hostname)

    def who_am_i(self):
        # type: () -> Future
        """A Future of the authorization identity, such as ``dn:...``; empty without a login (RFC
        4532)."""
        asked = self.extended(wire.WHO_AM_I)
        return asked.then(lambda result: (result.value or b'').decode('utf-8', 'replace'))

    def change_password(self, user=None, old=None, new=None):
        # type: (Optional[str], Optional[bytes], Optional[bytes]) -> Future
        """Changes a password (RFC 3062); a Future of the one that the server made up, or None.

        Args:     user: a DN; the own one if left out.
                  new: the server makes one up if left out.
        """
        asked = self.extended(wire.PASSWORD_MODIFY, encode_password_modify(user, old, new))
        return asked.then(lambda result: parse_generated_password(result.value))

    # -- searches ----------------------------------------------------------------------------------

    def search(self, base, filter=u'(objectClass=*)', attributes=(), scope=wire.SUBTREE,
               controls=(), size_limit=0, time_limit=0, types_only=False, deref=0, sink=None):
        # type: (str, Any, Sequence[str], int, Any, int, int, bool, int, Any) -> Future
        """Searches; a Future of a list of LDAPEntry.

        Args:     filter: a text, or a Filter.
                  attributes: names; all user attributes if there are none.
                  sink: called with each LDAPEntry as it comes; the list is then empty.
                  size_limit, time_limit: entries and seconds, 0 for what the server permits.
        """
        tree = filter if isinstance(filter, tuple) else parse_filter(filter)
        asked = wire.SearchRequest(base, scope, deref, size_limit, time_limit, types_only, tree,
                                   list(attributes))
        return self._search(asked, controls, sink).then(lambda pair: pair[0])

    @coroutine
    def search_pages(self, base, filter=u'(objectClass=*)', attributes=(), scope=wire.SUBTREE,
                     size=500, sink=None):
        # type: (str, Any, Sequence[str], int, int, Any) -> Any
        """As ``search``, in pages (RFC 2696), so that no limit of the server ends it."""
        tree = filter if isinstance(filter, tuple) else parse_filter(filter)
        asked = wire.SearchRequest(base, scope, 0, 0, 0, False, tree, list(attributes))
        found = []                      # type: List[LDAPEntry]
        cookie = b''
        while True:
            control = ldapcontrols.paged_results(size, cookie)
            entries, result = yield self._search(asked, [control], sink)
            found += entries
            cookie = b''
            for each in result.controls:
                if each.oid == ldapcontrols.PAGED_RESULTS:
                    _, cookie = ldapcontrols.parse_paged_results(each)
            if not cookie:
                raise Return(found)

    def _search(self, asked, controls, sink):
        # type: (wire.SearchRequest, Any, Any) -> Future
        """A Future of (entries, the Result)."""
        found = []                      # type: List[LDAPEntry]
        answer = self.result_of(asked, controls, sink or found.append)
        return answer.then(_checked).then(lambda result: (found, result))

    def read(self, dn, attributes=()):
        # type: (str, Sequence[str]) -> Future
        """Reads one entry; a Future of an LDAPEntry."""
        return self.search(dn, attributes=attributes, scope=wire.BASE).then(_only)

    def compare(self, dn, attribute, value):
        # type: (str, str, bytes) -> Future
        """A Future of whether an entry has a value."""
        answer = self.result_of(wire.CompareRequest(dn, attribute, value))
        return answer.then(_compared)

    # -- changes -----------------------------------------------------------------------------------

    def add(self, dn, attributes, controls=()):
        # type: (str, Any, Any) -> Future
        """Adds an entry; a Future of the Result.

        Args:     attributes: a list of (description, values).
        """
        pairs = [(name, list(values)) for name, values in attributes]
        return self.ask(wire.AddRequest(dn, pairs), controls)

    def modify(self, dn, changes, controls=()):
        # type: (str, Any, Any) -> Future
        """Changes an entry; a Future of the Result.

        Args:     changes: a list of (ADD, DELETE, REPLACE or INCREMENT, description, values).
        """
        made = [wire.Change(operation, name, list(values)) for operation, name, values in changes]
        return self.ask(wire.ModifyRequest(dn, made), controls)

    def delete(self, dn, controls=()):
        # type: (str, Any) -> Future
        """Deletes an entry; a Future of the Result."""
        return self.ask(wire.DeleteRequest(dn), controls)

    def rename(self, dn, new_rdn, delete_old=True, new_superior=None, controls=()):
        # type: (str, str, bool, Optional[str], Any) -> Future
        """Renames or moves an entry; a Future of the Result."""
        return self.ask(wire.ModifyDNRequest(dn, new_rdn, delete_old, new_superior), controls)

    def extended(self, oid, value=None, controls=()):
        # type: (str, Optional[bytes], Any) -> Future
        """An extended operation; a Future of the Result."""
        return self.ask(wire.ExtendedRequest(oid, value), controls)

    def unbind(self):
        # type: () -> Future
        """Says goodbye and closes; a Future of None."""
        if self._fault is None:
            self._number += 1
            self.transport.write(wire.message(self._number, wire.encode_request(None)))
        self.close()
        return as_future(None)

    def close(self):
        # type: () -> None
        """Closes without a word."""
        self.transport.close()

    # -- asking ------------------------------------------------------------------------------------

    def ask(self, request, controls=()):
        # type: (Any, Any) -> Future
        """Sends any request of ``wire``; a Future of its Result, or of an LDAPError."""
        return self.result_of(request, controls).then(_checked)

    def result_of(self, request, controls=(), sink=None):
        # type: (Any, Any, Any) -> Future
        """Sends any request of ``wire``; a Future of its Result, whatever the code of that is.

        Args:     sink: called with each LDAPEntry of a search.
        """
        if self._fault is not None:
            return failed(self._fault)
        if self._number >= wire.MAX_ID:
            self._number = 0
        self._number += 1
        number = self._number
        future = Future(lambda _: self._abandon(number))
        under_way = _UnderWay(future, sink)
        self._under_way[number] = under_way
        self._wait(number, under_way)
        self.transport.write(wire.message(number, wire.encode_request(request), controls))
        return future

    def _wait(self, number, under_way):
        # type: (int, _UnderWay) -> None
        """Gives the server the whole time until its next answer."""
        if under_way.timer is not None:
            under_way.timer.cancel()
        under_way.timer = self.clock.call_later(
            self.settings.answer_seconds, lambda: self._timed_out(number))

    def _timed_out(self, number):
        # type: (int) -> None
        found = self._under_way.get(number)
        if found is not None:
            found.timer = None
            self._abandon(number)
            found.future.set_exception(LDAPError(u'the server does not answer', 85))

    def _abandon(self, number):
        # type: (int) -> None
        """Forgets an operation, and tells the server."""
        found = self._under_way.pop(number, None)
        if found is None:
            return
        if found.timer is not None:
            found.timer.cancel()
        if self._fault is None and not self.transport.is_closing():
            self._number += 1
            asked = wire.encode_request(wire.AbandonRequest(number))
            self.transport.write(wire.message(self._number, asked))

    # -- answers -----------------------------------------------------------------------------------

    def data_received(self, data):
        self._framing.append(data)
        try:
            while True:
                message = self._framing.next()
                if message is None:
                    return
                self._take(message)
        except LDAPError as exc:
            self._fail(exc)
            self.transport.abort()

    def _take(self, message):
        # type: (wire.Message) -> None
        tag = message.tag
        if not message.number:
            result = wire.parse_result(message)
            if tag == wire.EXTENDED_RESPONSE and result.oid == wire.NOTICE_OF_DISCONNECTION:
                self.notice = _error(result)
                self._fail(self.notice)
                self.transport.close()
            return
        found = self._under_way.get(message.number)
        if found is None:
            return                      # of an operation that was abandoned
        if tag == wire.SEARCH_ENTRY and found.sink is not None:
            self._take_entry(message, found)
        elif tag == wire.SEARCH_REFERENCE and found.sink is not None:
            if len(found.references) < self.settings.max_entries:
                found.references.append(wire.parse_reference(message))
            self._wait(message.number, found)
        elif tag == wire.INTERMEDIATE_RESPONSE:
            self._wait(message.number, found)
        elif tag in _RESULTS:
            result = wire.parse_result(message)
            del self._under_way[message.number]
            if found.timer is not None:
                found.timer.cancel()
            if found.sink is not None:
                self.references = found.references
            found.future.set_result(result)
        else:
            raise LDAPError(u'the server has sent the tag 0x%02x' % tag)

    def _take_entry(self, message, found):
        # type: (wire.Message, _UnderWay) -> None
        dn, attributes = wire.parse_entry(message)
        found.octets += len(message.data) + ENTRY_OCTETS
        if found.sink.__class__ is _APPEND and found.octets > self.settings.max_octets:
            self._abandon(message.number)
            found.future.set_exception(LDAPError(
                u'the answer has more than %d octets' % self.settings.max_octets))
            return
        self._wait(message.number, found)
        try:
            found.sink(LDAPEntry(dn, attributes))
        except FAILURES as exc:
            self._abandon(message.number)
            found.future.set_exception(exc)

    def connection_lost(self, exc):
        self._fail(exc or ConnectionLost(u'the server closed the connection'))

    def _fail(self, error):
        # type: (BaseException) -> None
        if self._fault is None:
            self._fault = error
        under_way, self._under_way = self._under_way, {}
        for each in under_way.values():
            if each.timer is not None:
                each.timer.cancel()
            if not each.future.done():
                each.future.set_exception(self._fault)


_APPEND = type([].append)       # type: ignore
_RESULTS = frozenset(wire.RESPONSE_OF.values())


def _error(result):
    # type: (wire.Result) -> LDAPError
    text = CODE_NAMES.get(result.code, u'code %d' % result.code)
    if result.text:
        text += u': ' + result.text
    made = LDAPError(text, result.code, result.matched, result.referrals)
    made.controls = result.controls
    return made


def _checked(result):
    # type: (wire.Result) -> wire.Result
    if result.code != SUCCESS:
        raise _error(result)
    return result


def _compared(result):
    # type: (wire.Result) -> bool
    if result.code not in (COMPARE_TRUE, COMPARE_FALSE):
        raise _error(result)
    return result.code == COMPARE_TRUE      # type: ignore


def _only(entries):
    # type: (List[LDAPEntry]) -> LDAPEntry
    if len(entries) != 1:
        raise LDAPError(u'the server gave %d entries for one DN' % len(entries), 32)
    return entries[0]


def connect(loop, host, port=PORT, tls=None, timeout=30.0, settings=None, starttls=None,
            path=None, hostname=None):
    # type: (Any, Any, int, Any, float, Any, Any, Optional[str], Optional[str]) -> Future
    """Connects to a server; a Future of an LDAPClient.

    Args:     tls: a TLSContext, used from the first octet (ldaps); None for clear.
              timeout: seconds for connecting and TLS.
              starttls: a TLSContext to upgrade with; None for no upgrade.
              path: of a Unix socket to connect to instead.
              hostname: the name that the certificate must have; *host* if left out.
    """
    def ready(client):
        # type: (LDAPClient) -> Any
        if starttls is None:
            return client
        return client.start_tls(starttls, hostname or host).then(lambda _: client)

    return open_session(loop, lambda: LDAPClient(loop, settings), host, port, ready, tls, timeout,
                        path, hostname)
