# Copyright the carryall authors.  See LICENSE.
"""The content of a folder as a page or as JSON (features WEB-03).

``?sort=name``, ``size`` or ``modified``, ``&order=desc``, ``&format=json`` (or an Accept that
prefers JSON to HTML).  Folders come before files in any order.  Names are untrusted text: they are
escaped in the page and percent-encoded in links.  Links begin with ``./``, so that no name can be
taken for a scheme.
Tests:    tests/services/web/test_folderpage.py
"""
from __future__ import absolute_import, division, print_function

import heapq

from carryall.core.future import Return
from carryall.core.net.turns import spread
from carryall.core.codec.calendardates import civil
from carryall.protocols.http.fields import (MAX_DATE, MIN_DATE, format_iso, parse_parameters,
                                            parse_weight, split_list)
from carryall.core.codec.uri import encode_segment, parse_query

__all__ = ['escape', 'listing_headers', 'render', 'render_steps', 'sort_entries', 'wants_json']

SORTS = (b'name', b'size', b'modified')
UNITS = (u'B', u'KiB', u'MiB', u'GiB', u'TiB', u'PiB')
MAX_ACCEPT = 64             # members of an Accept that are examined
STEP_ENTRIES = 32           # entries looked at in one step
SORTED_AT_ONCE = 512        # entries

_PAGE = u'''<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>%(title)s</title>
<style>
body { font-family: sans-serif; margin: 2em; }
table { border-collapse: collapse; }
th, td { text-align: left; padding: 0.2em 1.5em 0.2em 0; }
.n { text-align: right; font-variant-numeric: tabular-nums; }
</style>
</head>
<body>
<h1>%(title)s</h1>
<table>
<thead><tr>%(heads)s</tr></thead>
<tbody>
%(rows)s</tbody>
</table>
%(more)s</body>
</html>
'''


def escape(text):
    # type: (Text) -> Text
    """*text* escaped for HTML, between tags or in a quoted attribute."""
    for character, entity in ((u'&', u'&amp;'), (u'<', u'&lt;'), (u'>', u'&gt;'), (u'"', u'&quot;'),
                              (u"'", u'&#x27;')):
        text = text.replace(character, entity)
    return text


def listing_headers(as_json):
    # type: (bool) -> List[Tuple[bytes, bytes]]
    """The header fields of a listing; the page can run or load nothing, even if a name were not
    escaped.
    """
    kind = b'application/json' if as_json else b'text/html; charset=utf-8'
    return [(b'Content-Type', kind), (b'Cache-Control', b'no-cache'), (b'Vary', b'Accept'),
            (b'X-Content-Type-Options', b'nosniff'),
            (b'Content-Security-Policy', b"default-src 'none'; style-src 'unsafe-inline'")]


def wants_json(query, accept):
    # type: (bytes, Optional[bytes]) -> bool
    """True if the client asks for JSON, in the query or by preferring it in Accept (RFC 9110
    section 12.5.1).
    """
    wish = dict(parse_query(query, 16) or ()).get(b'format')
    if wish is not None:
        return wish == b'json'
    if not accept:
        return False
    weights = {}                # type: Dict[bytes, int]
    for member in split_list(accept, maximum=MAX_ACCEPT) or ():
        parsed = parse_parameters(member)
        if parsed is not None:
            given = [parse_weight(value) for name, value in parsed[1] if name == b'q']
            weights[parsed[0].lower()] = (given[0] or 0) if given else 1000
    json_weight = weights.get(b'application/json', weights.get(b'application/*', 0))
    html_weight = weights.get(b'text/html', weights.get(b'text/*', weights.get(b'*/*', 0)))
    return json_weight > html_weight


def sort_entries(entries, query):
    # type: (List[Tuple[bytes, Any]], bytes) -> Tuple[List[Tuple[bytes, Any]], bytes, bool]
    """(entries in order, the key that they are sorted by, True if descending), as *query* asks.

    Args:     entries: (name, Located) in no order.
    """
    return spread(None, _sort_steps(entries, query)).result()


def _sort_steps(entries, query):
    # type: (List[Tuple[bytes, Any]], bytes) -> Iterator[None]
    """As ``sort_entries``, in steps."""
    asked = dict(parse_query(query, 16) or ())
    by = asked.get(b'sort', b'name')
    if by not in SORTS:
        by = b'name'
    down = asked.get(b'order') == b'desc'
    sign = -1 if down else 1
    runs = []                   # type: List[Any]
    run = []                    # type: List[Any]
    for number, (name, located) in enumerate(entries, 1):
        rank = 0
        if by == b'size' and not located.is_folder:
            rank = sign * located.size
        elif by == b'modified':
            rank = sign * located.identity[3]
        run.append((not located.is_folder, rank, name.lower(), name, number - 1))
        if number % SORTED_AT_ONCE == 0:
            runs.append(sorted(run))
            run = []
        if number % STEP_ENTRIES == 0:
            yield
    runs.append(sorted(run))
    folders = []                # type: List[Any]
    files = []                  # type: List[Any]
    for number, key in enumerate(heapq.merge(*runs), 1):
        (files if key[0] else folders).append(entries[key[4]])
        if number % STEP_ENTRIES == 0:
            yield
    if down and by == b'name':
        folders.reverse()
        files.reverse()
    raise Return((folders + files, by, down))


def render(parts, entries, query, as_json, more):
    # type: (Sequence[bytes], List[Tuple[bytes, Any]], bytes, bool, bool) -> bytes
    """The listing of the folder at *parts*.

    Args:     entries: (name, Located) of the visible entries.
              more: True if there are more than *entries*.
    """
    return spread(None, render_steps(parts, entries, query, as_json, more)).result()


def render_steps(parts, entries, query, as_json, more):
    # type: (Sequence[bytes], List[Tuple[bytes, Any]], bytes, bool, bool) -> Iterator[None]
    """The same as ``render`` in steps: yields between them, and ends with a ``Return`` of the
    octets."""
    try:
        for _ in _sort_steps(entries, query):
            yield
    except Return as done:
        ordered, by, down = done.value
    path = u'/' + u''.join(_text(part) + u'/' for part in parts if part)
    if as_json:
        for _ in _json_steps(path, ordered, more):
            yield
    rows = []
    if [part for part in parts if part]:
        rows.append(u'<tr><td><a href="../">../</a></td><td></td><td></td></tr>\n')
    for number, (name, located) in enumerate(ordered, 1):
        if number % STEP_ENTRIES == 0:
            yield
        slash = u'/' if located.is_folder else u''
        rows.append(u'<tr><td><a href="./%s%s">%s%s</a></td><td class="n">%s</td><td>%s</td></tr>\n'
                    % (
            escape(_text(encode_segment(name))), slash, escape(_text(name)), slash,
            u'' if located.is_folder else _size(located.size), _moment(_seconds(located))))
    heads = u''.join(_head(column, by, down) for column in SORTS)
    note = u'<p>Only the first %d entries are shown.</p>\n' % len(ordered) if more else u''
    page = (_PAGE
            % {u'title': escape(u'Index of ' + path), u'heads': heads, u'rows': u''.join(rows),
               u'more': note})
    raise Return(page.encode('utf-8'))


def _json_steps(path, ordered, more):
    # type: (Text, List[Tuple[bytes, Any]], bool) -> Iterator[None]
    import json         # late, for a quicker start
    rows = []
    for number, (name, located) in enumerate(ordered, 1):
        if number % STEP_ENTRIES == 0:
            yield
        pairs = [(u'name', _text(name)),
                 (u'href', _text(encode_segment(name)) + (u'/' if located.is_folder else u'')),
                 (u'type', u'folder' if located.is_folder else u'file')]
        if not located.is_folder:
            pairs.append((u'size', located.size))
        pairs.append((u'modified', _text(format_iso(_seconds(located)))))
        # Joined by hand: 2.7 and Jython do not keep the order of a dict
        rows.append(u'{%s}'
                    % u', '.join(u'"%s": %s' % (key, json.dumps(value)) for key, value in pairs))
    text = u'{"path": %s, "complete": %s, "entries": [\n%s\n]}\n' % (
        json.dumps(path), u'false' if more else u'true', u',\n'.join(rows))
    raise Return(text.encode('utf-8'))


def _head(column, by, down):
    # type: (bytes, bytes, bool) -> Text
    """The head of a column: a link that sorts by it, in the other direction if it is sorted so."""
    order = u'&amp;order=desc' if column == by and not down else u''
    arrow = u' \u25be' if down else u' \u25b4'
    mark = arrow if column == by else u''
    name = _text(column)
    return u'<th><a href="?sort=%s%s">%s</a>%s</th>' % (name, order, name.capitalize(), mark)


def _text(octets):
    # type: (bytes) -> Text
    return octets.decode('utf-8', 'replace')


def _size(octets):
    # type: (int) -> Text
    size = float(octets)
    for unit in UNITS:
        if size < 1024 or unit == UNITS[-1]:
            break
        size /= 1024
    return u'%d %s' % (octets, unit) if unit == u'B' else u'%.1f %s' % (size, unit)


def _seconds(located):
    # type: (Any) -> int
    """The time of the last change; some file systems have years that our date formats lack."""
    return max(MIN_DATE, min(located.identity[3] // 1000000000, MAX_DATE))


def _moment(seconds):
    # type: (int) -> Text
    return u'%04d-%02d-%02d %02d:%02d' % civil(seconds)[:5]


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Optional, Sequence, Text, Tuple
