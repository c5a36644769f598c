# Copyright the carryall authors.  See LICENSE.
"""Zones as Twisted's Python source: ``zone = [SOA('example.org', mname=...), A(...)]``.

The source is parsed and not run.  Its calls may have strings, numbers and keywords alone.

Tests:    tests/services/dns/test_zonefiles.py
"""
from __future__ import absolute_import, division, print_function

import ast

from carryall.core.errors import LocalProtocolError, UsageError
from carryall.protocols.dns import ResourceRecord, TYPES, Zone, parse_name, rdata_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List

__all__ = ['read_pyzone']

# -- limits ------------------------------------------------------------------
MAX_CALLS = 100000          # records of one file

DEFAULT_TTL = u'10800'      # seconds; that of Twisted
# The arguments of each record in the order of its text, with their defaults.
ARGUMENTS = {
    u'SOA': [(u'mname', u'.'), (u'rname', u'.'), (u'serial', u'0'), (u'refresh', u'0'),
             (u'retry', u'0'), (u'expire', u'0'), (u'minimum', u'0')],
    u'A': [(u'address', u'0.0.0.0')], u'AAAA': [(u'address', u'::')], u'NS': [(u'name', u'.')],
    u'CNAME': [(u'name', u'.')], u'PTR': [(u'name', u'.')], u'DNAME': [(u'name', u'.')],
    u'MX': [(u'preference', u'0'), (u'name', u'.')],
    u'SRV': [(u'priority', u'0'), (u'weight', u'0'), (u'port', u'0'), (u'target', u'.')],
    u'HINFO': [(u'cpu', u''), (u'os', u'')], u'RP': [(u'mbox', u'.'), (u'txt', u'.')],
    u'AFSDB': [(u'subtype', u'0'), (u'hostname', u'.')],
    u'MB': [(u'name', u'.')], u'MG': [(u'name', u'.')], u'MR': [(u'name', u'.')],
    u'MD': [(u'name', u'.')], u'MF': [(u'name', u'.')],
    u'MINFO': [(u'rmailbx', u'.'), (u'emailbx', u'.')],
}                           # type: Dict[str, List[Any]]
_NAMES = frozenset((u'mname', u'rname', u'name', u'target', u'mbox', u'txt', u'hostname',
                    u'rmailbx', u'emailbx'))
_STRINGS = frozenset((u'cpu', u'os'))


def read_pyzone(data, path):
    # type: (bytes, str) -> Zone
    """The zone in a source.

    Raises:   UsageError: it is no such source.
    """
    try:
        tree = ast.parse(data)
    except (SyntaxError, ValueError, TypeError) as exc:
        raise UsageError(u'%s is no Python source: %s' % (path, exc))
    calls = _calls(tree, path)
    owner = [_values(call, path)[0][0] for call in calls if call.func.id == 'SOA']
    if len(owner) != 1:
        raise UsageError(u'%s has %d SOA records, not one' % (path, len(owner)))
    try:
        zone = Zone(parse_name(owner[0]))
        for call in calls:
            zone.add(_record(call, path))
        zone.check()
    except LocalProtocolError as exc:
        raise UsageError(u'%s: %s' % (path, exc.message))
    return zone


def _calls(tree, path):
    # type: (Any, str) -> List[Any]
    """The calls of the list that is assigned to ``zone``."""
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.List) \
                and [getattr(each, 'id', None) for each in statement.targets] == ['zone']:
            calls = statement.value.elts
            if len(calls) > MAX_CALLS:
                raise UsageError(u'%s has more than %d records' % (path, MAX_CALLS))
            for call in calls:
                if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
                    raise UsageError(u'%s:%d: not a record such as A(\'host\', \'192.0.2.1\')'
                                     % (path, call.lineno))
            return calls
    raise UsageError(u'%s has no list named zone' % path)


def _values(call, path):
    # type: (Any, str) -> Any
    """(positional values, values by keyword) of a call, as text."""
    try:
        given = [_text(ast.literal_eval(each)) for each in call.args]
        named = dict((_text(each.arg), _text(ast.literal_eval(each.value)))
                     for each in call.keywords)
    except (ValueError, TypeError):
        raise UsageError(u'%s:%d: an argument is no string or number' % (path, call.lineno))
    if not given:
        raise UsageError(u'%s:%d: a record without a name' % (path, call.lineno))
    return given, named


def _text(value):
    # type: (Any) -> str
    return value.decode('utf-8') if isinstance(value, bytes) else u'%s' % (value,)


def _record(call, path):
    # type: (Any, str) -> ResourceRecord
    kind = _text(call.func.id)
    given, named = _values(call, path)
    ttl = named.pop(u'ttl', None) or DEFAULT_TTL
    if kind == u'TXT':
        text = u' '.join(_quoted(each) for each in given[1:])
    elif kind in ARGUMENTS:
        rows = ARGUMENTS[kind]
        if len(given) > len(rows) + 1:
            raise UsageError(u'%s:%d: too many arguments' % (path, call.lineno))
        found = dict(rows)
        found.update((row[0], value) for row, value in zip(rows, given[1:]))
        unknown = set(named) - set(found)
        if unknown:
            raise UsageError(u'%s:%d: %s has no argument %s' % (path, call.lineno, kind,
                                                               sorted(unknown)[0]))
        found.update(named)
        text = u' '.join(_shown(row[0], found[row[0]]) for row in rows)
    else:
        raise UsageError(u'%s:%d: a record of the type %s cannot be given like this'
                         % (path, call.lineno, kind))
    if not ttl.isdigit():
        raise UsageError(u'%s:%d: ttl is no number' % (path, call.lineno))
    return ResourceRecord(parse_name(given[0]), TYPES[kind], 1, int(ttl),
                          rdata_of(TYPES[kind], text))


def _shown(name, value):
    # type: (str, str) -> str
    if name in _STRINGS:
        return _quoted(value)
    if name in _NAMES and not value.endswith(u'.'):
        return value + u'.'
    return value


def _quoted(text):
    # type: (str) -> str
    return u'"%s"' % text.replace(u'\\', u'\\\\').replace(u'"', u'\\"')
