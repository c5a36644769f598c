# Copyright the carryall authors.  See LICENSE.
"""The settings of TLS: what is refused, what is never shown, how names match."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import UsageError
from carryall.core.tls.context import Identity, TLSContext, canonical_name, match_name, read_pem


@pytest.mark.parametrize('given', [{'client_certificates': 'maybe'}, {'minimum': 'TLSv1.1'},
                                   {'maximum': 'TLSv1.4'},
                                   {'minimum': 'TLSv1.3', 'maximum': 'TLSv1.2'}])
def test_settings_that_cannot_be(given):
    with pytest.raises(ValueError):
        TLSContext(**given)


def test_secrets_are_not_shown():
    one = Identity('a.pem', 'a.key', u'geheim')
    assert 'geheim' not in repr(one) and one.passphrase() == b'geheim'
    assert 'BEGIN' not in repr(Identity(b'-----BEGIN PRIVATE KEY-----'))


def test_an_unnamed_key_is_looked_for_beside_the_certificate(tmpdir):
    def made(name, text):
        tmpdir.join(name).write(text)
        return str(tmpdir.join(name))

    alone = made('alone.pem', '-----BEGIN CERTIFICATE-----')
    whole = made('whole.pem', '-----BEGIN CERTIFICATE----------BEGIN EC PRIVATE KEY-----')
    assert Identity(whole).key == whole, 'in the same file'
    with pytest.raises(UsageError) as caught:
        Identity(alone).key
    assert 'alone.pem holds no private key, and there is no ' in caught.value.message \
        and caught.value.message.endswith('alone.key')
    beside = made('alone.key', '-----BEGIN PRIVATE KEY-----')
    assert Identity(alone).key == beside, 'beside it, as carryall cert writes them'
    assert Identity(alone, whole).key == whole and Identity(whole, beside).key == beside, \
        'but what was named counts'


@pytest.mark.parametrize('asked, found', [
    ('a.example', 1), ('A.Example.', 1), ('b.example', 2), ('c.b.example', None), ('example', None),
    (None, None), ('', None)])
def test_a_name_matches_its_certificate(asked, found):
    assert match_name({'a.example': 1, '*.example': 2}, asked) == found


def test_a_host_name_has_a_canonical_form():
    assert canonical_name(u'B\xfccher.Example.') == 'xn--bcher-kva.example'
    assert canonical_name(b'Host.Example') == 'host.example'


def test_files_that_cannot_be_read(tmpdir):
    for name, data, words in (('missing', None, u'cannot be read'), ('empty', b'', u'not a PEM'),
                              ('text', b'hello', u'not a PEM'),
                              ('large', b'-----BEGIN X-----' + b'x' * (1 << 20), u'more than')):
        if data is not None:
            tmpdir.join(name).write(data, 'wb')
        with pytest.raises(UsageError) as caught:
            read_pem(str(tmpdir.join(name)), u'the certificate')
        assert words in caught.value.message and name in caught.value.message


class Counting(object):
    """A provider that counts."""

    name = 'counting'

    def __init__(self):
        self.compiled = 0

    def compile(self, context, server_side):
        self.compiled += 1
        return self.compiled


def test_files_are_read_once_and_when_reloaded():
    provider = Counting()
    context = TLSContext(Identity(b'-----BEGIN X-----'))
    assert [context.prepare(provider, True) for _ in range(3)] == [1, 1, 1]
    assert context.prepare(provider, False) == 2
    context.reload(provider)
    assert sorted((context.prepare(provider, True), context.prepare(provider, False))) == [3, 4]

