# Copyright the carryall authors.  See LICENSE.
"""The result codes of LDAP, and the error that carries one (RFC 4511 section 4.1.9, appendix A)."""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import RemoteProtocolError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Sequence

__all__ = ['ADMIN_LIMIT_EXCEEDED', 'AFFECTS_MULTIPLE_DSAS', 'ALIAS_PROBLEM',
           'ASSERTION_FAILED', 'AUTHORIZATION_DENIED', 'ATTRIBUTE_OR_VALUE_EXISTS',
           'AUTH_METHOD_NOT_SUPPORTED', 'BUSY', 'CANCELED', 'CANNOT_CANCEL', 'COMPARE_FALSE',
           'COMPARE_TRUE', 'CONFIDENTIALITY_REQUIRED', 'CONSTRAINT_VIOLATION', 'CODE_NAMES',
           'ENTRY_ALREADY_EXISTS', 'INAPPROPRIATE_AUTHENTICATION', 'INAPPROPRIATE_MATCHING',
           'INSUFFICIENT_ACCESS_RIGHTS', 'INVALID_ATTRIBUTE_SYNTAX', 'INVALID_CREDENTIALS',
           'INVALID_DN_SYNTAX', 'LDAPError', 'LOOP_DETECT', 'NAMING_VIOLATION',
           'NOT_ALLOWED_ON_NON_LEAF', 'NOT_ALLOWED_ON_RDN', 'NO_SUCH_ATTRIBUTE', 'NO_SUCH_OBJECT',
           'NO_SUCH_OPERATION', 'OBJECT_CLASS_MODS_PROHIBITED', 'OBJECT_CLASS_VIOLATION',
           'OPERATIONS_ERROR', 'OTHER', 'PROTOCOL_ERROR', 'REFERRAL', 'SASL_BIND_IN_PROGRESS',
           'SIZE_LIMIT_EXCEEDED', 'STRONGER_AUTH_REQUIRED', 'SUCCESS', 'TIME_LIMIT_EXCEEDED',
           'TOO_LATE', 'UNAVAILABLE', 'UNAVAILABLE_CRITICAL_EXTENSION', 'UNDEFINED_ATTRIBUTE_TYPE',
           'UNWILLING_TO_PERFORM']

SUCCESS = 0
OPERATIONS_ERROR = 1
PROTOCOL_ERROR = 2
TIME_LIMIT_EXCEEDED = 3
SIZE_LIMIT_EXCEEDED = 4
COMPARE_FALSE = 5
COMPARE_TRUE = 6
AUTH_METHOD_NOT_SUPPORTED = 7
STRONGER_AUTH_REQUIRED = 8
REFERRAL = 10
ADMIN_LIMIT_EXCEEDED = 11
UNAVAILABLE_CRITICAL_EXTENSION = 12
CONFIDENTIALITY_REQUIRED = 13
SASL_BIND_IN_PROGRESS = 14
NO_SUCH_ATTRIBUTE = 16
UNDEFINED_ATTRIBUTE_TYPE = 17
INAPPROPRIATE_MATCHING = 18
CONSTRAINT_VIOLATION = 19
ATTRIBUTE_OR_VALUE_EXISTS = 20
INVALID_ATTRIBUTE_SYNTAX = 21
NO_SUCH_OBJECT = 32
ALIAS_PROBLEM = 33
INVALID_DN_SYNTAX = 34
INAPPROPRIATE_AUTHENTICATION = 48
INVALID_CREDENTIALS = 49
INSUFFICIENT_ACCESS_RIGHTS = 50
BUSY = 51
UNAVAILABLE = 52
UNWILLING_TO_PERFORM = 53
LOOP_DETECT = 54
NAMING_VIOLATION = 64
OBJECT_CLASS_VIOLATION = 65
NOT_ALLOWED_ON_NON_LEAF = 66
NOT_ALLOWED_ON_RDN = 67
ENTRY_ALREADY_EXISTS = 68
OBJECT_CLASS_MODS_PROHIBITED = 69
AFFECTS_MULTIPLE_DSAS = 71
OTHER = 80
CANCELED = 118                  # RFC 3909 section 3
NO_SUCH_OPERATION = 119
TOO_LATE = 120
CANNOT_CANCEL = 121
ASSERTION_FAILED = 122          # RFC 4528 section 3
AUTHORIZATION_DENIED = 123      # RFC 4370 section 4

CODE_NAMES = {
    0: u'success', 1: u'operationsError', 2: u'protocolError', 3: u'timeLimitExceeded',
    4: u'sizeLimitExceeded', 5: u'compareFalse', 6: u'compareTrue', 7: u'authMethodNotSupported',
    8: u'strongerAuthRequired', 10: u'referral', 11: u'adminLimitExceeded',
    12: u'unavailableCriticalExtension', 13: u'confidentialityRequired',
    14: u'saslBindInProgress', 16: u'noSuchAttribute', 17: u'undefinedAttributeType',
    18: u'inappropriateMatching', 19: u'constraintViolation', 20: u'attributeOrValueExists',
    21: u'invalidAttributeSyntax', 32: u'noSuchObject', 33: u'aliasProblem',
    34: u'invalidDNSyntax', 36: u'aliasDereferencingProblem', 48: u'inappropriateAuthentication',
    49: u'invalidCredentials', 50: u'insufficientAccessRights', 51: u'busy', 52: u'unavailable',
    53: u'unwillingToPerform', 54: u'loopDetect', 64: u'namingViolation',
    65: u'objectClassViolation', 66: u'notAllowedOnNonLeaf', 67: u'notAllowedOnRDN',
    68: u'entryAlreadyExists', 69: u'objectClassModsProhibited', 71: u'affectsMultipleDSAs',
    80: u'other', 118: u'canceled', 119: u'noSuchOperation', 120: u'tooLate',
    121: u'cannotCancel', 122: u'assertionFailed', 123: u'authorizationDenied',
}


class LDAPError(RemoteProtocolError):
    """An operation has failed, or the peer has sent what is not LDAP.

    A service raises it to have its code sent to the client.

    Args:     message: for a person to read; the diagnosticMessage.
              code: the resultCode.
              matched: DN of the last entry that was found on the way (text).
              referrals: URLs (text).

    Attributes:
        code, matched, referrals: as given.
        controls: of the answer, a list of Control; empty if it has none.
    """

    def __init__(self, message, code=PROTOCOL_ERROR, matched=u'', referrals=(), cause=None):
        # type: (str, int, str, Sequence[str], Any) -> None
        RemoteProtocolError.__init__(self, message, None, cause)
        self.code = code
        self.matched = matched
        self.referrals = tuple(referrals)
        self.controls = ()              # type: Sequence[Any]

    @property
    def name(self):
        # type: () -> str
        """The code as RFC 4511 spells it, such as ``noSuchObject``."""
        return CODE_NAMES.get(self.code, u'code %d' % self.code)
