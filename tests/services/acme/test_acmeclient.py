# Copyright the carryall authors.  See LICENSE.
"""ACMEClient: the messages of RFC 8555 with an authority that keeps to it, and with one that does
not."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import UsageError
from carryall.core.tls import pem
from carryall.core.tls.certificates import parse
from carryall.services.acme.acmeclient import check_url
from carryall.services.acme.errors import ACMEError
from tests.services.acme.conftest import NAMES


def test_a_certificate_is_made(acme_world):
    chain = acme_world.ask(contact=[u'mailto:ops@shop.example'])
    assert set(parse(pem.certificates(chain)[0]).names) == set(NAMES)
    assert acme_world.ca.contact == [u'mailto:ops@shop.example']
    assert acme_world.proofs.count == 2
    assert acme_world.proofs.shown == {}


def test_a_second_certificate_uses_the_account(acme_world):
    acme_world.ask()
    acme_world.ask((NAMES[0],))
    assert len(acme_world.ca.accounts) == 1


def test_a_valid_authorization_needs_no_challenge(acme_world):
    acme_world.ask()
    acme_world.ask()
    assert acme_world.proofs.count == 2


@pytest.mark.parametrize('refused', [1, 9])
def test_a_nonce_that_is_refused_is_replaced(acme_world, refused):
    """RFC 8555 section 6.5."""
    acme_world.ca.nonces_to_refuse = refused
    assert pem.certificates(acme_world.ask())


def test_nonces_that_are_all_refused_are_an_error(acme_world):
    acme_world.ca.nonces_to_refuse = 1000
    with pytest.raises(ACMEError) as caught:
        acme_world.ask()
    assert caught.value.kind == 'badNonce'


def test_a_refusal_has_its_kind_and_its_time(acme_world):
    """RFC 8555 sections 6.6 and 6.7."""
    acme_world.ca.refusal = (429, 'rateLimited', 7200)
    with pytest.raises(ACMEError) as caught:
        acme_world.ask()
    assert (caught.value.kind, caught.value.retry_after) == ('rateLimited', 7200.0)
    assert 'this is rateLimited' in str(caught.value)


def test_a_name_that_cannot_be_proven_is_an_error(acme_world):
    acme_world.ca.proof = lambda name, token: None
    with pytest.raises(ACMEError) as caught:
        acme_world.ask()
    assert 'shop.example' in str(caught.value)
    assert 'no proof' in str(caught.value)
    assert acme_world.proofs.shown == {}


def test_an_authority_without_our_challenge_is_an_error(acme_world):
    acme_world.ca.kinds = ('dns-01',)
    with pytest.raises(ACMEError) as caught:
        acme_world.ask()
    assert 'http-01' in str(caught.value)


def test_an_account_that_the_authority_has_forgotten_is_made_again(acme_world):
    acme_world.client = acme_world.new_client(account=acme_world.ca.base + '/account/77')
    with pytest.raises(ACMEError) as caught:
        acme_world.ask()
    assert caught.value.kind == 'accountDoesNotExist'
    acme_world.ask()
    assert len(acme_world.ca.accounts) == 1


@pytest.mark.parametrize('place, data', [
    ('/dir', b'no JSON'), ('/dir', b'[]'), ('/dir', b'{}'), ('/dir', b'{"newNonce": 5}'),
    ('/dir', b'{"newNonce": "http://ca.example/", "newAccount": "x", "newOrder": "x"}'),
    ('/newOrder', b'{}'), ('/newAccount', b'{}'), ('/authorization', b'{"status": "pending"}'),
    ('/authorization', b'{"status": "pending", "identifier": {"value": "shop.example"}, '
                       b'"challenges": [{"type": "http-01", "token": "../x", "url": "y"}]}'),
    ('/authorization', b'{"status": "pending", "identifier": {"value": "other.example"}, '
                       b'"challenges": [{"type": "http-01", "token": "x", "url": "y"}]}'),
    ('/authorization', b'{"status": "pending", "identifier": ["x"], "challenges": 5}'),
    ('/authorization', b'{"status": "pending", "identifier": {"value": "shop.example"}, '
                       b'"challenges": ["x"]}'),
    ('/authorization', b'{"status": "invalid", "challenges": "x", "error": 7}'),
    ('/newOrder', b'{"authorizations": "https://x"}'),
    ('/newOrder', b'{"authorizations": ["y", "y", "y", "y", "y", "y", "y", "y", "y"]}'),
    ('/order', b'{"status": "invalid"}'), ('/certificate', b'')])
def test_an_answer_that_makes_no_sense_is_an_error(acme_world, place, data):
    acme_world.ca.garbled = (place, data)
    if place == '/certificate':
        assert acme_world.ask() == b''      # judged by the Renewal
        return
    with pytest.raises((ACMEError, UsageError)):
        acme_world.ask()


@pytest.mark.parametrize('url', ['http://ca.example/dir', 'http://192.0.2.1/dir'])
def test_an_authority_by_http_is_refused(url):
    """RFC 8555 section 6.1."""
    with pytest.raises(UsageError):
        check_url(url)


@pytest.mark.parametrize('url', ['https://ca.example/dir', 'http://127.0.0.1:14000/dir'])
def test_an_authority_by_https_is_taken(url):
    check_url(url)
