# Copyright the carryall authors.  See LICENSE.
"""The listing of a folder, as a page and as JSON (feature WEB-03)."""
from __future__ import absolute_import, division, print_function

import hashlib
import json

import pytest

from carryall.services.web.folderpage import (listing_headers, name_filter, render,
                                              sort_entries, wants_json)
from tests.protocols.http.ids import short


class Entry(object):
    """Something that is there."""

    def __init__(self, size=0, modified=0, is_folder=False):
        self.size = size
        self.is_folder = is_folder
        self.identity = (1, 2, size, modified * 1000000000, 0)


# Of the listing below: a page that changes on purpose changes it too.
SAME = '90d3ab8e7b123a48e211e96293d50d9174f6af5e44606247ccea205e8dd6ff1e'

EVIL = b'<script>alert("x")</script>&\'.html'
ENTRIES = [(b'b.txt', Entry(2048, 784111777)), (b'A.txt', Entry(10, 3)),
           (b'sub', Entry(5, 1, True)), (b'c', Entry(3 << 20, 2))]


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


def page_of(parts, entries, query=b'', more=0):
    """The page as text."""
    return render(parts, entries, query, False, more).decode('utf-8')


NUMBERED = [(name, Entry()) for name in (b'a10', b'a2', b'a02', b'A1', b'b', b'a', b'10', b'9',
                                         b'a2b10', b'a2b9')]


def test_digits_are_compared_as_numbers():
    found = [name for name, _ in sort_entries(NUMBERED, b'')[0]]
    assert found == [b'9', b'10', b'a', b'A1', b'a02', b'a2', b'a2b9', b'a2b10', b'a10', b'b']


def test_a_number_of_255_digits_is_compared_too():
    entries = [(b'9' * 255, Entry()), (b'8' * 255, Entry())]
    assert sort_entries(entries, b'')[0][0][0] == b'8' * 255


@pytest.mark.parametrize('shown', [
    u'<title>Index of /pub/</title>',
    u'<h1>Index of /pub/</h1>',
    u'<a href="../">../</a>',
    u'<th scope="row"><a href="./b.txt"><bdi>b.txt</bdi></a></th><td>2.0 KiB</td>'
    u'<td><time datetime="1994-11-06T08:49:37Z">1994-11-06 08:49</time></td>',
    u'<a href="./sub/"><bdi>sub</bdi>/</a></th><td></td>',
    u'<th scope="col" aria-sort="ascending"><a href="?sort=size&amp;order=desc">Size',
    u'<th scope="col"><a href="?sort=name">Name</a></th>',
    u'Modified (<span id="zone">UTC</span>)',
    u'<td>10 B</td>',
    u'<td>3.0 MiB</td>',
    u'<p id="count" role="status">1 folder, 3 files, 3.0 MiB.</p>',
    u'<label for="filter">Filter names</label>'])
def test_the_page_shows(shown):
    assert shown in page_of([b'pub', b''], ENTRIES, b'sort=size')


def test_the_page_of_the_root_has_no_way_up():
    assert u'../' not in page_of([b''], ENTRIES)


def test_the_folders_above_are_links():
    page = page_of([b'a', b'b', b'c<', b''], ENTRIES)
    assert (u'<ol>\n<li><a href="../../../">/</a></li>\n<li><a href="../../">a</a></li>\n'
            u'<li><a href="../">b</a></li>\n<li aria-current="page">c&lt;</li>\n</ol>') in page


def test_a_page_of_a_part_tells_how_many_names_are_missing():
    assert u'files, 3.0 MiB.  90,000 more not shown' in page_of([b''], ENTRIES, more=90000)


def test_a_whole_page_tells_of_no_missing_names():
    assert u'not shown' not in page_of([b''], ENTRIES)


def test_an_empty_folder_says_so():
    assert u'This folder is empty.' in page_of([b''], [])


def test_an_empty_folder_has_no_filter():
    assert u'<form' not in page_of([b''], [])


def test_a_filter_that_fits_nothing_says_so():
    page = page_of([b''], [], b'filter=%3Cb%3E')
    assert u'Nothing with \u201c&lt;b&gt;\u201d in the name.' in page


def test_a_filter_stays_while_the_page_is_sorted():
    page = page_of([b''], ENTRIES, b'filter=a%26b')
    assert u'<a href="?sort=size&amp;filter=a%26b">Size</a>' in page


def test_the_order_stays_while_the_page_is_filtered():
    page = page_of([b''], ENTRIES, b'sort=size&order=desc')
    assert (u'<input type="hidden" name="sort" value="size">\n'
            u'<input type="hidden" name="order" value="desc">') in page


@pytest.mark.parametrize('name, fits', [
    (b'Report.TXT', True), (b'a report', True), (b'repor', False),
    (u'\xc9t\xe9.report'.encode('utf-8'), True)])
def test_a_filter_looks_for_text_in_either_case(name, fits):
    assert name_filter(b'filter=rePort')(name) is fits


def test_a_filter_knows_other_letters():
    assert name_filter(b'filter=%C3%89')(u'\xe9t\xe9'.encode('utf-8'))


def test_no_filter_is_none():
    assert name_filter(b'filter=++&sort=size') is None


@pytest.mark.parametrize('octets, text', [
    (0, u'0 B'), (1023, u'1023 B'), (1024, u'1.0 KiB'), (1024 * 1024 - 1, u'1.0 MiB'),
    (1280, u'1.3 KiB'), (5 << 30, u'5.0 GiB'), (3 << 60, u'3072.0 PiB')])
def test_a_size_has_one_decimal(octets, text):
    assert u'<td>%s</td>' % text in page_of([b''], [(b'a', Entry(octets))])


def test_a_long_name_has_a_title():
    assert u'title="%s"' % (u'x' * 60) in page_of([b''], [(b'x' * 60, Entry())])


STRANGE = [(EVIL, Entry()), (b'javascript:alert(1)', Entry()), (b'//evil.org', Entry()),
           (b'\xff\xfe', Entry()), (b'a b%41?#', Entry()), (b'\xed\xa0\x80', Entry()),
           (u'\u202egnp.exe'.encode('utf-8'), Entry()), (b'a\x9b', Entry(1280, 5))]


@pytest.mark.parametrize('absent', [u'<script>alert', u'<b>', u'"x"', u'\u202e'])
def test_no_name_gets_out_of_its_place(absent):
    assert absent not in page_of([b'<b>', b''], STRANGE, b'sort=<script>&order="&filter="><b>')


@pytest.mark.parametrize('shown', [
    u'href="./javascript:alert%281%29"', u'href="./%2F%2Fevil.org"',
    u'href="./%FF%FE"><bdi>\ufffd\ufffd</bdi>', u'href="./a%20b%2541%3F%23"',
    u'href="./%ED%A0%80"><bdi>\ufffd\ufffd\ufffd</bdi>', u'<bdi>\ufffdgnp.exe</bdi>'])
def test_a_strange_name_is_shown_as_text(shown):
    assert shown in page_of([b'<b>', b''], STRANGE)


def test_a_page_is_the_same_on_every_runtime():
    entries = ENTRIES + STRANGE + NUMBERED
    pages = [render([b'\xff', b'<b>', b''], entries, b'filter=%C3%89&order=desc', as_json, 12345)
             for as_json in (False, True)]
    assert hashlib.sha256(b''.join(pages)).hexdigest() == SAME


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
