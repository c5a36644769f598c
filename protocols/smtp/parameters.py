# Copyright the carryall authors.  See LICENSE.
"""Parameters of MAIL and RCPT (RFC 5321 section 4.1.2), and xtext (RFC 3461 section 4).

    MAIL FROM:<a@b.example> SIZE=5000 BODY=8BITMIME RET=HDRS ENVID=QQ314159
    RCPT TO:<c@d.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;c@d.example

The keywords depend on the extensions that EHLO offered.  One that was not offered is answered 555,
one with an impossible value 501.

Tests:    tests/protocols/smtp/test_parameters.py
"""
from __future__ import absolute_import, division, print_function

import re

from carryall.core.errors import RemoteProtocolError
from carryall.core.codec.numbers import decimal, hexadecimal
from carryall.core.compat import int2byte

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Container, List, Optional, Tuple

__all__ = ['BODIES', 'MailParameters', 'NOTIFY', 'RcptParameters', 'mail_parameters',
           'rcpt_parameters', 'xtext', 'xtext_decoded']

# -- limits ------------------------------------------------------------------
MAX_SIZE_VALUE = 10 ** 20 - 1   # SIZE= has up to 20 digits; RFC 1870 section 4
MAX_ENVID = 100             # octets of xtext; RFC 3461 section 4.4
MAX_ORCPT = 500             # octets of xtext; RFC 3461 section 4.2
MAX_AUTH = 500              # octets; RFC 4954 section 5

BODIES = (b'7BIT', b'8BITMIME', b'BINARYMIME')
NOTIFY = (b'NEVER', b'SUCCESS', b'FAILURE', b'DELAY')

UNKNOWN = b'555 5.5.4 MAIL FROM/RCPT TO parameters not recognized or not implemented'
BAD_SYNTAX = b'501 5.5.4 Syntax error in parameters or arguments'

# esmtp-keyword and esmtp-value; octets beyond ASCII are UTF-8 by RFC 6531.
_PARAMETER = re.compile(br'([A-Za-z0-9][A-Za-z0-9-]*)(?:=([\x21-\x3c\x3e-\x7e\x80-\xff]+))?\Z')
_XTEXT = re.compile(br'[\x21-\x3c\x3e-\x7e]+\Z')      # the escapes are checked one by one
_HEX = b'0123456789ABCDEF'
_NOT_XCHAR = re.compile(br'[^\x21-\x2a\x2c-\x3c\x3e-\x7e]')
_ADDRESS_TYPE = re.compile(br'[A-Za-z0-9-]+\Z')


class MailParameters(object):
    """The parameters of MAIL.

    Attributes:
        size: octets that the client declares, or None.
        body: one of BODIES.
        smtputf8: true if addresses and headers may be UTF-8.
        ret: b'FULL', b'HDRS' or None; the part of the message that a failure report should return.
        envid: the client's name for the envelope, xtext as sent, or None.
        auth: the submitter (decoded; b'' for ``<>``), or None.
    """

    __slots__ = ('size', 'body', 'smtputf8', 'ret', 'envid', 'auth')

    def __init__(self, size=None, body=b'7BIT', smtputf8=False, ret=None, envid=None, auth=None):
        # type: (Optional[int], bytes, bool, Optional[bytes], Optional[bytes], Any) -> None
        self.size = size
        self.body = body
        self.smtputf8 = smtputf8
        self.ret = ret
        self.envid = envid
        self.auth = auth


class RcptParameters(object):
    """The parameters of RCPT.

    Attributes:
        notify: a tuple of words of NOTIFY; () if it was left out.
        orcpt: the original recipient, ``type;xtext`` as sent, or None.
    """

    __slots__ = ('notify', 'orcpt')

    def __init__(self, notify=(), orcpt=None):
        # type: (Tuple[bytes, ...], Optional[bytes]) -> None
        self.notify = notify
        self.orcpt = orcpt


def _pairs(rest):
    # type: (bytes) -> List[Tuple[bytes, Optional[bytes]]]
    """(keyword in upper case, value or None) of each parameter; trailing blanks are accepted (RFC
    5321 section 4.1.1)."""
    if rest and rest[:1] != b' ':
        raise RemoteProtocolError(u'no blank before the parameters', reply=BAD_SYNTAX)
    pairs = []      # type: List[Tuple[bytes, Optional[bytes]]]
    seen = set()
    for word in rest.split(b' '):
        if not word:
            continue
        match = _PARAMETER.match(word)
        if not match:
            raise RemoteProtocolError(u'no parameter', reply=BAD_SYNTAX)
        name = match.group(1).upper()
        if name in seen:
            raise RemoteProtocolError(u'a duplicate parameter', reply=BAD_SYNTAX)
        seen.add(name)
        pairs.append((name, match.group(2)))
    return pairs


def mail_parameters(rest, offered):
    # type: (bytes, Container[bytes]) -> MailParameters
    """Reads the parameters behind the path of MAIL.

    Args:     offered: the keywords that EHLO named.
    Raises:   RemoteProtocolError: with the reply 501 or 555.
    """
    found = MailParameters()
    for name, value in _pairs(rest):
        reader = _MAIL.get(name)
        if reader is None or not any(keyword in offered for keyword in _NEEDS[name]):
            raise RemoteProtocolError(u'a parameter that was not offered', reply=UNKNOWN)
        reader(found, value, offered)
    return found


def rcpt_parameters(rest, offered):
    # type: (bytes, Container[bytes]) -> RcptParameters
    """Reads the parameters behind the path of RCPT; as ``mail_parameters``."""
    found = RcptParameters()
    for name, value in _pairs(rest):
        reader = _RCPT.get(name)
        if reader is None or not any(keyword in offered for keyword in _NEEDS[name]):
            raise RemoteProtocolError(u'a parameter that was not offered', reply=UNKNOWN)
        reader(found, value)
    return found


def xtext(data):
    # type: (bytes) -> bytes
    """*data* as xtext (RFC 3461 section 4)."""
    return _NOT_XCHAR.sub(lambda match: ('+%02X' % ord(match.group())).encode('ascii'), data)


def xtext_decoded(data):
    # type: (bytes) -> Optional[bytes]
    """The decoded xtext *data*; None if it is malformed."""
    if not _XTEXT.match(data):
        return None
    parts = data.split(b'+')
    found = parts[:1]
    for part in parts[1:]:
        octet = hexadecimal(part[:2], 255)
        if octet is None or len(part) < 2 or part[:2].strip(_HEX):
            return None
        found.append(int2byte(octet) + part[2:])
    return b''.join(found)


# -- one by one ----------------------------------------------------------------

def _wrong(message):
    # type: (str) -> RemoteProtocolError
    return RemoteProtocolError(message, reply=BAD_SYNTAX)


def _size(found, value, offered):
    # type: (MailParameters, Optional[bytes], Any) -> None
    found.size = decimal(value or b'', MAX_SIZE_VALUE)
    if found.size is None:
        raise _wrong(u'SIZE is not a number')


def _body(found, value, offered):
    # type: (MailParameters, Optional[bytes], Any) -> None
    found.body = (value or b'').upper()
    if found.body not in BODIES or found.body == b'BINARYMIME' and b'BINARYMIME' not in offered:
        raise _wrong(u'unknown BODY')


def _smtputf8(found, value, offered):
    # type: (MailParameters, Optional[bytes], Any) -> None
    if value is not None:
        raise _wrong(u'SMTPUTF8 has no value')
    found.smtputf8 = True


def _ret(found, value, offered):
    # type: (MailParameters, Optional[bytes], Any) -> None
    found.ret = (value or b'').upper()
    if found.ret not in (b'FULL', b'HDRS'):
        raise _wrong(u'unknown RET')


def _envid(found, value, offered):
    # type: (MailParameters, Optional[bytes], Any) -> None
    if value is None or len(value) > MAX_ENVID or xtext_decoded(value) is None:
        raise _wrong(u'ENVID is not xtext')
    found.envid = value


def _auth(found, value, offered):
    # type: (MailParameters, Optional[bytes], Any) -> None
    if value is None or len(value) > MAX_AUTH:
        raise _wrong(u'AUTH has no value')
    found.auth = b'' if value == b'<>' else xtext_decoded(value)
    if found.auth is None:
        raise _wrong(u'AUTH is not xtext')


def _notify(found, value):
    # type: (RcptParameters, Optional[bytes]) -> None
    words = tuple((value or b'').upper().split(b','))
    if len(set(words)) != len(words) or not all(word in NOTIFY
                                                for word in words) or b'NEVER' in words and len(
                                                    words) > 1:
        raise _wrong(u'unknown NOTIFY')
    found.notify = words


def _orcpt(found, value):
    # type: (RcptParameters, Optional[bytes]) -> None
    kind, semicolon, address = (value or b'').partition(b';')
    if not semicolon or not _ADDRESS_TYPE.match(kind) or len(value or b'') > MAX_ORCPT:
        raise _wrong(u'ORCPT has no address type')
    # rfc: for the type utf-8 the address is not xtext (RFC 6533 section 3); it is passed on as it
    # is.
    if not address or kind.lower() != b'utf-8' and xtext_decoded(address) is None:
        raise _wrong(u'ORCPT is not xtext')
    found.orcpt = value


_MAIL = {b'SIZE': _size, b'BODY': _body, b'SMTPUTF8': _smtputf8, b'RET': _ret, b'ENVID': _envid,
         b'AUTH': _auth}
_RCPT = {b'NOTIFY': _notify, b'ORCPT': _orcpt}
# The keyword of EHLO that allows each parameter.
_NEEDS = {b'SIZE': (b'SIZE',), b'BODY': (b'8BITMIME', b'BINARYMIME'), b'SMTPUTF8': (b'SMTPUTF8',),
          b'RET': (b'DSN',),
          b'ENVID': (b'DSN',), b'AUTH': (b'AUTH',), b'NOTIFY': (b'DSN',), b'ORCPT': (b'DSN',)}
