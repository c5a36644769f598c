# Copyright the carryall authors.  See LICENSE.
"""LDIF: entries and changes as text (RFC 2849).

    for record in read_ldif(open(path, 'rb')): ...
    format_record(dn, attributes)

A record is the request that it stands for: an AddRequest for an entry, and for ``changetype`` an
AddRequest, DeleteRequest, ModifyRequest or ModifyDNRequest.

Limits:   MAX_LINE and MAX_RECORD octets.  A value that is the URL of a file is an error: the
          author of a text could otherwise read every file of ours.
Tests:    tests/protocols/ldap/test_ldif.py
"""
from __future__ import absolute_import, division, print_function

import base64

from carryall.core.errors import CarryallError
from carryall.core.patterns import Pattern
from carryall.core.records import namedtuple
from carryall.protocols.ldap.wire import (ADD, DELETE, INCREMENT, REPLACE, AddRequest, Change,
                                          DeleteRequest, ModifyDNRequest, ModifyRequest)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Iterator, List, Optional, Sequence, Tuple

__all__ = ['LDIFError', 'LDIFRecord', 'format_change', 'format_record', 'read_ldif']

# -- limits ------------------------------------------------------------------
MAX_LINE = 1 << 20          # octets of a line that is not continued
MAX_RECORD = 64 << 20       # octets of a record
COLUMNS = 76                # of a line that is written

# Where the record begins (line from 1), and the request that it is
LDIFRecord = namedtuple('LDIFRecord', 'line request is_change')

_LINE = Pattern(br'([A-Za-z0-9][A-Za-z0-9.;-]*|-)(?:(:[:<]?) *(.*))?\Z')
_SAFE = Pattern(br'[\x01-\x09\x0b\x0c\x0e-\x1f!-9;=-\x7f][\x01-\x09\x0b\x0c\x0e-\x7f]*\Z')
_BASE64 = Pattern(br'[A-Za-z0-9+/]*={0,2}\Z')
_OPERATIONS = {u'add': ADD, u'delete': DELETE, u'replace': REPLACE, u'increment': INCREMENT}
_NAMES = dict((number, name) for name, number in _OPERATIONS.items())


class LDIFError(CarryallError):
    """The text is not LDIF.

    Attributes:
        line: the number of the line, from 1.
    """

    def __init__(self, message, line):
        # type: (str, int) -> None
        CarryallError.__init__(self, u'line %d: %s' % (line, message))
        self.line = line


# -- reading -----------------------------------------------------------------

def read_ldif(lines):
    # type: (Iterable[bytes]) -> Iterator[LDIFRecord]
    """Yields the records of a text.

    Args:     lines: a file, or anything that gives lines of octets.
    Raises:   LDIFError: which line is wrong.
    """
    first = True
    for record in _records(lines):
        if first and record[0][1] == u'version':
            if record[0][2] != b'1':
                raise LDIFError(u'the version of LDIF is not 1', record[0][0])
            record = record[1:]
        first = False
        if record:
            yield _parse_record(record)


def _records(lines):
    # type: (Iterable[bytes]) -> Iterator[List[Tuple[int, str, bytes]]]
    """Yields the lines of each record, each (number, name, value)."""
    record = []                 # type: List[Tuple[int, str, bytes]]
    size = 0
    for number, line in _unfolded(lines):
        if not line:
            if record:
                yield record
            record = []
            size = 0
            continue
        size += len(line)
        if size > MAX_RECORD:
            raise LDIFError(u'a record has more than %d octets' % MAX_RECORD, number)
        record.append(_parse_line(number, line))
    if record:
        yield record


def _unfolded(lines):
    # type: (Iterable[bytes]) -> Iterator[Tuple[int, bytes]]
    """Yields (number, line) with continued lines joined, and without comments."""
    pieces = []                 # type: List[bytes]
    begun = 0
    for number, line in enumerate(lines):
        if len(line) > MAX_LINE:
            raise LDIFError(u'a line has more than %d octets' % MAX_LINE, number + 1)
        line = line.rstrip(b'\n').rstrip(b'\r')
        if line[:1] == b' ' and pieces:
            pieces.append(line[1:])
            continue
        if pieces:
            joined = b''.join(pieces)
            if joined[:1] != b'#':
                yield begun, joined
            pieces = []
        if line:
            pieces = [line]
            begun = number + 1
        else:
            yield number + 1, b''
    if pieces and pieces[0][:1] != b'#':
        yield begun, b''.join(pieces)


def _parse_line(number, line):
    # type: (int, bytes) -> Tuple[int, str, bytes]
    found = _LINE.match(line)
    if found is None:
        raise LDIFError(u'no name, colon and value', number)
    name, sign, value = found.groups()
    if name == b'-':
        if sign is not None:
            raise LDIFError(u'something follows "-"', number)
        return number, u'-', b''
    if sign is None:
        raise LDIFError(u'no colon behind the name', number)
    if sign == b':<':
        raise LDIFError(u'the value is a URL, and no file is read', number)
    if sign == b'::':
        value = value.strip()
        if len(value) % 4 or _BASE64.match(value) is None:      # Python passes over what is none
            raise LDIFError(u'the value is not base64', number)
        value = base64.b64decode(value)
    return number, name.decode('ascii'), value


def _parse_record(record):
    # type: (List[Tuple[int, str, bytes]]) -> LDIFRecord
    number, name, value = record[0]
    if name.lower() != u'dn':
        raise LDIFError(u'a record begins with "dn:"', number)
    dn = _text(value, number)
    rest = record[1:]
    while rest and rest[0][1].lower() == u'control':
        rest = rest[1:]
    if not rest or rest[0][1].lower() != u'changetype':
        return LDIFRecord(number, AddRequest(dn, _attributes(rest, number)), False)
    kind = _text(rest[0][2], rest[0][0]).lower()
    make = _CHANGES.get(kind)
    if make is None:
        raise LDIFError(u'there is no change of the type %s' % kind, rest[0][0])
    return LDIFRecord(number, make(dn, rest[1:], number), True)


def _text(value, number):
    # type: (bytes, int) -> str
    try:
        return value.decode('utf-8')
    except UnicodeError:
        raise LDIFError(u'the value is not UTF-8', number)


def _attributes(lines, number):
    # type: (List[Tuple[int, str, bytes]], int) -> List[Tuple[str, List[bytes]]]
    found = []                  # type: List[Tuple[str, List[bytes]]]
    places = {}
    for at, name, value in lines:
        if name == u'-':
            raise LDIFError(u'"-" stands in changes alone', at)
        key = name.lower()
        if key not in places:
            places[key] = len(found)
            found.append((name, []))
        found[places[key]][1].append(value)
    if not found:
        raise LDIFError(u'the entry has no attributes', number)
    return found


def _delete(dn, lines, number):
    # type: (str, Any, int) -> DeleteRequest
    if lines:
        raise LDIFError(u'something follows "changetype: delete"', lines[0][0])
    return DeleteRequest(dn)


def _modify(dn, lines, number):
    # type: (str, Any, int) -> ModifyRequest
    changes = []
    current = None              # type: Optional[Change]
    for at, name, value in lines:
        if name == u'-':
            current = None
        elif current is None:
            operation = _OPERATIONS.get(name.lower())
            if operation is None:
                raise LDIFError(u'there is no change named %s' % name, at)
            current = Change(operation, _text(value, at), [])
            changes.append(current)
        elif name.lower() != current.attribute.lower():
            raise LDIFError(u'a value of %s among those of %s' % (name, current.attribute), at)
        else:
            current.values.append(value)
    return ModifyRequest(dn, changes)


def _modify_dn(dn, lines, number):
    # type: (str, Any, int) -> ModifyDNRequest
    found = {}
    for at, name, value in lines:
        key = name.lower()
        if key not in (u'newrdn', u'deleteoldrdn', u'newsuperior') or key in found:
            raise LDIFError(u'%s has no place here' % name, at)
        found[key] = _text(value, at)
    if u'newrdn' not in found or found.get(u'deleteoldrdn') not in (u'0', u'1'):
        raise LDIFError(u'newrdn, and deleteoldrdn with 0 or 1, are needed', number)
    return ModifyDNRequest(dn, found[u'newrdn'], found[u'deleteoldrdn'] == u'1',
                           found.get(u'newsuperior'))


_CHANGES = {
    u'add': lambda dn, lines, number: AddRequest(dn, _attributes(lines, number)),
    u'delete': _delete, u'modify': _modify, u'modrdn': _modify_dn, u'moddn': _modify_dn,
}


# -- writing -----------------------------------------------------------------

def format_record(dn, attributes):
    # type: (str, Sequence[Tuple[str, Sequence[bytes]]]) -> bytes
    """The lines of an entry, and an empty one."""
    lines = [_line(u'dn', dn.encode('utf-8'))]
    for name, values in attributes:
        lines += [_line(name, value) for value in values]
    return b''.join(lines) + b'\n'


def format_change(request):
    # type: (Any) -> bytes
    """The lines of a change, and an empty one."""
    lines = [_line(u'dn', request.dn.encode('utf-8'))]
    if isinstance(request, AddRequest):
        lines.append(b'changetype: add\n')
        for name, values in request.attributes:
            lines += [_line(name, value) for value in values]
    elif isinstance(request, DeleteRequest):
        lines.append(b'changetype: delete\n')
    elif isinstance(request, ModifyRequest):
        lines.append(b'changetype: modify\n')
        for operation, name, values in request.changes:
            lines.append(_line(_NAMES[operation], name.encode('ascii')))
            lines += [_line(name, value) for value in values]
            lines.append(b'-\n')
    else:
        lines.append(b'changetype: modrdn\n')
        lines.append(_line(u'newrdn', request.new_rdn.encode('utf-8')))
        lines.append(b'deleteoldrdn: %d\n' % request.delete_old)
        if request.new_superior is not None:
            lines.append(_line(u'newsuperior', request.new_superior.encode('utf-8')))
    return b''.join(lines) + b'\n'


def _line(name, value):
    # type: (str, bytes) -> bytes
    """A line, in base64 if the value cannot stand as it is, folded."""
    if not value:
        return name.encode('ascii') + b':\n'
    if _SAFE.match(value) is None or value[-1:] == b' ':
        line = name.encode('ascii') + b':: ' + base64.b64encode(value)
    else:
        line = name.encode('ascii') + b': ' + value
    if len(line) <= COLUMNS:
        return line + b'\n'
    rest = [b'\n ' + line[at:at + COLUMNS - 1] for at in range(COLUMNS, len(line), COLUMNS - 1)]
    return line[:COLUMNS] + b''.join(rest) + b'\n'
