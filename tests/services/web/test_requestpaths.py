# Copyright the carryall authors.  See LICENSE.
"""Paths of requests to names (features WEB-02): the rules for every system, tested on every
system.
"""
from __future__ import absolute_import, division, print_function

import ntpath
import posixpath
import random

import pytest

from carryall.services.web import requestpaths as paths
from carryall.services.web.requestpaths import (BAD_REQUEST, is_hidden, is_plain_name, parts_of,
                                                suffix_of)
from tests.protocols.http.ids import short


@pytest.mark.parametrize('path, parts', [
    (b'/', [b'']), (b'/a', [b'a']), (b'/a/', [b'a', b'']), (b'/a/b.c', [b'a', b'b.c']),
    (b'//a///b//', [b'a', b'b', b'']),
    (b'/a/./b/../c', [b'a', b'c']), (b'/%61%20b', [b'a b']), (b'/caf%C3%A9', [b'caf\xc3\xa9']),
    (b'/\xff', [b'\xff']),
    (b'/.hidden', [b'.hidden']), (b'/a..b', [b'a..b']), (b'/~user', [b'~user']),
    (b'/console', [b'console']),
    (b'/com10', [b'com10']), (b'/nul-file', [b'nul-file'])])
def test_each_segment_is_a_name(path, parts):
    """Each segment is one name; slashes that follow each other are one."""
    assert parts_of(path) == parts, path


@pytest.mark.parametrize('path', [
    b'', b'a', b'*', b'/..', b'/../', b'/../etc/passwd', b'/a/../../x', b'/%2e%2e/x',
    b'/%2E%2E%2fx', b'/..%2fx', b'/a/%2e%2e/%2e%2e/x',
    b'/%2f', b'/a%2Fb', b'/%00', b'/a%00.html', b'/\x00', b'/%', b'/%1', b'/%zz',
    b'/%c0%ae%c0%ae%2fx', b'/' + b'a/' * 300], ids=short)
def test_bad_paths_are_400(path):
    """A target that is no path, that climbs, or that can be split in two ways is 400."""
    assert parts_of(path) is BAD_REQUEST, path


@pytest.mark.parametrize('path', [
    # backslashes
    b'/..\\x', b'/%5c..%5cx', b'/a\\b', b'/%5c%5chost%5cshare', b'/\\\\host\\share', b'/C:%5cx',
    # controls
    b'/a%01b', b'/a%0d%0ab', b'/a%7f', b'/%09',
    # too long
    b'/' + b'a' * 256, b'/' + b'%61' * 256, b'/' + b'abc/' * 200 + b'a' * 4000], ids=short)
def test_names_of_no_file(path):
    """A name that no system has, or that could lead elsewhere, is 404."""
    assert parts_of(path) is None, path


@pytest.mark.parametrize('path', [
    # drives, alternate data streams
    b'/C:', b'/c:/x', b'/c%3a/x', b'/a/C:/x', b'/x.txt:s', b'/x.txt::$DATA', b'/x.rpy%3a%3a$DATA',
    b'/folder:$I30:$INDEX_ALLOCATION/x',
    # devices
    b'/con', b'/CON', b'/nul', b'/NUL.txt', b'/nul.tar.gz', b'/nul%20.txt', b'/aux', b'/prn.x',
    b'/com1', b'/COM9.html', b'/lpt1', b'/Lpt0.a',
    b'/com%C2%B9', b'/com%b2.txt', b'/conin$', b'/CONOUT$', b'/clock$', b'/a/nul/b', b'/con.d/x',
    # what Windows cuts off, and short names
    b'/x.rpy.', b'/x.rpy%20', b'/x.rpy.%20.', b'/...', b'/x./y', b'/x%20/y', b'/%20',
    b'/LONGNA~1.TXT', b'/a~2'], ids=short)
def test_names_that_windows_takes_for_something_else(path, monkeypatch):
    """404 there, and names like others elsewhere."""
    monkeypatch.setattr(paths, 'ON_WINDOWS', True)
    assert parts_of(path) is None, path
    monkeypatch.setattr(paths, 'ON_WINDOWS', False)
    assert isinstance(parts_of(path), list), path


def test_names_and_paths_are_limited():
    """The longest name, and the longest path."""
    assert parts_of(b'/' + b'a' * 255) == [b'a' * 255], 'a name'
    longest = b'/' + b'a' * 250 + (b'/' + b'b' * 254) * 15
    assert (parts_of(longest + b'/' + b'c' * (paths.MAX_PATH - len(longest) - 1))
            is not None), 'a path'
    assert parts_of(longest + b'/' * (paths.MAX_PATH - len(longest) + 1)) is None, 'one octet more'


PIECES = [b'/', b'/', b'/', b'.', b'..', b'%2e', b'%2E.', b'\\', b'%5c', b'%2f', b':', b'%3a',
          b'c:', b'a', b'b.txt', b' ', b'%20', b'~', b'nul',
          b'com1', b'%00', b'%c0%ae', b'%ff', b'..;', b'%252e%252e', b'....', b'$DATA', b'?', b'*',
          b'%', b'\xe2\x80\xa5', b'%u002e']


@pytest.mark.parametrize('flavour, root', [(posixpath, u'/srv/root'), (ntpath, u'C:\\srv\\root')],
                         ids=['posix', 'windows'])
def test_no_path_leads_out_on_any_system(flavour, root, monkeypatch):
    """The proof by numbers: whatever is put together of what has ever been tried, what comes out
    stays below the root.

    Judged by the standard library's own idea of paths on POSIX and on Windows.
    """
    monkeypatch.setattr(paths, 'ON_WINDOWS', flavour is ntpath)
    rng = random.Random(20)
    accepted = 0
    for _ in range(6000):
        path = b'/' + b''.join(rng.choice(PIECES) for _ in range(rng.randrange(1, 10)))
        parts = parts_of(path)
        if parts is BAD_REQUEST or parts is None:
            continue
        accepted += 1
        names = [part.decode('latin-1') for part in parts if part]
        joined = flavour.join(root, *names)
        assert flavour.normpath(joined) == flavour.join(root, *names), (path, joined)
        assert flavour.normpath(joined).startswith(root), (path, joined)
        drive, rest = ntpath.splitdrive(joined)
        assert flavour is posixpath or drive == u'C:' and u':' not in rest, (path, joined)
        assert joined[len(root):].count(flavour.sep) == len(names), (path, joined)
        for name in names:
            assert u'\0' not in name, (path, name)
            assert flavour is posixpath or not name.endswith((u'.', u' ')), (path, name)
    assert accepted > 200, 'some are good paths'


def test_short_names_of_windows(monkeypatch):
    """On Windows LONGNA~1.TXT is another name of a file; elsewhere it is a name like others."""
    monkeypatch.setattr(paths, 'ON_WINDOWS', True)
    assert not is_plain_name(b'LONGNA~1.TXT'), 'short names'
    assert not is_plain_name(b'a~2'), 'short names'
    assert is_plain_name(b'~user'), 'not short names'
    assert is_plain_name(b'a~b'), 'not short names'
    monkeypatch.setattr(paths, 'ON_WINDOWS', False)
    assert is_plain_name(b'LONGNA~1.TXT'), 'elsewhere'


@pytest.mark.parametrize('parts, expected', [
    ([b'a'], False), ([b'.a'], True), ([b'a', b'.git', b'b'], True),
    ([b'.well-known', b'x'], False), ([b'a', b'.well-known'], True),
    ([b'.well-known', b'.x'], True), ([b'.well-known2'], True), ([b'a~'], True),
    ([b'a~', b'b'], True), ([b'~a'], False), ([], False)])
def test_hidden_names_are_recognized(parts, expected):
    """Dotfiles and the copies of editors; .well-known at the root is for everybody (RFC 8615)."""
    assert is_hidden(parts) is expected, parts


@pytest.mark.parametrize('name, suffix',
                         [(b'a.b', b'.b'), (b'a.B.C', b'.c'), (b'a', b''), (b'.a', b''),
                          (b'a.', b'.'), (b'', b''), (b'.a.b', b'.b')])
def test_the_last_ending_is_the_suffix(name, suffix):
    """The last ending, in lower case."""
    assert suffix_of(name) == suffix, name
