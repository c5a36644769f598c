# Copyright the carryall authors.  See LICENSE.
"""The content of a folder as a page or as JSON (features WEB-03).

``?sort=name``, ``size`` or ``modified``, ``&order=desc``, ``&filter=TEXT``, ``&format=json`` (or an
Accept that prefers JSON to HTML).  Folders come before files in any order.  Digits in names are
compared as numbers: ``a2`` comes before ``a10``.

Names are untrusted text: they are escaped in the page and percent-encoded in links.  Links begin
with ``./``, so that no name can be taken for a scheme.  Characters that change the direction of
text, and octets that are not UTF-8, are shown as U+FFFD.  The page is the same, octet by octet, on
every runtime.  Without its script it works too: times are UTC then, and says so.
Tests:    tests/services/web/test_folderpage.py, test_long_listings.py
"""
from __future__ import absolute_import, division, print_function

import heapq
import re

from carryall.core.future import Return
from carryall.core.net.turns import spread
from carryall.core.codec.calendardates import civil
from carryall.core.codec.uri import encode_segment, format_query, parse_query
from carryall.protocols.http.fields import MAX_DATE, MIN_DATE, format_iso
from carryall.services.web.errorpage import weights_of
from carryall.services.web.htmlpage import escape, html_headers, page

__all__ = ['escape', 'listing_headers', 'name_filter', 'render', 'render_steps', 'shown_name',
           'sort_entries', 'wants_json']

SORTS = (b'name', b'size', b'modified')
UNITS = (u'KiB', u'MiB', u'GiB', u'TiB', u'PiB')
MAX_FILTER = 256            # octets of the text that names are searched for
UPLOAD_LINK = u'<p><a href="?upload">Upload files</a></p>\n'
LONG_NAME = 40              # characters; a longer name may be cut off, so it has a title
STEP_ENTRIES = 32           # entries looked at in one step
SORTED_AT_ONCE = 512        # entries

# Octets to lower case in ASCII.  jython: lower() of a str changes other octets too.
_LOWER = bytes(bytearray(octet + 32 if 65 <= octet <= 90 else octet for octet in range(256)))
_DIGITS = re.compile(b'([0-9]+)')
# py2: surrogates pass as UTF-8
_SURROGATE = re.compile(b'\xed[\xa0-\xbf]')
# Controls, and those that change the direction of text (CVE-2021-42574)
_UNSAFE = re.compile(u'[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]')


def listing_headers(as_json):
    # type: (bool) -> List[Tuple[bytes, bytes]]
    """The header fields of a listing."""
    fields = [(b'Content-Type', b'application/json'), (b'X-Content-Type-Options', b'nosniff')]
    if not as_json:
        fields = html_headers(scripted=True)
    return fields + [(b'Cache-Control', b'no-cache'), (b'Vary', b'Accept')]


def wants_json(query, accept):
    # type: (bytes, Optional[bytes]) -> bool
    """True if the client asks for JSON, in the query or by preferring it in Accept (RFC 9110
    section 12.5.1).
    """
    wish = _asked(query).get(b'format')
    if wish is not None:
        return wish == b'json'
    if not accept:
        return False
    weights = weights_of(accept)
    json_weight = weights.get(b'application/json', weights.get(b'application/*', 0))
    html_weight = weights.get(b'text/html', weights.get(b'text/*', weights.get(b'*/*', 0)))
    return json_weight > html_weight


def name_filter(query):
    # type: (bytes) -> Optional[Callable[[bytes], bool]]
    """A function that is true for the names that *query* asks for; None if it asks for all."""
    wanted = shown_name(_wanted(query)).lower()
    return (lambda name: wanted in shown_name(name).lower()) if wanted else None


def _wanted(query):
    # type: (bytes) -> bytes
    """The text that the names shall contain."""
    return _asked(query).get(b'filter', b'').strip()[:MAX_FILTER]


def shown_name(name):
    # type: (bytes) -> Text
    """*name* as it is shown: text that cannot change what stands around it."""
    return _UNSAFE.sub(u'\ufffd', _decoded(name))


def _decoded(name):
    # type: (bytes) -> Text
    """*name* as text, the same on all runtimes, which replace other groups of wrong octets."""
    try:
        if not _SURROGATE.search(name):
            return name.decode('utf-8')
    except ValueError:
        pass
    return u''.join(octet if octet < u'\x80' else u'\ufffd' for octet in name.decode('latin-1'))


def _asked(query):
    # type: (bytes) -> Dict[bytes, bytes]
    return dict(parse_query(query, 16) or ())


def sort_entries(entries, query):
    # type: (List[Tuple[bytes, Any]], bytes) -> Tuple[List[Tuple[bytes, Any]], bytes, bool]
    """(entries in order, the key that they are sorted by, True if descending), as *query* asks.

    Args:     entries: (name, Located) in no order.
    """
    return spread(None, _sort_steps(entries, query)).result()


def _sort_steps(entries, query):
    # type: (List[Tuple[bytes, Any]], bytes) -> Iterator[None]
    """As ``sort_entries``, in steps."""
    asked = _asked(query)
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
        run.append((not located.is_folder, rank, _natural(name), name, number - 1))
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


def _natural(name):
    # type: (bytes) -> List[Any]
    """A key that sorts by text and by numbers: the parts between numbers, and the numbers."""
    parts = _DIGITS.split(name.translate(_LOWER))      # type: List[Any]
    parts[1::2] = [int(digits) for digits in parts[1::2]]
    return parts


def render(parts, entries, query, as_json, more):
    # type: (Sequence[bytes], List[Tuple[bytes, Any]], bytes, bool, int) -> bytes
    """The listing of the folder at *parts*.

    Args:     entries: (name, Located) of the visible entries.
              more: how many names there are that are not among *entries*.
    """
    return spread(None, render_steps(parts, entries, query, as_json, more)).result()


def render_steps(parts, entries, query, as_json, more, uploads=False):
    # type: (Sequence[bytes], List[Tuple[bytes, Any]], bytes, bool, int, bool) -> Iterator[None]
    """The same as ``render`` in steps: yields between them, and ends with a ``Return`` of the
    octets.

    Args:     uploads: True for a link to the page for uploads.
    """
    try:
        for _ in _sort_steps(entries, query):
            yield
    except Return as done:
        ordered, by, down = done.value
    names = [shown_name(part) for part in parts if part]
    path = u'/' + u''.join(name + u'/' for name in names)
    if as_json:
        path = u'/' + u''.join(_decoded(part) + u'/' for part in parts if part)
        for _ in _json_steps(path, ordered, more):
            yield
    wanted = _wanted(query)
    rows = []                   # type: List[Text]
    if names:
        rows.append(u'<tr class="up"><th scope="row"><a href="../">../</a></th><td></td><td></td>'
                    u'</tr>\n')
    for number, (name, located) in enumerate(ordered, 1):
        if number % STEP_ENTRIES == 0:
            yield
        rows.append(_row(name, located))
    body = u'%s<main>\n<h1>%s</h1>\n%s%s%s</main>\n' % (
        _trail(names), escape(u'Index of ' + path), _summary(ordered, wanted, more, by, down),
        UPLOAD_LINK if uploads else u'', _table(rows, by, down, wanted))
    raise Return(page(u'Index of ' + path, body, scripted=True))


def _trail(names):
    # type: (List[Text]) -> Text
    """The folders above, as links; nothing for the root."""
    if not names:
        return u''
    steps = []
    for depth, name in enumerate([u'/'] + names[:-1]):
        steps.append(u'<li><a href="%s">%s</a></li>\n'
                     % (u'../' * (len(names) - depth), escape(name)))
    return (u'<nav aria-label="Folders above">\n<ol>\n%s<li aria-current="page">%s</li>\n'
            u'</ol>\n</nav>\n' % (u''.join(steps), escape(names[-1])))


def _summary(ordered, wanted, more, by, down):
    # type: (List[Tuple[bytes, Any]], bytes, int, bytes, bool) -> Text
    """How much there is, and the form that filters it."""
    if not ordered and not wanted:
        return u'<p id="count">This folder is empty.</p>\n'
    folders = len([None for _, located in ordered if located.is_folder])
    octets = sum(located.size for _, located in ordered if not located.is_folder)
    text = u'%s, %s, %s' % (_count(folders, u'folder'), _count(len(ordered) - folders, u'file'),
                            _size(octets))
    if wanted:
        text = (text if ordered else u'Nothing') + u' with \u201c%s\u201d in the name' % (
            escape(shown_name(wanted)))
    if more:
        text += (u'.  %s more not shown: use the filter to find them' % _grouped(more))
    kept = [(b'sort', by), (b'order', b'desc')] if down else [(b'sort', by)]
    hidden = u''.join(u'<input type="hidden" name="%s" value="%s">\n'
                      % (shown_name(name), shown_name(value)) for name, value in kept)
    every = u'<a href="?%s">Show all</a>\n' % escape(shown_name(format_query(kept)))
    return (u'<form role="search">\n%s<label for="filter">Filter names</label>\n'
            u'<input type="search" id="filter" name="filter" value="%s" autocomplete="off">\n'
            u'<button>Filter</button>\n%s</form>\n<p id="count" role="status">%s.</p>\n'
            % (hidden, escape(shown_name(wanted)), every if wanted else u'', text))


def _table(rows, by, down, wanted):
    # type: (List[Text], bytes, bool, bytes) -> Text
    if not rows:
        return u''
    heads = u''.join(_head(column, by, down, wanted) for column in SORTS)
    return (u'<table>\n<thead><tr>%s</tr></thead>\n<tbody>\n%s</tbody>\n</table>\n'
            % (heads, u''.join(rows)))


def _row(name, located):
    # type: (bytes, Any) -> Text
    seconds = _seconds(located)
    slash = u'/' if located.is_folder else u''
    text = escape(shown_name(name))
    title = u' title="%s"' % text if len(text) > LONG_NAME else u''
    return (u'<tr><th scope="row"><a href="./%s%s"%s><bdi>%s</bdi>%s</a></th><td>%s</td>'
            u'<td><time datetime="%s">%s</time></td></tr>\n'
            % (escape(_text(encode_segment(name))), slash, title, text, slash,
               u'' if located.is_folder else _size(located.size), _text(format_iso(seconds)),
               _moment(seconds)))


def _json_steps(path, ordered, more):
    # type: (Text, List[Tuple[bytes, Any]], bool) -> Iterator[None]
    import json         # late, for a quicker start
    rows = []
    for number, (name, located) in enumerate(ordered, 1):
        if number % STEP_ENTRIES == 0:
            yield
        pairs = [(u'name', _decoded(name)),
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


def _head(column, by, down, wanted):
    # type: (bytes, bytes, bool, bytes) -> Text
    """The head of a column: a link that sorts by it, in the other direction if it is sorted so."""
    asked = [(b'sort', column)]
    if column == by and not down:
        asked.append((b'order', b'desc'))
    if wanted:
        asked.append((b'filter', wanted))
    text = _text(column).capitalize()
    if column == b'modified':
        text += u' (<span id="zone">UTC</span>)'
    state = u''
    if column == by:
        state = u' aria-sort="%s"' % (u'descending' if down else u'ascending')
        text += u'<span aria-hidden="true"> %s</span>' % (u'\u25be' if down else u'\u25b4')
    return u'<th scope="col"%s><a href="?%s">%s</a></th>' % (
        state, escape(_text(format_query(asked))), text)


def _text(octets):
    # type: (bytes) -> Text
    return octets.decode('ascii')


def _count(number, noun):
    # type: (int, Text) -> Text
    return u'%s %s%s' % (_grouped(number), noun, u'' if number == 1 else u's')


def _grouped(number):
    # type: (int) -> Text
    return u'{:,}'.format(number)


def _size(octets):
    # type: (int) -> Text
    """*octets* with one decimal; in whole numbers, as runtimes round fractions differently."""
    if octets < 1024:
        return u'%d B' % octets
    divisor = 1
    for unit in UNITS:
        divisor *= 1024
        tenths = (octets * 10 + divisor // 2) // divisor
        if tenths < 10240 or unit == UNITS[-1]:
            break
    return u'%d.%d %s' % (tenths // 10, tenths % 10, unit)


def _seconds(located):
    # type: (Any) -> int
    """The time of the last change; some file systems have years that our date formats lack."""
    return max(MIN_DATE, min(located.identity[3] // 1000000000, MAX_DATE))


def _moment(seconds):
    # type: (int) -> Text
    return u'%04d-%02d-%02d %02d:%02d' % civil(seconds)[:5]


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, Text, Tuple
