# Copyright the carryall authors.  See LICENSE.
"""Signed requests: JWS by ES256."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from carryall.core.compat import int_from_bytes
from carryall.core.errors import UsageError
from carryall.core.tls.authority import new_key
from carryall.services.acme.jws import AccountKey, base64url
from tests.services.acme.fakeca import octets_of, verifies


def parts(body):
    """(head, payload, message, signature) of a signed request."""
    found = json.loads(body.decode('ascii'))
    message = ('%s.%s' % (found['protected'], found['payload'])).encode('ascii')
    head = json.loads(octets_of(found['protected']).decode('ascii'))
    return head, octets_of(found['payload']), message, octets_of(found['signature'])


@pytest.mark.parametrize('octets, text', [
    (b'', ''), (b'\x00', 'AA'), (b'\xff\xef', '_-8'), (b'abc', 'YWJj')])
def test_base64url_has_no_padding(octets, text):
    """RFC 7515 section 2."""
    assert base64url(octets) == text


def test_a_signature_verifies():
    _, key = new_key()
    head, payload, message, signature = parts(AccountKey(key).sign('u', 'n', {'a': u'\xe9'}))
    point = tuple(int_from_bytes(octets_of(head['jwk'][name])) for name in 'xy')
    assert verifies(point, message, signature)
    assert not verifies(point, message + b'x', signature)
    assert json.loads(payload.decode('ascii')) == {'a': u'\xe9'}


def test_a_head_names_algorithm_and_place():
    _, key = new_key()
    head = parts(AccountKey(key).sign('https://ca/x', 'n1', {}))[0]
    assert (head['alg'], head['url'], head['nonce']) == ('ES256', 'https://ca/x', 'n1')
    assert 'kid' not in head


def test_a_request_of_an_account_has_no_key():
    _, key = new_key()
    head, payload, _, _ = parts(AccountKey(key).sign('u', 'n', None, 'https://ca/account/1'))
    assert head['kid'] == 'https://ca/account/1'
    assert 'jwk' not in head
    assert payload == b''


def test_an_authorization_is_token_and_thumbprint():
    """RFC 8555 section 8.1."""
    _, key = new_key()
    account = AccountKey(key)
    assert account.authorization('t') == ('t.%s' % account.thumbprint()).encode('ascii')
    assert len(octets_of(account.thumbprint())) == 32


def test_the_thumbprint_is_that_of_the_public_key():
    _, key = new_key()
    assert AccountKey(key).thumbprint() == AccountKey(key).thumbprint()
    assert AccountKey(key).thumbprint() != AccountKey(new_key()[1]).thumbprint()


def test_a_key_of_another_kind_is_refused():
    with pytest.raises(UsageError):
        AccountKey(b'-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n')
