# Copyright the carryall authors.  See LICENSE.
"""The extended operations of the server.

    StartTLS (RFC 4511 section 4.14)        only while nothing else is under way
    Who am I? (RFC 4532)
    Password Modify (RFC 3062)              a password is made up if none is given
    Cancel (RFC 3909)                       as Abandon, with an answer

Tests:    tests/protocols/ldap/test_server.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.logs import get_logger
from carryall.core.net.transport import peer
from carryall.protocols.ldap import ber, wire
from carryall.protocols.ldap.errors import (CANCELED, CANNOT_CANCEL, CONFIDENTIALITY_REQUIRED,
                                            LDAPError, NO_SUCH_OPERATION, OPERATIONS_ERROR,
                                            PROTOCOL_ERROR, STRONGER_AUTH_REQUIRED, SUCCESS)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, Tuple

__all__ = ['encode_password_modify', 'parse_generated_password', 'run_extended']

_USER = 0x80
_OLD = 0x81
_NEW = 0x82
_GENERATED = 0x80

log = get_logger('ldap')


def run_extended(operation, request):
    # type: (Any, wire.ExtendedRequest) -> None
    """Runs an ExtendedRequest."""
    run = _RUN.get(request.oid)
    if run is None:
        raise LDAPError(u'the extended operation %s is not supported' % request.oid,
                        PROTOCOL_ERROR)
    run(operation, request)


# -- StartTLS ----------------------------------------------------------------

def _start_tls(operation, request):
    # type: (Any, wire.ExtendedRequest) -> None
    server = operation.server
    if server.settings.tls is None:
        raise LDAPError(u'TLS is not available', PROTOCOL_ERROR)
    if server.secured or server.is_busy():
        raise LDAPError(u'TLS is there, or an operation is under way', OPERATIONS_ERROR)
    operation.answer(SUCCESS, extra=wire.extended_extra(wire.START_TLS, None))
    server.secure()


# -- Who am I? ---------------------------------------------------------------

def _who_am_i(operation, request):
    # type: (Any, wire.ExtendedRequest) -> None
    if request.value is not None:
        raise LDAPError(u'Who am I? has no value', PROTOCOL_ERROR)
    who = operation.who
    authzid = b''
    if who.dn:
        authzid = b'dn:' + who.dn.encode('utf-8')
    elif who.account:
        authzid = b'u:' + who.account.encode('utf-8')
    operation.answer(SUCCESS, extra=wire.extended_extra(None, authzid))


# -- Password Modify ---------------------------------------------------------

def _password_modify(operation, request):
    # type: (Any, wire.ExtendedRequest) -> None
    server = operation.server
    who = operation.who
    if not who.dn:
        raise LDAPError(u'only users may change passwords', STRONGER_AUTH_REQUIRED)
    if not server.secured and not server.settings.clear_auth:
        raise LDAPError(u'confidentiality required', CONFIDENTIALITY_REQUIRED)
    user, old, new = parse_password_modify(request.value)
    work = server.service.change_password(who, user or who.dn, old, new)

    def done(made):
        # type: (Optional[bytes]) -> None
        value = None            # type: Optional[bytes]
        if made is not None:
            value = ber.tlv(ber.SEQUENCE, ber.tlv(_GENERATED, made))
        operation.answer(SUCCESS, extra=wire.extended_extra(None, value))
    operation.wait(work, done)


def parse_password_modify(value):
    # type: (Optional[bytes]) -> Tuple[Optional[str], Optional[bytes], Optional[bytes]]
    """(user, old password, new password) of a PasswdModifyRequestValue."""
    found = {}
    if value:
        view = bytearray(value)
        start, end = ber.expect(view, 0, len(view), ber.SEQUENCE)
        for tag, at, stop in ber.items(view, start, end):
            found[tag] = value[at:stop]
    user = found.get(_USER)
    name = None                 # type: Optional[str]
    if user is not None:
        try:
            name = user.decode('utf-8')
        except UnicodeError:
            raise LDAPError(u'the user is not UTF-8', PROTOCOL_ERROR)
        if name[:3] == u'dn:':
            name = name[3:]
    return name, found.get(_OLD), found.get(_NEW)


def encode_password_modify(user, old, new):
    # type: (Optional[str], Optional[bytes], Optional[bytes]) -> bytes
    """A PasswdModifyRequestValue; what is None is left out."""
    body = b''
    for tag, part in ((_USER, None if user is None else user.encode('utf-8')), (_OLD, old),
                      (_NEW, new)):
        if part is not None:
            body += ber.tlv(tag, part)
    return ber.tlv(ber.SEQUENCE, body)


def parse_generated_password(value):
    # type: (Optional[bytes]) -> Optional[bytes]
    """The genPasswd of a PasswdModifyResponseValue; None if there is none."""
    if not value:
        return None
    view = bytearray(value)
    start, end = ber.expect(view, 0, len(view), ber.SEQUENCE)
    for tag, at, stop in ber.items(view, start, end):
        if tag == _GENERATED:
            return value[at:stop]
    return None


# -- Cancel ------------------------------------------------------------------

def _cancel(operation, request):
    # type: (Any, wire.ExtendedRequest) -> None
    value = request.value
    if value is None:
        raise LDAPError(u'Cancel has no value', PROTOCOL_ERROR)
    view = bytearray(value)
    start, end = ber.expect(view, 0, len(view), ber.SEQUENCE)
    start, end = ber.expect(view, start, end, ber.INTEGER)
    number = ber.number(view, start, end)
    server = operation.server
    other = server.under_way(number)
    if other is None:
        raise LDAPError(u'there is no such operation', NO_SUCH_OPERATION)
    if not other.can_be_cancelled():
        raise LDAPError(u'the operation cannot be cancelled', CANNOT_CANCEL)
    other.answer(CANCELED, u'canceled')
    log.debug('%s: operation %d was cancelled', peer(server.transport), number)
    operation.answer(SUCCESS)


_RUN = {wire.START_TLS: _start_tls, wire.WHO_AM_I: _who_am_i,
        wire.PASSWORD_MODIFY: _password_modify, wire.CANCEL: _cancel}
