# Copyright the carryall authors.  See LICENSE.
"""Content-Disposition: the name of a file, to save or in a form (RFC 6266, RFC 8187; RFC 7578 for
forms).

Wire:     ``attachment; filename="na_ve.txt"; filename*=UTF-8''na%C3%AFve.txt``.
Rules:    all folders are removed from a peer's name, so it cannot choose where a file is stored.
Tests:    tests/protocols/http/fields/test_disposition.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import LocalProtocolError
from carryall.core.records import namedtuple
from carryall.protocols.http.fields.fieldsyntax import (format_extended, is_token, parse_extended,
                                                        parse_parameters)

__all__ = ['Disposition', 'base_name', 'format_disposition', 'parse_disposition']

# -- limits ------------------------------------------------------------------
MAX_NAME = 255              # characters of a file name that we send or keep; file systems' limit

Disposition = namedtuple('Disposition', 'kind name filename')


def format_disposition(kind, filename=None):
    # type: (bytes, Optional[Text]) -> bytes
    """The field for *kind*, ``inline`` or ``attachment``, and the name to save under (RFC 6266
    section 4).

    The name is sent without folders and controls; if it is not ASCII it is sent twice, for old
    readers and others.

    Raises:   LocalProtocolError: *kind* is not a token.
    """
    if not is_token(kind):
        raise LocalProtocolError('%r cannot be a disposition' % (kind,))
    name = base_name(filename) if filename else u''
    return kind + b'; ' + format_extended(b'filename', name) if name else kind


def parse_disposition(value, charset='utf-8'):
    # type: (bytes, str) -> Optional[Disposition]
    """(kind, name, filename) of the field, kind in lower case, the others text or None.

    ``filename*`` overrides ``filename`` (RFC 6266 section 4.3).  Octets beyond ASCII are read as
    *charset*, as browsers send them in forms (RFC 7578 section 5.1.3), or else as ISO 8859-1.
    ``%22`` is read as a quote, as browsers write it.

    Returns:  None: it is malformed.
    """
    parsed = parse_parameters(_mend(value))
    if parsed is None or not is_token(parsed[0]):
        return None
    found = {}                  # type: Dict[bytes, Any]
    for key, octets in parsed[1]:
        found.setdefault(key, octets)
    name = _text(found.get(b'name'), charset)
    filename = None
    if b'filename*' in found:
        filename = parse_extended(found[b'filename*'])
    if filename is None:
        filename = _text(found.get(b'filename'), charset)
    return Disposition(parsed[0].lower(), name,
                       filename if filename is None else base_name(filename))


def base_name(filename):
    # type: (Text) -> Text
    """*filename* without folders of any system, controls, and more than MAX_NAME characters (RFC
    7578 section 4.2).
    """
    name = filename.replace(u'\\', u'/').rpartition(u'/')[2]
    name = u''.join([character for character in name if character >= u' ' and character != u'\x7f'])
    return u'' if name in (u'.', u'..') else name[-MAX_NAME:]


def _mend(value):
    # type: (bytes) -> bytes
    # peer: old browsers send a backslash in a quoted name unescaped (C:\site\a.txt); the grammar
    # would drop it.
    if b'\\' not in value or b'\\"' in value or b'\\\\' in value:
        return value
    return value.replace(b'\\', b'\\\\')


def _text(octets, charset):
    # type: (Optional[bytes], str) -> Optional[Text]
    if octets is None:
        return None
    # peer: browsers encode these three so, and no others (WHATWG HTML section 4.10.21.8).
    octets = octets.replace(b'%22', b'"').replace(b'%0D', b'\r').replace(b'%0A', b'\n')
    try:
        return octets.decode(charset)
    except (UnicodeError, LookupError):
        return octets.decode('iso-8859-1')


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Text
