# Copyright the carryall authors.  See LICENSE.
"""The controls of requests and answers: their OIDs, and what stands in their values.

    paged results (RFC 2696)            page size and cookie
    server-side sorting (RFC 2891)      keys: attribute, rule, reversed
    assertion (RFC 4528)                a filter
    pre-read, post-read (RFC 4527)      attributes; an entry in the answer
    proxied authorization (RFC 4370)    an authorization identity
    matched values (RFC 3876)           a list of filters
    manageDsaIT (RFC 3296), subentries (RFC 3672), tree delete

Tests:    tests/protocols/ldap/test_wire.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.records import namedtuple
from carryall.protocols.ldap import ber
from carryall.protocols.ldap.errors import LDAPError
from carryall.protocols.ldap.ldapfilter import decode_filter, encode_filter
from carryall.protocols.ldap.wire import Control

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Sequence, Tuple
    from carryall.protocols.ldap.ldapfilter import Filter

__all__ = ['ASSERTION', 'MANAGE_DSA_IT', 'MATCHED_VALUES', 'PAGED_RESULTS', 'POST_READ', 'PRE_READ',
           'PROXIED_AUTHORIZATION', 'SORT_REQUEST', 'SORT_RESPONSE', 'SUBENTRIES', 'SortKey',
           'TREE_DELETE', 'assertion', 'attribute_list', 'paged_results', 'parse_assertion',
           'parse_attribute_list', 'parse_matched_values', 'parse_paged_results',
           'parse_sort_keys', 'parse_sort_result', 'sort_request', 'sort_result']

PAGED_RESULTS = '1.2.840.113556.1.4.319'
SORT_REQUEST = '1.2.840.113556.1.4.473'
SORT_RESPONSE = '1.2.840.113556.1.4.474'
TREE_DELETE = '1.2.840.113556.1.4.805'
ASSERTION = '1.3.6.1.1.12'
PRE_READ = '1.3.6.1.1.13.1'
POST_READ = '1.3.6.1.1.13.2'
PROXIED_AUTHORIZATION = '2.16.840.1.113730.3.4.18'
MATCHED_VALUES = '1.2.826.0.1.3344810.2.3'
MANAGE_DSA_IT = '2.16.840.1.113730.3.4.2'
SUBENTRIES = '1.3.6.1.4.1.4203.1.10.1'

MAX_SORT_KEYS = 10
MAX_FILTERS = 64            # of one control for matched values
_RULE = 0x80
_REVERSED = 0x81
_ATTRIBUTE_IN_ERROR = 0x80

SortKey = namedtuple('SortKey', 'attribute rule reversed')


def _opened(control, tag=ber.SEQUENCE):
    # type: (Control, int) -> Tuple[bytes, Any, int, int]
    """The value of a control with its outer object opened: octets, view, start, end."""
    value = control.value
    if value is None:
        raise LDAPError(u'the control %s has no value' % control.oid)
    view = bytearray(value)
    start, end = ber.expect(view, 0, len(view), tag)
    if end != len(view):
        raise LDAPError(u'the value of the control %s is too long' % control.oid)
    return value, view, start, end


# -- paged results -----------------------------------------------------------

def paged_results(size, cookie, critical=False):
    # type: (int, bytes, bool) -> Control
    """The control of a request or an answer.

    Args:     size: entries of a page; in an answer what there may be in all, 0: unknown.
    """
    body = ber.integer(size) + ber.tlv(ber.OCTET_STRING, cookie)
    return Control(PAGED_RESULTS, critical, ber.tlv(ber.SEQUENCE, body))


def parse_paged_results(control):
    # type: (Control) -> Tuple[int, bytes]
    """(size, cookie)."""
    data, view, at, stop = _opened(control)
    start, at = ber.expect(view, at, stop, ber.INTEGER)
    size = ber.number(view, start, at)
    cookie, at = ber.octets(data, view, at, stop)
    if at != stop or size < 0:
        raise LDAPError(u'the control for paged results is malformed')
    return size, cookie


# -- sorting -----------------------------------------------------------------

def sort_request(keys, critical=False):
    # type: (Sequence[SortKey], bool) -> Control
    """The control that asks for an order."""
    parts = []
    for key in keys:
        body = ber.tlv(ber.OCTET_STRING, key.attribute.encode('ascii'))
        if key.rule:
            body += ber.tlv(_RULE, key.rule.encode('ascii'))
        if key.reversed:
            body += ber.tlv(_REVERSED, b'\xff')
        parts.append(ber.tlv(ber.SEQUENCE, body))
    return Control(SORT_REQUEST, critical, ber.tlv(ber.SEQUENCE, b''.join(parts)))


def parse_sort_keys(control):
    # type: (Control) -> List[SortKey]
    """The keys of a request, at least one."""
    data, view, at, stop = _opened(control)
    keys = []                   # type: List[SortKey]
    for tag, start, end in ber.items(view, at, stop):
        if tag != ber.SEQUENCE or len(keys) >= MAX_SORT_KEYS:
            raise LDAPError(u'the keys of a sort are malformed, or more than %d' % MAX_SORT_KEYS)
        name, start = ber.octets(data, view, start, end)
        rule = None                 # type: Optional[str]
        backwards = False
        for inner, begin, behind in ber.items(view, start, end):
            if inner == _RULE:
                rule = data[begin:behind].decode('ascii', 'replace')
            elif inner == _REVERSED:
                backwards = ber.truth_of(view, begin, behind)
            else:
                raise LDAPError(u'a key of a sort has a part that it has no place for')
        keys.append(SortKey(name.decode('ascii', 'replace'), rule, backwards))
    if not keys:
        raise LDAPError(u'a sort has no keys')
    return keys


def sort_result(code, attribute=None):
    # type: (int, Optional[str]) -> Control
    """The control of an answer."""
    body = ber.enumerated(code)
    if attribute is not None:
        body += ber.tlv(_ATTRIBUTE_IN_ERROR, attribute.encode('ascii', 'replace'))
    return Control(SORT_RESPONSE, False, ber.tlv(ber.SEQUENCE, body))


def parse_sort_result(control):
    # type: (Control) -> int
    """The code of a sort."""
    _, view, at, stop = _opened(control)
    start, end = ber.expect(view, at, stop, ber.ENUMERATED)
    return ber.number(view, start, end)


# -- filters -----------------------------------------------------------------

def assertion(tree):
    # type: (Filter) -> Control
    """The control that has a request fail unless the entry matches a filter."""
    return Control(ASSERTION, True, encode_filter(tree))


def parse_assertion(control):
    # type: (Control) -> Filter
    """The filter of an assertion."""
    data = control.value
    if data is None:
        raise LDAPError(u'an assertion has no filter')
    tree, end = decode_filter(data, bytearray(data), 0, len(data))
    if end != len(data):
        raise LDAPError(u'an assertion has more than one filter')
    return tree


def parse_matched_values(control):
    # type: (Control) -> List[Filter]
    """The filters of which a value that is given must match one."""
    data, view, at, stop = _opened(control)
    found = []
    while at < stop:
        tree, at = decode_filter(data, view, at, stop)
        found.append(tree)
        if len(found) > MAX_FILTERS:
            raise LDAPError(u'there are more than %d filters of values' % MAX_FILTERS)
    return found


# -- lists of attributes -----------------------------------------------------

def attribute_list(oid, names, critical=False):
    # type: (str, Sequence[str], bool) -> Control
    """PRE_READ or POST_READ, for these attributes."""
    body = b''.join([ber.tlv(ber.OCTET_STRING, name.encode('ascii')) for name in names])
    return Control(oid, critical, ber.tlv(ber.SEQUENCE, body))


def parse_attribute_list(control):
    # type: (Control) -> List[str]
    """The attributes that a control names."""
    data, view, at, stop = _opened(control)
    names = []
    while at < stop:
        name, at = ber.octets(data, view, at, stop)
        names.append(name.decode('ascii', 'replace'))
    return names
