# Copyright the carryall authors.  See LICENSE.
"""The URL of dict (RFC 2229 section 5)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import LocalProtocolError
from carryall.protocols.dict import parse_url

HOST = u'dict://dict.example/'


@pytest.mark.parametrize('path, matches, word, database, strategy, number', [
    (u'd:shortcake:', False, u'shortcake', u'!', u'.', None),
    (u'd:shortcake:*', False, u'shortcake', u'*', u'.', None),
    (u'd:shortcake:wordnet:', False, u'shortcake', u'wordnet', u'.', None),
    (u'd:shortcake:wordnet:1', False, u'shortcake', u'wordnet', u'.', 1),
    (u'd:abcdefgh', False, u'abcdefgh', u'!', u'.', None),
    (u'd:sun::1', False, u'sun', u'!', u'.', 1),
    (u'm:sun', True, u'sun', u'!', u'.', None),
    (u'm:sun::soundex', True, u'sun', u'!', u'soundex', None),
    (u'm:sun:wordnet::1', True, u'sun', u'wordnet', u'.', 1),
    (u'm:sun::soundex:1', True, u'sun', u'!', u'soundex', 1),
    (u'm:sun:::', True, u'sun', u'!', u'.', None),
    (u'd:a%3Ab%20c', False, u'a:b c', u'!', u'.', None),
    (u'd:caf%C3%A9', False, u'caf\xe9', u'!', u'.', None),
    (u'd:caf\xe9', False, u'caf\xe9', u'!', u'.', None),
    (u'd:why?', False, u'why?', u'!', u'.', None)])
def test_a_url_names_what_is_wanted(path, matches, word, database, strategy, number):
    found = parse_url(HOST + path)
    assert (found.matches, found.word, found.database, found.strategy, found.number) == (
        matches, word, database, strategy, number)


@pytest.mark.parametrize('authority, host, port, user', [
    (u'dict.example', 'dict.example', 2628, None), (u'dict.example:99', 'dict.example', 99, None),
    (u'[2001:db8::1]:99', '2001:db8::1', 99, None),
    (u'ann;AUTH@dict.example', 'dict.example', 2628, u'ann'),
    (u'a%40b;auth@dict.example', 'dict.example', 2628, u'a@b')])
def test_a_url_names_a_server(authority, host, port, user):
    found = parse_url(u'dict://%s/d:x' % authority)
    assert (found.host, found.port, found.user) == (host, port, user)


@pytest.mark.parametrize('kind, mechanism', [
    (u'AUTH', u'AUTH'), (u'SASLAUTH=CRAM-MD5', u'CRAM-MD5'), (u'saslauth=scram-sha-1',
                                                               u'SCRAM-SHA-1'),
    (u'SASLAUTH=*', None)])
def test_a_url_names_the_way_to_log_in(kind, mechanism):
    found = parse_url(u'dict://ann;%s@dict.example/d:x' % kind)
    assert (found.user, found.mechanism) == (u'ann', mechanism)


@pytest.mark.parametrize('text', [
    u'', u'd:x', u'http://dict.example/d:x', u'dict:d:x', u'dict:///d:x', HOST, HOST + u'd:',
    HOST + u'x:word', HOST + u'd', HOST + u'word', HOST + u'd:x:a%20b', HOST + u'd:x::0',
    HOST + u'd:x::-1', HOST + u'd:x::one', HOST + u'd:x:::1', HOST + u'm:x::::1', HOST + u'd:%',
    HOST + u'd:%FF', u'dict://a:99999/d:x', u'dict://ann@a/d:x', u'dict://ann;SASLAUTH=@a/d:x',
    u'dict://ann;SASLAUTH@a/d:x', u'dict://ann;SASLAUTH=A.B@a/d:x', u'dict://ann;*@a/d:x',
    u'dict://;AUTH@a/d:x', u'dict://caf\xe9/d:x'])
def test_a_bad_dict_url_is_an_error(text):
    with pytest.raises(LocalProtocolError):
        parse_url(text)
