# Copyright the carryall authors.  See LICENSE.
"""The messages of LDAP (RFC 4511 section 4, appendix B).

    for message in Framing(limit).receive_data(data):
        request = parse_request(message)
    transport.write(result(message.number, SEARCH_DONE, SUCCESS))

Wire:     LDAPMessage ::= SEQUENCE { messageID, protocolOp, [0] controls }.  What is asked is a
          named tuple with the fields of the RFC.  DNs and names are text; values are octets.
Not here: what stands in the values of controls (ldapcontrols.py), filters (ldapfilter.py).
Tests:    tests/protocols/ldap/test_wire.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.buffer import ReceiveBuffer
from carryall.core.records import namedtuple
from carryall.protocols.ldap import ber
from carryall.protocols.ldap.errors import INVALID_DN_SYNTAX, LDAPError
from carryall.protocols.ldap.ldapfilter import decode_filter, encode_filter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

__all__ = ['ABANDON_REQUEST', 'ADD', 'ADD_REQUEST', 'ADD_RESPONSE', 'AbandonRequest',
           'AddRequest', 'BASE', 'BIND_REQUEST', 'BIND_RESPONSE', 'BindRequest', 'CANCEL',
           'COMPARE_REQUEST', 'COMPARE_RESPONSE', 'Change', 'CompareRequest', 'Control', 'DELETE',
           'DELETE_REQUEST', 'DELETE_RESPONSE', 'DeleteRequest', 'EXTENDED_REQUEST',
           'EXTENDED_RESPONSE', 'ExtendedRequest', 'Framing', 'INCREMENT',
           'INTERMEDIATE_RESPONSE', 'MAX_ID', 'MODIFY_DN_REQUEST', 'MODIFY_DN_RESPONSE',
           'MODIFY_REQUEST', 'MODIFY_RESPONSE', 'Message', 'ModifyDNRequest', 'ModifyRequest',
           'NOTICE_OF_DISCONNECTION', 'ONE', 'PASSWORD_MODIFY', 'REPLACE', 'RESPONSE_OF',
           'Result', 'SEARCH_DONE', 'SEARCH_ENTRY', 'SEARCH_REFERENCE', 'SEARCH_REQUEST',
           'START_TLS', 'SUBTREE', 'SearchRequest', 'UNBIND_REQUEST', 'WHO_AM_I', 'bind_extra',
           'encode_attribute', 'encode_entry', 'encode_request', 'entry_message',
           'extended_extra', 'format_notice', 'message', 'parse_entry', 'parse_reference',
           'parse_request', 'parse_result', 'reference_message', 'result', 'split_attributes']

# -- limits ------------------------------------------------------------------
MAX_ID = 2147483647         # maxInt (RFC 4511 section 4.1.1)
MAX_CONTROLS = 32           # of one message
MAX_ATTRIBUTES = 4096       # that one request names
MAX_VALUES = 100000         # of one request, in all

# -- the tags of the operations ----------------------------------------------
BIND_REQUEST = 0x60
BIND_RESPONSE = 0x61
UNBIND_REQUEST = 0x42
SEARCH_REQUEST = 0x63
SEARCH_ENTRY = 0x64
SEARCH_DONE = 0x65
MODIFY_REQUEST = 0x66
MODIFY_RESPONSE = 0x67
ADD_REQUEST = 0x68
ADD_RESPONSE = 0x69
DELETE_REQUEST = 0x4A
DELETE_RESPONSE = 0x6B
MODIFY_DN_REQUEST = 0x6C
MODIFY_DN_RESPONSE = 0x6D
COMPARE_REQUEST = 0x6E
COMPARE_RESPONSE = 0x6F
ABANDON_REQUEST = 0x50
SEARCH_REFERENCE = 0x73
EXTENDED_REQUEST = 0x77
EXTENDED_RESPONSE = 0x78
INTERMEDIATE_RESPONSE = 0x79

RESPONSE_OF = {BIND_REQUEST: BIND_RESPONSE, SEARCH_REQUEST: SEARCH_DONE,
               MODIFY_REQUEST: MODIFY_RESPONSE, ADD_REQUEST: ADD_RESPONSE,
               DELETE_REQUEST: DELETE_RESPONSE, MODIFY_DN_REQUEST: MODIFY_DN_RESPONSE,
               COMPARE_REQUEST: COMPARE_RESPONSE, EXTENDED_REQUEST: EXTENDED_RESPONSE}

_CONTROLS = 0xA0
_REFERRAL = 0xA3
_SIMPLE = 0x80
_SASL = 0xA3
_SERVER_CREDENTIALS = 0x87
_NEW_SUPERIOR = 0x80
_NAME = 0x80                            # of an ExtendedRequest
_VALUE = 0x81
_RESPONSE_NAME = 0x8A
_RESPONSE_VALUE = 0x8B

# -- values of fields --------------------------------------------------------
BASE, ONE, SUBTREE = range(3)           # scopes (section 4.5.1.2)
ADD, DELETE, REPLACE, INCREMENT = range(4)      # of a change (section 4.6, RFC 4525)

# -- extended operations -----------------------------------------------------
NOTICE_OF_DISCONNECTION = '1.3.6.1.4.1.1466.20036'      # RFC 4511 section 4.4.1
START_TLS = '1.3.6.1.4.1.1466.20037'                    # section 4.14
PASSWORD_MODIFY = '1.3.6.1.4.1.4203.1.11.1'             # RFC 3062
WHO_AM_I = '1.3.6.1.4.1.4203.1.11.3'                    # RFC 4532
CANCEL = '1.3.6.1.1.8'                                  # RFC 3909

# number, tag of the operation, where its contents start and end, controls; octets and their view
Message = namedtuple('Message', 'number tag start end controls data view')
Control = namedtuple('Control', 'oid critical value')

BindRequest = namedtuple('BindRequest', 'version name mechanism credentials')
SearchRequest = namedtuple(
    'SearchRequest', 'base scope deref size_limit time_limit types_only filter attributes')
Change = namedtuple('Change', 'operation attribute values')
ModifyRequest = namedtuple('ModifyRequest', 'dn changes')
AddRequest = namedtuple('AddRequest', 'dn attributes')      # a list of (description, values)
DeleteRequest = namedtuple('DeleteRequest', 'dn')
ModifyDNRequest = namedtuple('ModifyDNRequest', 'dn new_rdn delete_old new_superior')
CompareRequest = namedtuple('CompareRequest', 'dn attribute value')
AbandonRequest = namedtuple('AbandonRequest', 'number')
ExtendedRequest = namedtuple('ExtendedRequest', 'oid value')
Result = namedtuple('Result', 'code matched text referrals oid value credentials controls')


# -- framing -----------------------------------------------------------------

class Framing(object):
    """Splits what comes into messages.

    Args:     limit: octets of one message; it may be changed.
    """

    __slots__ = ('limit', '_buffer')

    def __init__(self, limit):
        # type: (int) -> None
        self.limit = limit
        self._buffer = ReceiveBuffer()

    def __len__(self):
        return len(self._buffer)

    def clear(self):
        # type: () -> None
        """Drops what is there: it came before TLS."""
        self._buffer.clear()

    def append(self, data):
        # type: (bytes) -> None
        """Adds what has come."""
        self._buffer.append(data)

    def next(self):
        # type: () -> Optional[Message]
        """The next message; None while it is not complete.

        Raises:   LDAPError: it is malformed or too long; nothing behind it can be read.
        """
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        head = bytearray(buffer.peek(6))
        if head[0] != ber.SEQUENCE:
            raise LDAPError(u'what has come is not a message of LDAP')
        size = 2
        length = head[1]
        if length & 0x80:
            size += length & 0x7F
            if size == 2 or size > 6:
                raise LDAPError(u'the length of a message is indefinite, or has %d octets'
                                % (size - 2))
            if len(head) < size:
                return None
            length = 0
            for octet in head[2:size]:
                length = length << 8 | octet
        if size + length > self.limit:
            raise LDAPError(u'a message has %d octets, and %d are permitted'
                            % (size + length, self.limit))
        data = buffer.maybe_take(size + length)
        return None if data is None else _parse_message(data, size)


def _parse_message(data, start):
    # type: (bytes, int) -> Message
    view = bytearray(data)
    stop = len(data)
    at, end = ber.expect(view, start, stop, ber.INTEGER)
    number = ber.number(view, at, end)
    if not 0 <= number <= MAX_ID:
        raise LDAPError(u'the number of a message is %d' % number)
    tag, at, end = ber.header(view, end, stop)
    controls = ()               # type: Any
    if end < stop:
        begin, behind = ber.expect(view, end, stop, _CONTROLS)
        if behind != stop:
            raise LDAPError(u'something follows the controls of a message')
        controls = _parse_controls(data, view, begin, behind)
    return Message(number, tag, at, end, controls, data, view)


def _parse_controls(data, view, at, stop):
    # type: (bytes, Any, int, int) -> List[Control]
    found = []                  # type: List[Control]
    for tag, start, end in ber.items(view, at, stop):
        if tag != ber.SEQUENCE or len(found) >= MAX_CONTROLS:
            raise LDAPError(u'a control is malformed, or there are more than %d' % MAX_CONTROLS)
        oid, start = ber.octets(data, view, start, end)
        critical = False
        value = None            # type: Optional[bytes]
        if start < end and view[start] == ber.BOOLEAN:
            _, begin, start = ber.header(view, start, end)
            critical = ber.truth_of(view, begin, start)
        if start < end:
            value, start = ber.octets(data, view, start, end)
        if start != end:
            raise LDAPError(u'a control has too many parts')
        found.append(Control(_ascii(oid), critical, value))
    return found


def message(number, operation, controls=()):
    # type: (int, bytes, Sequence[Control]) -> bytes
    """A message of an encoded operation."""
    body = ber.integer(number) + operation
    if controls:
        body += ber.tlv(_CONTROLS, b''.join([_control(each) for each in controls]))
    return ber.tlv(ber.SEQUENCE, body)


def _control(control):
    # type: (Control) -> bytes
    body = _text(control.oid)
    if control.critical:
        body += ber.TRUE
    if control.value is not None:
        body += ber.tlv(ber.OCTET_STRING, control.value)
    return ber.tlv(ber.SEQUENCE, body)


# -- texts -------------------------------------------------------------------

def _text(text):
    # type: (str) -> bytes
    return ber.tlv(ber.OCTET_STRING, text.encode('utf-8'))


def _ascii(octets):
    # type: (bytes) -> str
    try:
        return octets.decode('ascii')
    except UnicodeError:
        raise LDAPError(u'a name of LDAP is not ASCII')


def _dn(octets):
    # type: (bytes) -> str
    try:
        return octets.decode('utf-8')
    except UnicodeError:
        raise LDAPError(u'a DN is not UTF-8', INVALID_DN_SYNTAX)


# -- requests as the server reads them ---------------------------------------

def parse_request(asked):
    # type: (Message) -> Any
    """The request of a message; None for UnbindRequest.

    Raises:   LDAPError: it is malformed, or no request.
    """
    parse = _PARSERS.get(asked.tag)
    if parse is None:
        raise LDAPError(u'the operation has the tag 0x%02x' % asked.tag)
    return parse(asked.data, asked.view, asked.start, asked.end)


def _parse_bind(data, view, at, stop):
    # type: (bytes, Any, int, int) -> BindRequest
    start, end = ber.expect(view, at, stop, ber.INTEGER)
    version = ber.number(view, start, end)
    name, at = ber.octets(data, view, end, stop)
    tag, start, end = ber.header(view, at, stop)
    if end != stop:
        raise LDAPError(u'a BindRequest has too many parts')
    if tag == _SIMPLE:
        return BindRequest(version, _dn(name), None, data[start:end])
    if tag != _SASL:
        return BindRequest(version, _dn(name), '', None)
    mechanism, start = ber.octets(data, view, start, end)
    credentials = None          # type: Optional[bytes]
    if start < end:
        credentials, start = ber.octets(data, view, start, end)
    if start != end:
        raise LDAPError(u'SaslCredentials have too many parts')
    return BindRequest(version, _dn(name), _ascii(mechanism), credentials)


def _parse_unbind(data, view, at, stop):
    # type: (bytes, Any, int, int) -> None
    return None


def _parse_search(data, view, at, stop):
    # type: (bytes, Any, int, int) -> SearchRequest
    base, at = ber.octets(data, view, at, stop)
    numbers = []
    for tag in (ber.ENUMERATED, ber.ENUMERATED, ber.INTEGER, ber.INTEGER):
        start, at = ber.expect(view, at, stop, tag)
        numbers.append(ber.number(view, start, at))
    scope, deref, size_limit, time_limit = numbers
    if scope not in (BASE, ONE, SUBTREE) or not 0 <= deref <= 3 or size_limit < 0 or time_limit < 0:
        raise LDAPError(u'a SearchRequest has a scope, deref or limit that does not exist')
    start, at = ber.expect(view, at, stop, ber.BOOLEAN)
    types_only = ber.truth_of(view, start, at)
    tree, at = decode_filter(data, view, at, stop)
    start, end = ber.expect(view, at, stop, ber.SEQUENCE)
    if end != stop:
        raise LDAPError(u'a SearchRequest has too many parts')
    attributes = []
    while start < end:
        name, start = ber.octets(data, view, start, end)
        attributes.append(_ascii(name))
        if len(attributes) > MAX_ATTRIBUTES:
            raise LDAPError(u'a SearchRequest names more than %d attributes' % MAX_ATTRIBUTES)
    return SearchRequest(_dn(base), scope, deref, size_limit, time_limit, types_only, tree,
                         attributes)


def _parse_modify(data, view, at, stop):
    # type: (bytes, Any, int, int) -> ModifyRequest
    dn, at = ber.octets(data, view, at, stop)
    start, end = ber.expect(view, at, stop, ber.SEQUENCE)
    if end != stop:
        raise LDAPError(u'a ModifyRequest has too many parts')
    changes = []
    left = MAX_VALUES
    for tag, begin, behind in ber.items(view, start, end):
        if tag != ber.SEQUENCE:
            raise LDAPError(u'a change is no SEQUENCE')
        first, at = ber.expect(view, begin, behind, ber.ENUMERATED)
        operation = ber.number(view, first, at)
        first, last = ber.expect(view, at, behind, ber.SEQUENCE)
        name, values = _parse_attribute(data, view, first, last)
        left -= 1 + len(values)
        if last != behind or left < 0:
            raise LDAPError(u'a change has too many parts, or a request too many values')
        if operation not in (ADD, DELETE, REPLACE, INCREMENT):
            raise LDAPError(u'there is no change of the kind %d' % operation)
        changes.append(Change(operation, name, values))
    return ModifyRequest(_dn(dn), changes)


def _parse_attribute(data, view, at, stop):
    # type: (bytes, Any, int, int) -> Tuple[str, List[bytes]]
    """The description and the values of a PartialAttribute with these contents."""
    name, at = ber.octets(data, view, at, stop)
    start, end = ber.expect(view, at, stop, ber.SET)
    if end != stop:
        raise LDAPError(u'an attribute has too many parts')
    values = []
    while start < end:
        value, start = ber.octets(data, view, start, end)
        values.append(value)
    return _ascii(name), values


def _parse_attributes(data, view, at, stop):
    # type: (bytes, Any, int, int) -> List[Tuple[str, List[bytes]]]
    found = []
    left = MAX_VALUES
    for tag, start, end in ber.items(view, at, stop):
        if tag != ber.SEQUENCE:
            raise LDAPError(u'an attribute is no SEQUENCE')
        pair = _parse_attribute(data, view, start, end)
        left -= 1 + len(pair[1])
        if left < 0:
            raise LDAPError(u'there are more than %d values' % MAX_VALUES)
        found.append(pair)
    return found


def _parse_add(data, view, at, stop):
    # type: (bytes, Any, int, int) -> AddRequest
    dn, at = ber.octets(data, view, at, stop)
    start, end = ber.expect(view, at, stop, ber.SEQUENCE)
    if end != stop:
        raise LDAPError(u'an AddRequest has too many parts')
    return AddRequest(_dn(dn), _parse_attributes(data, view, start, end))


def _parse_delete(data, view, at, stop):
    # type: (bytes, Any, int, int) -> DeleteRequest
    return DeleteRequest(_dn(data[at:stop]))


def _parse_modify_dn(data, view, at, stop):
    # type: (bytes, Any, int, int) -> ModifyDNRequest
    dn, at = ber.octets(data, view, at, stop)
    rdn, at = ber.octets(data, view, at, stop)
    start, at = ber.expect(view, at, stop, ber.BOOLEAN)
    delete_old = ber.truth_of(view, start, at)
    superior = None             # type: Optional[str]
    if at < stop:
        start, at = ber.expect(view, at, stop, _NEW_SUPERIOR)
        superior = _dn(data[start:at])
    if at != stop:
        raise LDAPError(u'a ModifyDNRequest has too many parts')
    return ModifyDNRequest(_dn(dn), _dn(rdn), delete_old, superior)


def _parse_compare(data, view, at, stop):
    # type: (bytes, Any, int, int) -> CompareRequest
    dn, at = ber.octets(data, view, at, stop)
    start, end = ber.expect(view, at, stop, ber.SEQUENCE)
    attribute, start = ber.octets(data, view, start, end)
    value, start = ber.octets(data, view, start, end)
    if start != end or end != stop:
        raise LDAPError(u'a CompareRequest has too many parts')
    return CompareRequest(_dn(dn), _ascii(attribute), value)


def _parse_abandon(data, view, at, stop):
    # type: (bytes, Any, int, int) -> AbandonRequest
    return AbandonRequest(ber.number(view, at, stop))


def _parse_extended(data, view, at, stop):
    # type: (bytes, Any, int, int) -> ExtendedRequest
    start, at = ber.expect(view, at, stop, _NAME)
    oid = _ascii(data[start:at])
    value = None                # type: Optional[bytes]
    if at < stop:
        start, at = ber.expect(view, at, stop, _VALUE)
        value = data[start:at]
    if at != stop:
        raise LDAPError(u'an ExtendedRequest has too many parts')
    return ExtendedRequest(oid, value)


_PARSERS = {
    BIND_REQUEST: _parse_bind,
    UNBIND_REQUEST: _parse_unbind,
    SEARCH_REQUEST: _parse_search,
    MODIFY_REQUEST: _parse_modify,
    ADD_REQUEST: _parse_add,
    DELETE_REQUEST: _parse_delete,
    MODIFY_DN_REQUEST: _parse_modify_dn,
    COMPARE_REQUEST: _parse_compare,
    ABANDON_REQUEST: _parse_abandon,
    EXTENDED_REQUEST: _parse_extended,
}                               # type: Dict[int, Any]


# -- answers as the server writes them ---------------------------------------

def result(number, tag, code, text=u'', matched=u'', referrals=(), extra=b'', controls=()):
    # type: (int, int, int, str, str, Sequence[str], bytes, Sequence[Control]) -> bytes
    """An answer that ends an operation.

    Args:     tag: of the response.
              extra: encoded fields behind those of LDAPResult.
    """
    body = ber.enumerated(code) + _text(matched) + _text(text)
    if referrals:
        body += ber.tlv(_REFERRAL, b''.join([_text(each) for each in referrals]))
    return message(number, ber.tlv(tag, body + extra), controls)


def bind_extra(credentials):
    # type: (Optional[bytes]) -> bytes
    """The serverSaslCreds of a BindResponse."""
    return b'' if credentials is None else ber.tlv(_SERVER_CREDENTIALS, credentials)


def extended_extra(oid, value):
    # type: (Optional[str], Optional[bytes]) -> bytes
    """The responseName and responseValue of an ExtendedResponse."""
    extra = b''
    if oid is not None:
        extra += ber.tlv(_RESPONSE_NAME, oid.encode('ascii'))
    if value is not None:
        extra += ber.tlv(_RESPONSE_VALUE, value)
    return extra


def format_notice(code, text):
    # type: (int, str) -> bytes
    """A Notice of Disconnection (section 4.4.1)."""
    return result(0, EXTENDED_RESPONSE, code, text,
                  extra=extended_extra(NOTICE_OF_DISCONNECTION, None))


def encode_attribute(name, values):
    # type: (str, Sequence[bytes]) -> bytes
    """A PartialAttribute."""
    encoded = b''.join([ber.tlv(ber.OCTET_STRING, value) for value in values])
    return ber.tlv(ber.SEQUENCE, _text(name) + ber.tlv(ber.SET, encoded))


def split_attributes(octets):
    # type: (bytes) -> List[Tuple[str, List[bytes]]]
    """The descriptions and values of PartialAttributes, one behind the other."""
    return _parse_attributes(octets, bytearray(octets), 0, len(octets))


def encode_entry(dn, attributes):
    # type: (bytes, bytes) -> bytes
    """A SearchResultEntry as a control has it: without its tag (RFC 4527 section 3)."""
    return ber.tlv(ber.SEQUENCE, dn + ber.tlv(ber.SEQUENCE, attributes))


def entry_message(number, dn, attributes, controls=()):
    # type: (int, bytes, bytes, Sequence[Control]) -> bytes
    """A SearchResultEntry of an encoded DN (an OCTET STRING) and encoded PartialAttributes."""
    body = ber.tlv(SEARCH_ENTRY, dn + ber.tlv(ber.SEQUENCE, attributes))
    if controls:
        return message(number, body, controls)
    return ber.tlv(ber.SEQUENCE, ber.integer(number) + body)


def reference_message(number, referrals):
    # type: (int, Sequence[str]) -> bytes
    """A SearchResultReference."""
    return message(number, ber.tlv(SEARCH_REFERENCE, b''.join([_text(each) for each in referrals])))


# -- requests as the client writes them --------------------------------------

def encode_request(request):
    # type: (Any) -> bytes
    """The operation of a request; None is an UnbindRequest."""
    if request is None:
        return ber.tlv(UNBIND_REQUEST, b'')
    encoded = _ENCODERS[type(request)](request)     # type: bytes
    return encoded


def _encode_bind(asked):
    # type: (BindRequest) -> bytes
    body = ber.integer(asked.version) + _text(asked.name)
    if asked.mechanism is None:
        body += ber.tlv(_SIMPLE, asked.credentials)
    else:
        inner = _text(asked.mechanism)
        if asked.credentials is not None:
            inner += ber.tlv(ber.OCTET_STRING, asked.credentials)
        body += ber.tlv(_SASL, inner)
    return ber.tlv(BIND_REQUEST, body)


def _encode_search(asked):
    # type: (SearchRequest) -> bytes
    return ber.tlv(SEARCH_REQUEST, b''.join((
        _text(asked.base), ber.enumerated(asked.scope), ber.enumerated(asked.deref),
        ber.integer(asked.size_limit), ber.integer(asked.time_limit),
        ber.boolean(asked.types_only), encode_filter(asked.filter),
        ber.tlv(ber.SEQUENCE, b''.join([_text(name) for name in asked.attributes])))))


def _encode_modify(asked):
    # type: (ModifyRequest) -> bytes
    changes = [ber.tlv(ber.SEQUENCE, ber.enumerated(operation) + encode_attribute(name, values))
               for operation, name, values in asked.changes]
    return ber.tlv(MODIFY_REQUEST, _text(asked.dn) + ber.tlv(ber.SEQUENCE, b''.join(changes)))


def _encode_add(asked):
    # type: (AddRequest) -> bytes
    attributes = [encode_attribute(name, values) for name, values in asked.attributes]
    return ber.tlv(ADD_REQUEST, _text(asked.dn) + ber.tlv(ber.SEQUENCE, b''.join(attributes)))


def _encode_delete(asked):
    # type: (DeleteRequest) -> bytes
    return ber.tlv(DELETE_REQUEST, asked.dn.encode('utf-8'))


def _encode_modify_dn(asked):
    # type: (ModifyDNRequest) -> bytes
    body = _text(asked.dn) + _text(asked.new_rdn) + ber.boolean(asked.delete_old)
    if asked.new_superior is not None:
        body += ber.tlv(_NEW_SUPERIOR, asked.new_superior.encode('utf-8'))
    return ber.tlv(MODIFY_DN_REQUEST, body)


def _encode_compare(asked):
    # type: (CompareRequest) -> bytes
    assertion = _text(asked.attribute) + ber.tlv(ber.OCTET_STRING, asked.value)
    return ber.tlv(COMPARE_REQUEST, _text(asked.dn) + ber.tlv(ber.SEQUENCE, assertion))


def _encode_abandon(asked):
    # type: (AbandonRequest) -> bytes
    return ber.integer(asked.number, ABANDON_REQUEST)


def _encode_extended(asked):
    # type: (ExtendedRequest) -> bytes
    body = ber.tlv(_NAME, asked.oid.encode('ascii'))
    if asked.value is not None:
        body += ber.tlv(_VALUE, asked.value)
    return ber.tlv(EXTENDED_REQUEST, body)


_ENCODERS = {
    BindRequest: _encode_bind,
    SearchRequest: _encode_search,
    ModifyRequest: _encode_modify,
    AddRequest: _encode_add,
    DeleteRequest: _encode_delete,
    ModifyDNRequest: _encode_modify_dn,
    CompareRequest: _encode_compare,
    AbandonRequest: _encode_abandon,
    ExtendedRequest: _encode_extended,
}                               # type: Dict[Any, Any]


# -- answers as the client reads them ----------------------------------------

def parse_result(answer):
    # type: (Message) -> Result
    """The LDAPResult of an answer, with what stands behind it."""
    data = answer.data
    view = answer.view
    start, at = ber.expect(view, answer.start, answer.end, ber.ENUMERATED)
    code = ber.number(view, start, at)
    matched, at = ber.octets(data, view, at, answer.end)
    text, at = ber.octets(data, view, at, answer.end)
    referrals = []              # type: List[str]
    oid = None                  # type: Any
    value = None                # type: Any
    credentials = None          # type: Any
    for tag, start, end in ber.items(view, at, answer.end):
        if tag == _REFERRAL:
            referrals = _parse_texts(data, view, start, end)
        elif tag == _SERVER_CREDENTIALS:
            credentials = data[start:end]
        elif tag == _RESPONSE_NAME:
            oid = _ascii(data[start:end])
        elif tag == _RESPONSE_VALUE:
            value = data[start:end]
    return Result(code, _dn(matched), text.decode('utf-8', 'replace'), referrals, oid, value,
                  credentials, answer.controls)


def _parse_texts(data, view, at, stop):
    # type: (bytes, Any, int, int) -> List[str]
    found = []
    while at < stop:
        each, at = ber.octets(data, view, at, stop)
        found.append(each.decode('utf-8', 'replace'))
    return found


def parse_entry(answer):
    # type: (Message) -> Tuple[str, List[Tuple[str, List[bytes]]]]
    """The DN and the attributes of a SearchResultEntry."""
    data = answer.data
    view = answer.view
    dn, at = ber.octets(data, view, answer.start, answer.end)
    start, end = ber.expect(view, at, answer.end, ber.SEQUENCE)
    if end != answer.end:
        raise LDAPError(u'a SearchResultEntry has too many parts')
    return _dn(dn), _parse_attributes(data, view, start, end)


def parse_reference(answer):
    # type: (Message) -> List[str]
    """The URLs of a SearchResultReference."""
    return _parse_texts(answer.data, answer.view, answer.start, answer.end)
