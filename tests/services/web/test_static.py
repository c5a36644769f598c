# Copyright the carryall authors.  See LICENSE.
"""StaticFiles: requests in, responses out, on real folders (features WEB-02, 03, 04; HTS-10, 11,
12).
"""
from __future__ import absolute_import, division, print_function

import gzip
import io
import os
import random
import time

import pytest

from carryall.core.errors import FileFailed, UsageError
from carryall.protocols.http.fields import BINARY, compress, format_date, parse_date
from carryall.protocols.http import FileBody
from carryall.services.web import static as static_module
from carryall.services.web.readyresponses import ReadyResponses
from carryall.services.web.static import (COPIES, METHODS, PROGRAMS, SMALL_BYTES, StaticFiles,
                                          is_program)
from carryall.services.web.tree import FileTree
from carryall.services.web.validators import date_tells, identity_of
from tests.protocols.http.ids import short
from tests.services.web.support import HAS_LINKS, ask, body_of, later, request, site, write

BIG = bytes(bytearray(range(256))) * 1024            # 256 KiB, so it is sent from the disk
GZIP = [(b'Accept-Encoding', b'gzip')]


@pytest.fixture
def root(tmpdir):
    """A small site, and a secret beside it."""
    for name, data in (('a.txt', b'0123456789'), ('big.bin', BIG), ('sub/index.html', b'<p>sub'),
                       ('sub/x.html', b'x'),
                       ('empty.txt', b''), ('plain/readme', b'r'), ('.secret', b's'),
                       ('page.rpy', b'code'), ('long.txt', b'ab' * 3000)):
        write(tmpdir, 'root/' + name, data)
    write(tmpdir, 'secret.txt', b'TOP SECRET')
    return os.path.join(str(tmpdir), 'root')


# -- files -------------------------------------------------------------------

@pytest.mark.parametrize('target, kind, data', [
    (b'/a.txt', b'text/plain; charset=utf-8', b'0123456789'),
    (b'/big.bin', b'application/octet-stream', BIG),
    (b'/empty.txt', b'text/plain; charset=utf-8', b''),
    (b'/sub/', b'text/html; charset=utf-8', b'<p>sub'),
    (b'/sub/index.html', b'text/html; charset=utf-8', b'<p>sub'),
    (b'/%61.txt', b'text/plain; charset=utf-8', b'0123456789'),
    (b'/sub/../a.txt', b'text/plain; charset=utf-8', b'0123456789'),
    (b'//a.txt', b'text/plain; charset=utf-8', b'0123456789'),
    (b'/a.txt?x=/../y', b'text/plain; charset=utf-8', b'0123456789'),
    (b'/plain/readme', b'application/octet-stream', b'r')], ids=short)
def test_files_are_served_from_disk_and_memory(root, target, kind, data):
    """The first time from the disk, then, if small, from memory; the same in both, for GET and
    HEAD.
    """
    app = site(root)
    answers = [ask(app, target) for _ in range(3)]
    for status, headers, body in answers:
        assert status == 200, target
        assert body == data, target
        assert headers.get(b'content-type') == kind, 'type'
        assert headers.get(b'x-content-type-options') == b'nosniff', 'browsers do not guess'
        assert headers.get(b'accept-ranges') == b'bytes', 'others'
        assert headers.get(b'last-modified'), 'others'
        assert headers.get(b'etag')[:1] == b'"', 'a strong tag'
        assert headers.get(b'vary') is None, 'nothing depends on the request'
        assert list(headers) == list(answers[0][1]), 'the same each time'
    status, headers, body = ask(app, target, method=b'HEAD')
    assert status == 200, 'HEAD'
    assert ([field for field in headers if field[0] != b'Content-Length']
            == list(answers[0][1])), 'the same headers'
    assert body in (b'', data), 'the engine drops what is there'
    assert headers.get(b'content-length', b'%d' % len(data)) == b'%d' % len(data), 'the length'


def test_small_files_come_from_memory(root, monkeypatch):
    """One look at the disk, no opening; a large file is opened each time, and sent by the
    transport.
    """
    app = site(root)
    ask(app, b'/a.txt')
    ask(app, b'/big.bin')
    opened = []
    real = app.tree.open
    monkeypatch.setattr(app.tree, 'open',
                        lambda located: opened.append(located.path) or real(located))
    first = app(request(b'/a.txt'))
    assert type(first.body) is bytes, 'from memory'
    assert app(request(b'/a.txt')) is first, 'from memory'
    assert opened == [], 'from memory'
    large = app(request(b'/big.bin'))
    assert isinstance(large.body, FileBody), 'from the disk'
    assert len(opened) == 1, 'from the disk'
    assert body_of(large) == BIG, 'the file'


def test_head_of_a_large_file_does_not_open_it(root, monkeypatch):
    """Nothing is read for headers."""
    app = site(root)
    monkeypatch.setattr(app.tree, 'open', lambda located: pytest.fail('opened'))
    status, headers, body = ask(app, b'/big.bin', method=b'HEAD')
    assert (status, headers.get(b'content-length'), body) == (200, b'%d' % len(BIG), b''), 'HEAD'


@pytest.mark.parametrize('target',
                         [b'/nothing', b'/a.txt/', b'/a.txt/x', b'/sub/nothing', b'/nothing/',
                          b'/.secret', b'/A.TXT~', b'/NUL', b'/a.txt.',
                                    b'/a.txt::$DATA', b'/sub%5cx.html', b'/plain/' + b'x' * 300],
                         ids=short)
def test_a_missing_file_is_404(root, target):
    """404, and nothing of what was asked for in it."""
    status, headers, body = ask(site(root), target)
    assert (status, body) == (404, b'404 Not Found\n'), target


@pytest.mark.parametrize('target',
                         [b'/..', b'/../secret.txt', b'/%2e%2e/secret.txt',
                          b'/sub/../../secret.txt', b'/..%2fsecret.txt', b'/%00', b'/%zz',
                          b'/a%2f'])
def test_a_bad_path_is_400(root, target):
    """400."""
    assert ask(site(root), target)[0] == 400, target


def test_nothing_leads_out(root):
    """Whatever is put together of what has ever been tried: never the secret, never another
    status.
    """
    app = site(root, listing=True)
    rng = random.Random(77)
    pieces = [b'/', b'/', b'..', b'.', b'%2e', b'%2e%2e', b'..%2f', b'%5c', b'\\', b'secret.txt',
              b'root', b'sub', b'%c0%ae', b'a.txt', b':', b'%00',
              b'~', b'%252e%252e/', b'....//', b';', b'..;', b'?', b'file://', b'%3f']
    for _ in range(600):
        target = b'/' + b''.join(rng.choice(pieces) for _ in range(rng.randrange(1, 8)))
        status, headers, body = ask(app, target)
        assert status in (200, 301, 400, 404), target
        assert b'SECRET' not in body, target
        assert b'secret.txt' not in body, target
        if status == 301:
            assert headers.get(b'location')[:1] == b'/', target
            assert headers.get(b'location')[:2] not in (b'//', b'/\\'), target


@pytest.mark.skipif(not HAS_LINKS, reason='this system has no symbolic links')
@pytest.mark.parametrize('policy, status', [('follow', 200), ('owner', 200), ('never', 404)])
def test_links_follow_the_policy(root, policy, status):
    """As the policy says, the second time too."""
    os.symlink('a.txt', os.path.join(root, 'link.txt'))
    app = site(root, symlinks=policy)
    for _ in range(2):
        assert ask(app, b'/link.txt')[0] == status, policy
        assert ask(app, b'/a.txt')[0] == 200, policy


@pytest.mark.skipif(not HAS_LINKS, reason='this system has no symbolic links')
def test_policy_is_asked_each_time(root):
    """A folder that becomes a link afterwards is not served from memory."""
    app = site(root, symlinks='never')
    assert ask(app, b'/sub/x.html')[0] == 200, 'a folder'
    os.rename(os.path.join(root, 'sub'), os.path.join(root, 'moved'))
    os.symlink('moved', os.path.join(root, 'sub'))
    assert ask(app, b'/sub/x.html')[0] == 404, 'a link'


# -- programs ----------------------------------------------------------------

@pytest.mark.parametrize('name, expected', [
    (b'a.rpy', True), (b'a.RPY', True), (b'a.trp', True), (b'a.php.bak', True), (b'a.tap.gz', True),
    (b'a.rpy.old.gz', True), (b'a.html', False),
    (b'a.php.', True), (b'a.php ', True), (b'a.php. .', True), (b'a.php::$DATA', True),
    (b'a.php:x.txt', True), (b'a.txt:x.php', False),
    (b'a.php.txt', False), (b'php', False), (b'.php', False), (b'a.bak', False), (b'a.gz', False),
    (b'rpy.html', False)])
def test_programs_are_known_by_their_ending(name, expected):
    """By their ending, also under that of a copy."""
    assert is_program(name) is expected, name
    assert PROGRAMS >= set([b'.trp', b'.rpy', b'.epy', b'.cgi', b'.php', b'.tap']), 'these at least'
    assert b'.gz' in COPIES, 'these at least'


def test_source_is_never_served(root):
    """Not by name, not as an index, not by leaving out its ending, and not in a listing."""
    write(root, 'prog/index.rpy', b'code')
    write(root, 'prog2/index.html.trp', b'code')
    for options in ({}, {'index': ('index.rpy', 'index.html')}, {'ignored_endings': ('rpy', '*')}):
        app = site(root, listing=True, **options)
        for target in (b'/page.rpy', b'/page', b'/prog/', b'/prog/index', b'/prog/index.rpy',
                       b'/prog2/', b'/prog2/index.html'):
            status, _, body = ask(app, target)
            assert b'code' not in body, (options, target)
            assert b'.rpy' not in body, (options, target)
            assert b'.trp' not in body, (options, target)
    assert ask(site(root), b'/page.rpy')[0] == 403, 'by name'
    assert (ask(site(root, listing=True), b'/prog/')[0]
            == 403), 'as an index: nor is a listing given in its place'


# -- folders -----------------------------------------------------------------

def test_index_in_order(root):
    """The first name that is there; a folder is no index; a new file that comes before is seen at
    once.
    """
    app = site(root, index=('first', 'second'))
    write(root, 'f/second', b'2')
    os.makedirs(os.path.join(root, 'f', 'third'))
    assert ask(app, b'/f/')[2] == b'2', 'the second'
    assert ask(app, b'/f/')[2] == b'2', 'from memory'
    write(root, 'f/first', b'1')
    assert ask(app, b'/f/')[2] == b'1', 'the first'
    os.remove(os.path.join(root, 'f', 'first'))
    assert ask(app, b'/f/')[2] == b'2', 'and gone'
    assert ask(site(root, index=('third',)), b'/f/')[0] == 403, 'a folder'
    assert ask(site(root, index=()), b'/sub/')[0] == 403, 'no index at all'


def test_index_names_come_in_their_order(root):
    """The index names of Twisted 0.19, in their order."""
    app = site(root)
    for name in ('index.rpy', 'index.htm', 'index.html', 'index'):
        write(root, 'seed/' + name, name.encode('ascii'))
        status, _, body = ask(app, b'/seed/')
        assert ((status, body)
                == ((403, b'403 Forbidden\n') if name.endswith('rpy')
                    else (200, name.encode('ascii')))), name


@pytest.mark.parametrize('name', ['a/b', '', '.', '..', 'a\\b', 'x\n'])
def test_index_is_a_name(name):
    """Anything else is refused at the start."""
    with pytest.raises(UsageError):
        StaticFiles('x', later, index=(name,))


@pytest.mark.parametrize('target, location', [
    (b'/sub', b'/sub/'), (b'/sub?a=b&c', b'/sub/?a=b&c'), (b'//sub', b'/sub/'),
    (b'/plain/../sub', b'/sub/'), (b'/%73ub', b'/sub/'),
    (b'/evil.org/..//sub', b'/sub/'), (b'/d%20%22%3C', b'/d%20%22%3C/'), (b'////sub', b'/sub/'),
    (b'/./sub', b'/sub/')])
def test_slash_is_added(root, target, location):
    """The redirect is made of names, so it can neither lead to another host nor carry anything
    in.
    """
    os.makedirs(os.path.join(root, 'd "<'))
    status, headers, _ = ask(site(root), target)
    assert (status, headers.get(b'location')) == (301, location), target


def test_no_open_redirect(root):
    """A folder with a name like a host is still below this one (as CVE-2021-28861)."""
    os.makedirs(os.path.join(root, 'evil.org', 'x'))
    for target in (b'//evil.org', b'//evil.org/x', b'/%2fevil.org', b'///evil.org/x',
                   b'/\\evil.org', b'//evil.org/%2e%2e/evil.org/x'):
        status, headers, _ = ask(site(root), target)
        location = headers.get(b'location', b'/')
        assert status in (301, 400, 404), target
        assert location[:1] == b'/', target
        assert location[:2] not in (b'//', b'/\\'), target


def test_a_listing_is_optional(root):
    """If it is on; as a page or as JSON; hidden names and programs are not in it."""
    assert ask(site(root), b'/plain/')[0] == 403, 'off'
    assert ask(site(root), b'/')[0] == 403, 'off'
    app = site(root, listing=True)
    status, headers, body = ask(app, b'/?sort=size')
    assert status == 200, 'a page'
    assert headers.get(b'content-type') == b'text/html; charset=utf-8', 'a page'
    assert b'a.txt' in body, 'what it shows'
    assert b'sub/' in body, 'what it shows'
    assert b'.secret' not in body, 'what it shows'
    assert b'.rpy' not in body, 'what it shows'
    status, headers, body = ask(app, b'/', [(b'Accept', b'application/json')])
    assert headers.get(b'content-type') == b'application/json', 'JSON'
    assert body.startswith(b'{"path": "/"'), 'JSON'
    assert ask(app, b'/sub/')[2] == b'<p>sub', 'an index comes first'
    write(root, 'plain/new', b'')
    assert b'new' in ask(app, b'/plain/')[2], 'never out of date'
    shown = ask(site(root, listing=True, dotfiles='show'), b'/')[2]
    assert b'.secret' in shown, 'dotfiles if they are to be shown'


def test_a_folder_that_cannot_be_read(root, monkeypatch):
    """403."""
    app = site(root, listing=True)
    monkeypatch.setattr(app.tree, 'entry_steps', lambda parts, wanted: iter(()))
    assert ask(app, b'/plain/')[0] == 403, 'not readable'


# -- methods -----------------------------------------------------------------

def test_other_methods_are_405(root):
    """GET, HEAD and OPTIONS; all else is 405, and says what would be allowed."""
    app = site(root)
    allowed = b', '.join(METHODS)
    for _ in range(2):
        for method in (b'POST', b'PUT', b'DELETE', b'PATCH', b'PROPFIND', b'get'):
            status, headers, _ = ask(app, b'/a.txt', method=method)
            assert (status, headers.get(b'allow')) == (405, allowed), method
        for target in (b'/a.txt', b'*', b'/nothing'):
            status, headers, body = ask(app, target, method=b'OPTIONS')
            assert (status, headers.get(b'allow'), body) == (204, allowed, b''), target
        assert ask(app, b'/a.txt')[0] == 200, 'and it is in memory now'


# -- conditions --------------------------------------------------------------

@pytest.mark.parametrize('target', [b'/a.txt', b'/big.bin', b'/empty.txt'])
def test_conditions_give_304_and_412(root, target):
    """304 and 412, from the disk and from memory, with the fields that a 304 has."""
    app = site(root, cache_control=[('*', 'max-age=60')])
    for _ in range(3):
        _, headers, data = ask(app, target)
        etag = headers.get(b'etag')
        modified = headers.get(b'last-modified')
        for method in (b'GET', b'HEAD'):
            for fields, expected in (
                    ([(b'If-None-Match', etag)], 304), ([(b'If-None-Match', b'W/' + etag)], 304),
                    ([(b'If-None-Match', b'"x", ' + etag)], 304),
                    ([(b'If-None-Match', b'"x"')], 200), ([(b'If-Modified-Since', modified)], 304),
                    ([(b'If-Modified-Since', b'junk')], 200),
                    ([(b'If-Match', b'"x"')], 412), ([(b'If-Match', etag)], 200),
                    ([(b'If-Unmodified-Since', format_date(0))], 412),
                    ([(b'If-None-Match', b'"x"'), (b'If-None-Match', etag)], 304),
                    ([(b'If-None-Match', b'"x"'), (b'If-Modified-Since', modified)], 200)):
                status, headers, body = ask(app, target, fields, method)
                assert status == expected, fields
                if status == 304:
                    assert body == b'', 'fields'
                    assert headers.get(b'etag') == etag, 'fields'
                    assert headers.get(b'cache-control') == b'max-age=60', 'fields'
                    assert headers.get(b'content-type') is None, 'not those of the body'
                if status == 200 and method == b'GET':
                    assert body == data, 'the whole'


def test_last_modified_of_a_fresh_file_is_before_date(root):
    """40 files that were written a moment ago, each asked for at once (RFC 9110 section
    8.8.2.1).
    """
    app = site(root, wall=time.time)
    for number in range(40):
        write(root, 'fresh%d' % number, b'x')
        date = int(time.time())
        assert parse_date(ask(app, b'/fresh%d' % number)[1].get(b'last-modified')) < date + 1


# -- ranges ------------------------------------------------------------------

RANGE = (b'Range', b'bytes=0-1')


def aged(root, name, data, mtime=None):
    """(identity, Last-Modified, ETag) of a file, once its second is over."""
    path = write(root, name, data)
    if mtime is not None:
        os.utime(path, (mtime, mtime))
    headers = ask(site(root), b'/' + name.encode('ascii'))[1]
    return identity_of(os.stat(path)), headers.get(b'last-modified'), headers.get(b'etag')


def test_a_date_in_if_range_joins_no_two_states(root):
    """Times that a program sets, and those before 1970, stand for many states; so a date of them
    gives the whole.
    """
    for mtime in (1000000000, -86400, -1):
        _, date, tag = aged(root, 'set.bin', b'first', mtime)
        assert ask(site(root), b'/set.bin', [RANGE, (b'If-Range', tag)])[0] == 206
        _, again, _ = aged(root, 'set.bin', b'other', mtime)
        assert again == date, 'two states, one date'
        assert ask(site(root), b'/set.bin', [RANGE, (b'If-Range', date)])[::2] == (200, b'other')


def test_a_date_in_if_range_counts_if_the_change_was_in_that_second(root):
    identity, date, _ = aged(root, 'own.bin', b'first')
    expected = (206, b'fi') if date_tells(identity) else (200, b'first')
    assert ask(site(root), b'/own.bin', [RANGE, (b'If-Range', date)])[::2] == expected


def test_a_date_is_not_given_within_the_second_of_a_change(root):
    """A client that has a date has the last state of its second: two writes within one second give
    two dates, or one state.
    """
    path = write(root, 'quick.bin', b'first')
    changed = os.stat(path).st_mtime
    during = site(root, wall=lambda: int(changed) + 0.999)
    after = site(root, wall=lambda: int(changed) + 1.5)
    early = ask(during, b'/quick.bin')[1].get(b'last-modified')
    assert early != ask(after, b'/quick.bin')[1].get(b'last-modified')
    assert ask(after, b'/quick.bin', [RANGE, (b'If-Range', early)])[0] == 200
    assert (ask(after, b'/quick.bin', [(b'If-Modified-Since', early)])[0]
            == 200), 'it may have changed'


# -- compressed by name ------------------------------------------------------

@pytest.mark.parametrize('name, kind, coding', [
    ('a.svgz', b'image/svg+xml', b'gzip'), ('A.SVGZ', b'image/svg+xml', b'gzip'),
    ('a.svg', b'image/svg+xml', None),
    ('a.svg.gz', b'application/gzip', None), ('a.tgz', b'application/gzip', None),
    ('a.tar.gz', b'application/gzip', None),
    ('a.html.gz', b'application/gzip', None), ('svgz', BINARY, None)])
@pytest.mark.parametrize('options', [{}, {'gzip': True, 'precompressed': True}],
                         ids=['plain', 'coded'])
def test_a_file_compressed_by_name_has_its_coding(root, name, kind, coding, options):
    """An image that is compressed has its coding told; an archive is what is wanted, and has
    none.
    """
    data = compress(b'<svg/>' * 100, b'gzip')
    write(root, name, data)
    for fields in ([], [(b'Accept-Encoding', b'gzip')]):
        status, headers, body = ask(site(root, **options), b'/' + name.encode('ascii'), fields)
        assert (status, headers.get(b'content-type')) == (200, kind)
        if name != 'a.svg':
            assert headers.get(b'content-encoding') == coding
            assert body == data


@pytest.mark.parametrize('target, size', [(b'/a.txt', 10), (b'/big.bin', len(BIG))])
def test_ranges_give_parts(root, target, size):
    """One part, several, none; with If-Range; from the disk and from memory."""
    app = site(root)
    for _ in range(3):
        _, headers, data = ask(app, target)
        etag = headers.get(b'etag')
        kind = headers.get(b'content-type')
        for value, first, last in ((b'bytes=2-4', 2, 4), (b'bytes=-3', size - 3, size - 1),
                                   (b'bytes=5-', 5, size - 1), (b'bytes=0-99999999', 0, size - 1)):
            status, headers, body = ask(app, target, [(b'Range', value), (b'If-Range', etag)])
            assert status == 206, value
            assert body == data[first:last + 1], value
            assert (headers.get(b'content-range')
                    == b'bytes %d-%d/%d' % (first, last, size)), 'Content-Range'
            assert headers.get(b'etag') == etag, 'the same otherwise'
            assert headers.get(b'content-type') == kind, 'the same otherwise'
            assert (headers.get(b'content-length')
                    is None), 'it is that of the part, and the engine puts it'
        status, headers, body = ask(app, target, [(b'Range', b'bytes=%d-' % size)])
        assert (status, headers.get(b'content-range')) == (416, b'bytes */%d' % size), '416'
        for fields in ([(b'If-Range', b'"x"')], [(b'If-Range', b'W/' + etag)],
                       [(b'If-Range', format_date(0))]):
            assert ask(app, target, [(b'Range', b'bytes=0-1')] + fields)[0] == 200, fields
        assert ask(app, target, [(b'Range', b'lines=0-1')])[0] == 200, 'another unit'
        assert (ask(app, target, [(b'Range', b'bytes=0-1'), (b'If-None-Match', etag)])[0]
                == 304), 'conditions come first'
        status, headers, body = ask(app, target, [(b'Range', b'bytes=0-1')], b'HEAD')
        assert status == 200, 'HEAD has no parts (RFC 9110 section 14.2)'


@pytest.mark.parametrize('target', [b'/a.txt', b'/big.bin'])
def test_several_parts_are_a_multipart_body(root, target):
    """multipart/byteranges that a parser of the same kind takes apart, with its length."""
    app = site(root)
    data = ask(app, target)[2]
    for _ in range(2):
        status, headers, body = ask(app, target, [(b'Range', b'bytes=0-1, 4-5, -2')])
        kind, _, boundary = headers.get(b'content-type').partition(b'; boundary=')
        assert status == 206, 'type'
        assert kind == b'multipart/byteranges', 'type'
        assert headers.get(b'content-length') == b'%d' % len(body), 'length'
        assert headers.get(b'content-range') is None, 'length'
        parts = body.split(b'--' + boundary)
        assert parts[0] == b'', 'delimiters'
        assert parts[-1] == b'--\r\n', 'delimiters'
        assert len(parts) == 5, 'delimiters'
        assert ([part.partition(b'\r\n\r\n')[2] for part in parts[1:-1]]
                == [data[:2] + b'\r\n', data[4:6] + b'\r\n', data[-2:] + b'\r\n']), 'parts'
    assert (ask(app, target,
                [(b'Range',
                  b'bytes=' + b','.join(b'%d-%d' % (n * 2, n * 2) for n in range(50)))])[0]
            == 200), 'too many: the whole'
    assert (len(ask(app, target, [(b'Range', b'bytes=0-,0-,0-,0-')])[2])
            == len(data)), 'never more than the whole'


# -- codings -----------------------------------------------------------------

def _ungzipped(data):
    return gzip.GzipFile(fileobj=io.BytesIO(data)).read()


@pytest.mark.parametrize('name, data',
                         [('long.txt', b'ab' * 3000), ('huge.txt', b'some text ' * 20000)],
                         ids=short)
def test_gzip_is_sent_to_clients_that_accept_it(root, name, data):
    """A file is compressed for clients that accept it, from memory or on its way. Vary tells
    caches; the tag is weak and differs."""
    write(root, name, data)
    target = b'/' + name.encode('ascii')
    app = site(root, gzip=True)
    for _ in range(3):
        status, plain, body = ask(app, target)
        assert body == data, 'plain'
        assert plain.get(b'vary') == b'Accept-Encoding', 'plain'
        assert plain.get(b'content-encoding') is None, 'plain'
        status, packed, body = ask(app, target, GZIP)
        assert status == 200, 'compressed'
        assert _ungzipped(body) == data, 'compressed'
        assert len(body) < len(data) // 10, 'compressed'
        assert packed.get(b'content-encoding') == b'gzip', 'fields'
        assert packed.get(b'vary') == b'Accept-Encoding', 'fields'
        assert packed.get(b'etag').startswith(b'W/"'), 'tags'
        assert plain.get(b'etag').startswith(b'"'), 'tags'
        assert packed.get(b'etag').strip(b'W/') != plain.get(b'etag'), 'its own'
        assert packed.get(b'accept-ranges') is None, 'its own'
        assert (ask(app, target, GZIP + [(b'If-None-Match', packed.get(b'etag'))])[0]
                == 304), 'it can be revalidated'
        assert ask(app, target, [(b'Accept-Encoding', b'gzip;q=0')])[2] == data, 'not taken'
        status, headers, body = ask(app, target, GZIP + [(b'Range', b'bytes=0-3')])
        assert ((status, body, headers.get(b'content-encoding'))
                == (206, data[:4], None)), 'parts are those of the file'
        assert headers.get(b'vary') == b'Accept-Encoding', 'and caches are told'
        assert (ask(app, target, [(b'Accept-Encoding', b'identity;q=0')])[0]
                == 406), 'nothing to give'
        status, headers, body = ask(app, target,
                                    [(b'Accept-Encoding', b'gzip, identity;q=0'),
                                     (b'Range', b'bytes=0-3')])
        assert status == 200, 'no parts where only a coding will do'
        assert _ungzipped(body) == data, 'no parts where only a coding will do'


def test_small_and_huge_files_are_not_compressed(root):
    """The small, the huge, and what would not get smaller; nothing depends on the request then."""
    write(root, 'x.png', b'p' * 5000)
    app = site(root, gzip=True)
    for target in (b'/a.txt', b'/x.png', b'/big.bin'):
        for _ in range(2):
            _, headers, _ = ask(app, target, GZIP)
            assert headers.get(b'content-encoding') is None, target
            assert headers.get(b'vary') is None, target
    assert (ask(site(root), b'/long.txt', GZIP)[1].get(b'content-encoding')
            is None), 'off unless asked for'


def test_a_precompressed_sibling_is_sent(root):
    """A sibling is sent in its coding, with the type of the file, if it is not older; coming and
    going are seen.
    """
    app = site(root, precompressed=True)
    fields = [(b'Accept-Encoding', b'br, gzip')]
    assert ask(app, b'/long.txt', fields)[1].get(b'vary') is None, 'none there'
    ask(app, b'/long.txt', fields)
    write(root, 'long.txt.gz', b'GZIPPED')
    status, headers, body = ask(app, b'/long.txt', fields)
    assert ((body, headers.get(b'content-encoding'), headers.get(b'vary'))
            == (b'GZIPPED', b'gzip', b'Accept-Encoding')), 'gzip'
    assert headers.get(b'content-type') == b'text/plain; charset=utf-8', 'type and tag'
    assert headers.get(b'etag')[:1] == b'"', 'type and tag'
    write(root, 'long.txt.br', b'BROTLI')
    for _ in range(2):
        assert ask(app, b'/long.txt', fields)[2] == b'BROTLI', 'br is better'
        assert ask(app, b'/long.txt', GZIP)[2] == b'GZIPPED', 'gzip for who takes no br'
        assert ask(app, b'/long.txt')[2] == b'ab' * 3000, 'plain'
        status, headers, body = ask(app, b'/long.txt', GZIP + [(b'Range', b'bytes=0-2')])
        assert ((status, body, headers.get(b'content-range'))
                == (206, b'GZI', b'bytes 0-2/7')), 'parts of what is sent'
    os.remove(os.path.join(root, 'long.txt.br'))
    assert ask(app, b'/long.txt', fields)[2] == b'GZIPPED', 'gone'
    os.utime(os.path.join(root, 'long.txt.gz'), (1000, 1000))
    assert ask(app, b'/long.txt', fields)[2] == b'ab' * 3000, 'older than the file'
    assert (ask(app, b'/long.txt.gz')[1].get(b'content-encoding')
            is None), 'asked for by name it is a file like others'


def test_precompressed_and_gzip(root):
    """Both: the sibling, or else by us."""
    write(root, 'long.txt.br', b'BROTLI')
    app = site(root, precompressed=True, gzip=True)
    assert ask(app, b'/long.txt', [(b'Accept-Encoding', b'br')])[2] == b'BROTLI', 'the sibling'
    assert _ungzipped(ask(app, b'/long.txt', GZIP)[2]) == b'ab' * 3000, 'by us'


# -- changes -----------------------------------------------------------------

def test_changes_show_at_once(root):
    """A file is rewritten, changed in place, removed, made again: no answer is older than the
    file."""
    app = site(root)
    for number in range(1, 20):
        write(root, 'a.txt', b'x' * number)
        for _ in range(2):
            assert ask(app, b'/a.txt')[2] == b'x' * number, number
    os.remove(os.path.join(root, 'a.txt'))
    assert ask(app, b'/a.txt')[0] == 404, 'gone'
    os.makedirs(os.path.join(root, 'a.txt'))
    assert ask(app, b'/a.txt')[0] == 301, 'a folder'


def test_as_fast_as_it_can_change(root):
    """Overwritten in place with as many octets, again and again, faster than the clock of the file
    system ticks.
    """
    app = StaticFiles(root, time.time)
    for number in range(120):
        write(root, 'a.txt', b'%010d' % number)
        _, headers, body = ask(app, b'/a.txt')
        assert body == b'%010d' % number, 'the first answer'
        fields = [(b'If-None-Match', headers.get(b'etag'))]
        write(root, 'a.txt', b'%010d' % -number)
        status, _, body = ask(app, b'/a.txt', fields)
        assert status == 200, 'a client that knows the first'
        assert body == b'%010d' % -number, 'a client that knows the first'


def test_a_file_that_changed_just_now(root):
    """Another change could look the same: weak tags that never come again, and nothing is kept."""
    app = site(root, wall=lambda: os.stat(os.path.join(root, 'a.txt')).st_ctime)
    tags = [ask(app, b'/a.txt')[1].get(b'etag') for _ in range(3)]
    assert len(set(tags)) == 3, tags
    assert all(tag.startswith(b'W/"') for tag in tags), tags
    assert ask(app, b'/a.txt', [(b'If-None-Match', tags[0])])[0] == 200, 'not by a tag of then'
    assert len(app._ready) == 0, 'nothing is kept'


def test_a_file_that_changes_under_our_hands(root, monkeypatch):
    """Between looking and opening: the answer is all of one state; and there is an end to
    trying.
    """
    app = site(root)
    real = app.tree.open
    changes = []

    def change_first(located):
        if len(changes) < limit[0]:
            changes.append(1)
            os.rename(write(root, 'new', b'state %d' % len(changes)), os.path.join(root, 'a.txt'))
        return real(located)

    limit = [1]
    monkeypatch.setattr(app.tree, 'open', change_first)
    status, _, body = ask(app, b'/a.txt')
    assert (status, body) == (200, b'state 1'), 'once'
    limit[0] = 1000
    assert ask(app, b'/big.bin')[0] == 200, 'another file'
    app._ready.forget(b'/a.txt')
    assert ask(app, b'/a.txt')[0] == 503, 'for ever'


@pytest.mark.parametrize('shortage, status', [(True, 503), (False, 403)])
def test_a_file_that_cannot_be_opened(root, monkeypatch, expect_log, shortage, status):
    """Forbidden, or a shortage that may pass."""
    app = site(root)

    def fails(located):
        raise static_module.Unreadable(shortage)

    monkeypatch.setattr(app.tree, 'open', fails)
    if shortage:
        expect_log('too many files open')
    assert ask(app, b'/a.txt')[0] == status, shortage
    assert ask(app, b'/big.bin')[0] == status, shortage


# -- memory ------------------------------------------------------------------

def test_memory_is_bounded(root):
    """Spellings of one path, queries, and many files: never more than the bound."""
    ready = ReadyResponses(40000, 10)
    app = site(root, ready=ready, gzip=True)
    for number in range(60):
        write(root, 'many/%d.txt' % number, b'x' * 1000 * (number % 10))
    for number in range(300):
        ask(app, b'/many/%d.txt?%d' % (number % 60, number), GZIP if number % 2 else ())
        ask(app, b'/%2e/many/' + b'%%%02x' % (48 + number % 10) + b'.txt')
        ask(app, b'/' * (number % 5 + 1) + b'a.txt')
        assert ready.weight <= 40000, number
        assert len(ready) <= 10, number
    assert all(b'%' not in path and b'//' not in path and b'?' not in path for path
               in ready._ready), 'one spelling each'


def test_header_sections_are_bounded(root):
    """However many kinds of clients there are."""
    app = site(root)
    kept = []
    for number in range(static_module.MAX_FACTS * 3):
        asked = request(b'/a.txt', [(b'X', b'%d' % number)])
        kept.append(asked)
        assert app(asked).status == 200, number
        assert len(app._facts) <= static_module.MAX_FACTS, number


def test_an_identity_is_not_taken_for_another(root):
    """A header section at the memory address of a former one is parsed again."""
    app = site(root)
    etag = ask(app, b'/a.txt')[1].get(b'etag')
    for number in range(300):
        fields = [(b'If-None-Match', etag)] if number % 3 else []
        assert ask(app, b'/a.txt', fields)[0] == (304 if number % 3 else 200), number


def test_small_and_large(root):
    """The largest file that is kept, and one octet more."""
    write(root, 'small', b's' * SMALL_BYTES)
    write(root, 'large', b'l' * (SMALL_BYTES + 1))
    app = site(root)
    assert type(app(request(b'/small')).body) is bytes, 'small'
    large = app(request(b'/large'))
    assert isinstance(large.body, FileBody), 'large'
    assert body_of(large) == b'l' * (SMALL_BYTES + 1), 'large'


# -- rules -------------------------------------------------------------------

def test_types_and_charset_can_be_set(root):
    """One's own types, the default, the charset."""
    app = site(root, mime_types={'.txt': 'text/x'}, default_type='text/html', charset='koi8-r')
    assert ask(app, b'/a.txt')[1].get(b'content-type') == b'text/x; charset=koi8-r', 'own'
    assert (ask(app, b'/plain/readme')[1].get(b'content-type')
            == b'text/html; charset=koi8-r'), 'default'


def test_cache_control_and_downloads(root):
    """By pattern; the name to save under is that of the file."""
    name = b'caf\xc3\xa9.zip'
    write(root, name if str is bytes else name.decode('utf-8'), b'z')
    app = site(root, cache_control=[('*.txt', 'no-store'), ('/sub/*', 'max-age=9')],
               downloads=['*.zip'])
    assert ask(app, b'/a.txt')[1].get(b'cache-control') == b'no-store', 'by name'
    assert ask(app, b'/sub/')[1].get(b'cache-control') == b'max-age=9', 'by path, of the index'
    assert ask(app, b'/big.bin')[1].get(b'cache-control') is None, 'none'
    disposition = ask(app, b'/caf%C3%A9.zip')[1].get(b'content-disposition')
    assert (disposition
            == b"attachment; filename=\"caf_.zip\"; filename*=UTF-8''caf%C3%A9.zip"), 'to be saved'
    assert ask(app, b'/a.txt')[1].get(b'content-disposition') is None, 'to be shown'


def test_error_pages_can_be_set(root, expect_log):
    """Below the root or anywhere, with the status and its fields; one that is not there does no
    harm.
    """
    write(root, 'missing.html', b'<p>not here')
    app = site(root,
               error_pages={404: 'missing.html', 405: write(root, 'm.txt', b'no'),
                            416: 'missing.html', 403: 'nowhere', 400: 'big.bin'})
    status, headers, body = ask(app, b'/nothing')
    assert ((status, body, headers.get(b'content-type'))
            == (404, b'<p>not here', b'text/html; charset=utf-8')), '404'
    status, headers, body = ask(app, b'/a.txt', method=b'POST')
    assert ((status, body, headers.get(b'allow'))
            == (405, b'no', b', '.join(METHODS))), '405 keeps Allow'
    status, headers, body = ask(app, b'/a.txt', [(b'Range', b'bytes=99-')])
    assert ((status, body, headers.get(b'content-range'))
            == (416, b'<p>not here', b'bytes */10')), '416 keeps Content-Range'
    told = expect_log('the page for 40[03]')
    assert ask(app, b'/page.rpy')[::2] == (403, b'403 Forbidden\n'), 'without'
    assert ask(app, b'/..')[::2] == (400, b'400 Bad Request\n'), 'without'
    assert len(told) == 2, 'told in the log'
    assert ask(app, b'/a.txt')[0] == 200, 'no page for what is no error'


@pytest.mark.parametrize('endings, target, data', [
    (('html',), b'/sub/x', b'x'), (('.html',), b'/sub/x', b'x'),
    (('txt', 'html'), b'/a', b'0123456789'), (('*',), b'/sub/x', b'x'),
    (('*',), b'/big', BIG), ((), b'/sub/x', None), (('html',), b'/sub/y', None),
    (('html',), b'/sub/x/', None), (('*',), b'/.secret', None),
    (('*',), b'/page', None), (('*',), b'/', None), (('secret',), b'/', None)], ids=short)
def test_an_ending_may_be_left_out(root, endings, target, data):
    """An ending may be left out; what is there by its own name comes first."""
    app = site(root, ignored_endings=endings)
    for _ in range(2):
        status, headers, body = ask(app, target)
        assert (status == 200) == (data is not None), target
        assert data is None or body == data, target
    write(root, 'sub/x', b'itself')
    if target == b'/sub/x':
        assert ask(app, target)[2] == b'itself', 'its own name, at once'


def test_root_need_not_be_there_yet(tmpdir):
    """It may come later."""
    path = os.path.join(str(tmpdir), 'later')
    app = StaticFiles(path, later)
    assert ask(app, b'/a')[0] == 404, 'not yet'
    write(path, 'a', b'1')
    assert ask(app, b'/a')[2] == b'1', 'now'


class Failing(io.BytesIO):
    """A file on a disk that fails."""

    def read(self, count=-1):
        raise IOError(5, 'Input/output error')


@pytest.mark.parametrize('target, headers',
                         [(b'/a.txt', []), (b'/big.bin', [(b'Range', b'bytes=0-5,10-20')]),
                          (b'/long.txt', GZIP)])
def test_a_disk_that_fails_is_told_by_its_own_error(root, monkeypatch, target, headers):
    app = site(root)
    monkeypatch.setattr(FileTree, 'open', lambda tree, located: (Failing(), located))
    with pytest.raises(FileFailed):
        ask(app, target, headers)
