# Copyright the carryall authors.  See LICENSE.
"""The controls of one request, as the server obeys them (RFC 4511 section 4.1.11).

A critical control that is unknown, or has no meaning for the operation, is
unavailableCriticalExtension; one that is not critical is then passed over.
Tests:    tests/protocols/ldap/test_server.py
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.ldap import wire
from carryall.protocols.ldap.directoryentry import Entry
from carryall.protocols.ldap.directorysearch import selected
from carryall.protocols.ldap.errors import (ASSERTION_FAILED, LDAPError, PROTOCOL_ERROR,
                                            UNAVAILABLE_CRITICAL_EXTENSION)
from carryall.protocols.ldap.filtermatch import compile_filter
from carryall.protocols.ldap.ldapcontrols import (ASSERTION, MANAGE_DSA_IT, MATCHED_VALUES,
                                                  PAGED_RESULTS, POST_READ, PRE_READ,
                                                  PROXIED_AUTHORIZATION, SORT_REQUEST, SUBENTRIES,
                                                  TREE_DELETE, parse_assertion,
                                                  parse_attribute_list, parse_paged_results)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence

__all__ = ['OperationControls']

_SEARCH = frozenset((wire.SEARCH_REQUEST,))
_CHANGES = frozenset((wire.ADD_REQUEST, wire.DELETE_REQUEST, wire.MODIFY_REQUEST,
                      wire.MODIFY_DN_REQUEST))
_ALL = _CHANGES | _SEARCH | frozenset((wire.COMPARE_REQUEST,))

# The operations for which each has a meaning
MEANINGS = {
    ASSERTION: _ALL - frozenset((wire.ADD_REQUEST,)),
    MANAGE_DSA_IT: _ALL,
    MATCHED_VALUES: _SEARCH,
    PAGED_RESULTS: _SEARCH,
    POST_READ: frozenset((wire.ADD_REQUEST, wire.MODIFY_REQUEST, wire.MODIFY_DN_REQUEST)),
    PRE_READ: frozenset((wire.DELETE_REQUEST, wire.MODIFY_REQUEST, wire.MODIFY_DN_REQUEST)),
    PROXIED_AUTHORIZATION: _ALL | frozenset((wire.EXTENDED_REQUEST,)),
    SORT_REQUEST: _SEARCH,
    SUBENTRIES: _SEARCH,
    TREE_DELETE: frozenset((wire.DELETE_REQUEST,)),
}


class OperationControls(object):
    """The controls of a request.

    Args:     controls: as they came.
              tag: of the request.

    Attributes:
        passed: those that a Search reads itself.
        page: (size, cookie), or None.
        assertion: a filter that the entry must match, or None.
        authzid: the identity that the client asks to act as, or None.
        whole_tree: a deletion takes all that is below.
    """

    __slots__ = ('passed', 'page', 'assertion', 'authzid', 'whole_tree', '_pre', '_post')

    def __init__(self, controls, tag):
        # type: (Sequence[Any], int) -> None
        self.passed = []            # type: List[Any]
        self.page = None            # type: Any
        self.assertion = None       # type: Any
        self.authzid = None         # type: Optional[bytes]
        self.whole_tree = False
        self._pre = None            # type: Any
        self._post = None           # type: Any
        if not controls:
            return
        seen = set()
        for control in controls:
            if tag not in MEANINGS.get(control.oid, ()):
                if control.critical:
                    raise LDAPError(u'the control %s is not available here' % control.oid,
                                    UNAVAILABLE_CRITICAL_EXTENSION)
                continue
            if control.oid in seen:
                raise LDAPError(u'the control %s comes twice' % control.oid, PROTOCOL_ERROR)
            seen.add(control.oid)
            self._take(control)

    def _take(self, control):
        # type: (Any) -> None
        oid = control.oid
        if oid == PAGED_RESULTS:
            self.page = parse_paged_results(control)
        elif oid == ASSERTION:
            self.assertion = parse_assertion(control)
        elif oid == PROXIED_AUTHORIZATION:
            if not control.critical:        # RFC 4370 section 3
                raise LDAPError(u'proxied authorization must be critical')
            self.authzid = control.value or b''
        elif oid == TREE_DELETE:
            self.whole_tree = True
        elif oid == PRE_READ:
            self._pre = parse_attribute_list(control)
        elif oid == POST_READ:
            self._post = parse_attribute_list(control)
        else:
            self.passed.append(control)

    def check(self, directory, entry):
        # type: (Any, Entry) -> None
        """Raises LDAPError unless the entry matches the assertion (RFC 4528)."""
        if self.assertion is not None:
            matches = compile_filter(self.assertion, directory.schema, directory.tree.keys)
            if not matches(entry):
                raise LDAPError(u'the entry does not match', ASSERTION_FAILED)

    def read(self, directory, who, before, entry):
        # type: (Any, Any, Optional[Dict[str, bytes]], Entry) -> List[Any]
        """The controls of the answer: the entry before and behind the change (RFC 4527)."""
        found = []
        if self._pre is not None and before is not None:
            old = Entry(entry.dn, entry.key, before)
            found.append(self._read_control(directory, who, PRE_READ, self._pre, old))
        if self._post is not None:
            found.append(self._read_control(directory, who, POST_READ, self._post, entry))
        return found

    @staticmethod
    def _read_control(directory, who, oid, names, entry):
        # type: (Any, Any, str, List[str], Entry) -> Any
        attributes = selected(names, False, directory)(entry, directory.access.hidden(who, entry))
        return wire.Control(oid, False, wire.encode_entry(entry.encoded_dn, attributes))
