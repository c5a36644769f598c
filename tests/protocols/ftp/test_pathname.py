# Copyright the carryall authors.  See LICENSE.
"""Paths from the server's own root."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import RemoteProtocolError
from carryall.protocols.ftp.pathname import quoted, resolve, shown, to_storage, to_wire, unquoted


@pytest.mark.parametrize('folder, text, path', [
    ((), b'a', (b'a',)), ((b'a',), b'b', (b'a', b'b')), ((b'a',), b'/b', (b'b',)),
    ((b'a',), b'..', ()), ((), b'..', ()),
    ((), b'../../etc/passwd', (b'etc', b'passwd')),
    ((b'a', b'b'), b'../c/./d//e/', (b'a', b'c', b'd', b'e')), ((b'a',), b'', (b'a',)),
    ((b'a',), b'/', ()), ((), b' a b ', (b' a b ',)), ((), b'...', (b'...',)),
    ((), b'a/../../b', (b'b',)),
    ((), b'\\..\\x', (b'\\..\\x',)), ((b'a',), b'/../..', ())])
def test_paths_resolve_within_the_root(folder, text, path):
    assert resolve(folder, text) == path, resolve(folder, text)


@pytest.mark.parametrize('text, code', [(b'a\0b', b'501'), (b'a\nb', b'501'), (b'a\rb', b'501'),
                                        (b'x' * 256, b'553'),
                                        (b'/'.join([b'x' * 250] * 5), b'553')])
def test_a_bad_path_is_refused_with_a_code(text, code):
    with pytest.raises(RemoteProtocolError) as caught:
        resolve((), text)
    assert caught.value.reply.startswith(code), caught.value.reply


def test_shown_and_quoted():
    assert shown(()) == b'/' and shown((b'a', b'b')) == b'/a/b', 'from the root'
    assert quoted(b'/a"b') == b'"/a""b"' and unquoted(b'"/a""b" is it') == b'/a"b', \
        'RFC 959 appendix II'
    assert unquoted(b'nothing') is None and unquoted(b'"open') is None and unquoted(b'""') == b'', \
        'no path'


def test_names_on_the_wire():
    """UTF-8 as it is; ISO 8859-1 after OPTS UTF8 OFF; what is neither goes through."""
    assert to_wire(b'caf\xc3\xa9', True) == b'caf\xc3\xa9' \
        and to_wire(b'caf\xc3\xa9', False) == b'caf\xe9', 'turned'
    assert to_wire(b'\xff\xfe', False) == b'\xff\xfe' \
        and to_wire(b'\xe2\x82\xac', False) == b'\xe2\x82\xac', 'as it is'
    assert to_wire(b'a\r\n226 x', True) == b'a??226 x', 'a name ends no line'
    assert to_storage(b'caf\xe9', False) == b'caf\xc3\xa9' and to_storage(
        b'\xe9', True) == b'\xe9', 'back'
