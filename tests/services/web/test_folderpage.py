# Copyright the carryall authors.  See LICENSE.
"""The listing of a folder, as a page and as JSON (feature WEB-03)."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from carryall.services.web.folderpage import (escape, listing_headers, render, sort_entries,
                                                 wants_json)
from tests.protocols.http.ids import short


class Entry(object):
    """Something that is there."""

    def __init__(self, size=0, modified=0, is_folder=False):
        self.size = size
        self.is_folder = is_folder
        self.identity = (1, 2, size, modified * 1000000000, 0)


EVIL = b'<script>alert("x")</script>&\'.html'
ENTRIES = [(b'b.txt', Entry(2048, 784111777)), (b'A.txt', Entry(10, 3)),
           (b'sub', Entry(5, 1, True)), (b'c', Entry(3 << 20, 2))]


def test_every_special_character_is_escaped():
    """Every character that means something in HTML."""
    assert (escape(u'<a href="x" id=\'y\'>&amp;')
            == u'&lt;a href=&quot;x&quot; id=&#x27;y&#x27;&gt;&amp;amp;'), 'escaped'


@pytest.mark.parametrize('query, names', [
    (b'', [b'sub', b'A.txt', b'b.txt', b'c']),
    (b'sort=name&order=desc', [b'sub', b'c', b'b.txt', b'A.txt']),
    (b'sort=size', [b'sub', b'A.txt', b'b.txt', b'c']),
    (b'sort=size&order=desc', [b'sub', b'c', b'b.txt', b'A.txt']),
    (b'sort=modified', [b'sub', b'c', b'A.txt', b'b.txt']),
    (b'sort=modified&order=desc', [b'sub', b'b.txt', b'A.txt', b'c']),
    (b'sort=junk&order=junk', [b'sub', b'A.txt', b'b.txt', b'c']),
    (b'&' * 100, [b'sub', b'A.txt', b'b.txt', b'c'])])
def test_sorting_puts_folders_first(query, names):
    """By each column, both ways, folders first; what makes no sense is ignored."""
    assert [name for name, _ in sort_entries(ENTRIES, query)[0]] == names, query


def test_the_page_shows_names_sizes_and_dates():
    """Names, sizes, dates; links that sort; the way up."""
    page = render([b'pub', b''], ENTRIES, b'sort=size', False, False).decode('utf-8')
    assert u'<title>Index of /pub/</title>' in page, 'title'
    assert u'<a href="../">' in page, 'up'
    assert (u'<a href="./b.txt">b.txt</a></td><td class="n">2.0 KiB</td><td>1994-11-06 08:49</td>'
            in page), 'a file'
    assert u'<a href="./sub/">sub/</a></td><td class="n"></td>' in page, 'a folder'
    assert u'<a href="?sort=size&amp;order=desc">Size</a> \u25b4' in page, 'heads'
    assert u'<a href="?sort=name">Name</a>' in page, 'heads'
    assert u'10 B' in page, 'sizes'
    assert u'3.0 MiB' in page, 'sizes'
    assert u'Only the first' not in page, 'complete'
    root = render([b''], ENTRIES, b'', False, True).decode('utf-8')
    assert u'../' not in root, 'the root; not complete'
    assert u'Only the first 4 entries are shown.' in root, 'the root; not complete'


def test_names_are_strangers():
    """Nothing that a name holds gets out of its place."""
    entries = [(EVIL, Entry()), (b'javascript:alert(1)', Entry()), (b'//evil.org', Entry()),
               (b'\xff\xfe', Entry()), (b'a b%41?#', Entry()),
               (u'\u202egnp.exe'.encode('utf-8'), Entry())]
    page = render([b'<b>', b''], entries, b'sort=<script>&order="', False, False).decode('utf-8')
    assert u'<script' not in page, 'escaped'
    assert u'<b>' not in page, 'escaped'
    assert u'"x"' not in page, 'escaped'
    assert u'href="./javascript:alert%281%29"' in page, 'no scheme, no host'
    assert u'href="./%2F%2Fevil.org"' in page, 'no scheme, no host'
    assert u'href="./%FF%FE">\ufffd\ufffd</a>' in page, 'no UTF-8'
    assert u'href="./a%20b%2541%3F%23"' in page, 'encoded'


def test_the_json_lists_the_same():
    """The same for programs."""
    found = json.loads(render([b'pub', b''], ENTRIES + [(EVIL, Entry())], b'sort=modified', True,
                              True).decode('utf-8'))
    assert found['path'] == u'/pub/', 'about the folder'
    assert found['complete'] is False, 'about the folder'
    assert (found['entries'][0]
            == {'name': 'sub', 'href': 'sub/', 'type': 'folder',
                'modified': '1970-01-01T00:00:01Z'}), 'a folder'
    assert found['entries'][-1] == {'name': 'b.txt', 'href': 'b.txt', 'type': 'file', 'size': 2048,
                                    'modified': '1994-11-06T08:49:37Z'}, 'a file'
    assert (EVIL.decode('ascii')
            in [entry['name'] for entry in found['entries']]), 'names come through'
    empty = json.loads(render([b''], [], b'', True, False).decode('utf-8'))
    assert empty == {'path': '/', 'complete': True, 'entries': []}, 'an empty one'


def test_times_beyond_the_calendar():
    """File systems have them."""
    entries = [(b'a', Entry(0, 10 ** 12)), (b'b', Entry(0, -10 ** 12))]
    assert b'9999-12-31' in render([b''], entries, b'', False, False), 'page'
    assert b'0001-01-01' in render([b''], entries, b'', True, False), 'JSON'


@pytest.mark.parametrize('query, accept, expected', [
    (b'', None, False), (b'format=json', None, True), (b'format=html', b'application/json', False),
    (b'', b'application/json', True),
    (b'', b'*/*', False), (b'', b'text/html, application/json;q=0.9', False),
    (b'', b'application/json, text/html;q=0.9', True),
    (b'', b'application/*', True), (b'', b'application/json;q=0', False),
    (b'', b'text/html,application/xhtml+xml,*/*;q=0.8', False),
    (b'', b'application/json, */*;q=0.1', True), (b'', b'application/json;q=junk', False),
    (b'', b'"', False), (b'', b',' * 1000, False)], ids=short)
def test_json_is_chosen_by_query_or_accept(query, accept, expected):
    """Said in the query, or preferred in Accept."""
    assert wants_json(query, accept) is expected, (query, accept)


def test_the_headers_tell_the_two_kinds_apart():
    """The two kinds differ, and caches are told by what."""
    html = dict(listing_headers(False))
    as_json = dict(listing_headers(True))
    assert html[b'Content-Type'].startswith(b'text/html'), 'types'
    assert as_json[b'Content-Type'] == b'application/json', 'types'
    assert html[b'Vary'] == b'Accept', 'others'
    assert b"default-src 'none'" in html[b'Content-Security-Policy'], 'others'
