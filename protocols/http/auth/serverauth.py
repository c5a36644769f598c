# Copyright the carryall authors.  See LICENSE.
"""Credentials on the server's side: the Authorization field, Basic in full, the parameters of
Digest (RFC 9110 section 11, RFC 7617).

Wire:     ``Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==`` from the client,
          ``WWW-Authenticate: Basic realm="..."`` from the server.
Rules:    strict: a field outside of the grammar counts as missing.  Sizes are checked before
          anything is decoded.  No credential is ever part of an error or of a repr.
Not here: accounts (core/auth), Digest's arithmetic (digestauth.py), the guarded paths
          (services/web/loginguard.py).
Tests:    tests/protocols/http/auth/test_serverauth.py
"""
from __future__ import absolute_import, division, print_function

import base64
import binascii

from carryall.protocols.http.fields.fieldsyntax import (ALPHANUMERIC, CONTROLS, is_token, quote,
                                                        split_list, unquote)

__all__ = ['Authorization', 'basic_challenge', 'parse_authorization', 'parse_basic']

# -- limits ------------------------------------------------------------------
MAX_FIELD = 8192            # octets of an Authorization field that is parsed; the RFC is silent
MAX_PARAMETERS = 24         # of one; Digest has twelve (RFC 7616 section 3.4)
# Octets; the RFC is silent: a name of 255 characters and a password of 1,024 octets fit twice
MAX_TOKEN68 = 4096

# token68 = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="      (RFC 9110 section
# 11.2)
TOKEN68 = ALPHANUMERIC + b'-._~+/'


class Authorization(object):
    """The credentials of one request.

    Attributes:
        scheme: in lower case.
        token: the token68; b'' if there are parameters, or nothing.
        parameters: names in lower case to their values without quotes.
    """

    __slots__ = ('scheme', 'token', 'parameters')

    def __init__(self, scheme, token=b'', parameters=None):
        # type: (bytes, bytes, Optional[Dict[bytes, bytes]]) -> None
        self.scheme = scheme
        self.token = token
        self.parameters = parameters or {}

    def __repr__(self):
        return '<Authorization %r>' % (self.scheme,)


def parse_authorization(value):
    # type: (bytes) -> Optional[Authorization]
    """The credentials in the value of an Authorization field; None if it is malformed or too long.

    credentials = auth-scheme [ 1*SP ( token68 / #auth-param ) ]      (RFC 9110 section 11.4)

    A duplicate parameter makes it None: two readers could choose different ones (RFC 7616 section
    3.4).
    """
    if len(value) > MAX_FIELD:
        return None
    scheme, _, rest = value.partition(b' ')
    rest = rest.strip(b' ')
    if not is_token(scheme):
        return None
    scheme = scheme.lower()
    bare = rest.rstrip(b'=')
    if not bare.translate(None, TOKEN68):
        return Authorization(scheme, rest) if bare or not rest else None
    members = split_list(rest, maximum=MAX_PARAMETERS)
    if members is None:
        return None
    parameters = {}                 # type: Dict[bytes, bytes]
    for member in members:
        name, equals, text = member.partition(b'=')
        name = name.rstrip(b' \t').lower()
        text = text.lstrip(b' \t')
        plain = unquote(text)
        if not equals or not is_token(name) or name in parameters or plain is None:
            return None
        if text[:1] != b'"' and not is_token(plain):
            return None
        parameters[name] = plain
    return Authorization(scheme, b'', parameters)


# -- Basic -------------------------------------------------------------------

def basic_challenge(realm):
    # type: (bytes) -> bytes
    """The value of WWW-Authenticate that asks for a name and a password in UTF-8 (RFC 7617 section
    2.1).

    Raises:   LocalProtocolError: a control character in the realm.
    """
    return b'Basic realm=' + quote(realm) + b', charset="UTF-8"'


def parse_basic(token):
    # type: (bytes) -> Optional[Tuple[bytes, bytes]]
    """(name, password) in the token68 of Basic credentials (RFC 7617 section 2); None if it is
    malformed.

    The name ends at the first colon.  Neither has a control character (section 2).  The base64 must
    be canonical: a proxy on the way might have understood another spelling differently.
    """
    if not token or len(token) > MAX_TOKEN68 or len(token) % 4:
        return None
    try:
        pair = base64.b64decode(token)
    except (binascii.Error, TypeError):         # py2: TypeError
        return None
    if base64.b64encode(pair) != token or len(pair.translate(None, CONTROLS)) != len(pair):
        return None
    name, colon, password = pair.partition(b':')
    return (name, password) if colon else None


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, Optional, Tuple
