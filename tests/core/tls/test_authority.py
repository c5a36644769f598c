# Copyright the carryall authors.  See LICENSE.
"""Certificates that we make, read back by our own reader;
OpenSSL and the JDK judge them in the tests of L18."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.core.errors import RemoteProtocolError, UsageError
from carryall.core.tls import certificates, pem
from carryall.core.codec import der
from carryall.core.tls.authority import (authority, certificate_request, challenge_pair,
                                         load_authority, new_key, private_number, self_signed)
from tests.core.tls.material import NOW, material

PEMS = os.path.join(os.path.dirname(__file__), 'pems')


def parsed(pair, index=0):
    return certificates.parse(pem.certificates(pair.certificate)[index])


def test_a_self_signed_certificate_has_its_names():
    pair = self_signed([u'host.example', u'*.host.example', u'127.0.0.1', u'2001:db8::5'],
                       NOW, days=10)
    one = parsed(pair)
    assert one.names == [u'host.example', u'*.host.example', u'127.0.0.1', u'2001:db8::5']
    assert one.subject == one.issuer == u'CN=host.example'
    assert one.key == 'EC P-256' and one.signature == 'ecdsa-with-SHA256' and not one.authority
    assert one.not_before == int(NOW - 3600) and one.not_after == int(NOW + 864000)
    assert pair.key.startswith(b'-----BEGIN PRIVATE KEY-----')


def test_an_authority_and_what_it_signs():
    site = material().site
    own = parsed(site, 0)
    above = parsed(site, 1)
    assert own.issuer == above.subject == above.issuer == u'CN=carryall tests'
    assert above.authority and not own.authority
    assert own.serial != above.serial and own.serial > 0


def test_an_authority_that_was_kept():
    ca = authority(u'kept', NOW)
    again = load_authority(ca.certificate, ca.key)
    one = parsed(again.issue([u'localhost'], NOW))
    assert one.issuer == u'CN=kept'
    with pytest.raises(UsageError):
        load_authority(ca.certificate, authority(u'kept', NOW).key)
    with pytest.raises(UsageError):
        load_authority(material().site.certificate, material().site.key)
    with pytest.raises(UsageError):
        load_authority(b'', ca.key)


@pytest.mark.parametrize(
    'names', [[], [u''], [u'a b'], [u'.example'], [u'x' * 300], [u'localhost'] * 101])
def test_names_that_cannot_be(names):
    with pytest.raises(UsageError):
        self_signed(names, NOW)


def test_an_international_name():
    assert parsed(self_signed([u'b\xfccher.example'], NOW)).names \
        == [u'xn--bcher-kva.example']


def test_a_date_beyond_2050():
    one = parsed(authority(u'old', NOW, days=36500))
    assert one.not_after == int(NOW + 86400 * 36500)


@pytest.mark.parametrize('name, key, signature, subject', [
    ('rsa', 'RSA 2048', 'sha256WithRSAEncryption', u'C=XX, O=Example, CN=localhost'),
    ('ec', 'EC P-384', 'ecdsa-with-SHA256', u'CN=localhost'),
    ('ed25519', 'Ed25519', 'Ed25519', u'CN=localhost')])
def test_certificates_of_others(name, key, signature, subject):
    with open(os.path.join(PEMS, name + '.pem'), 'rb') as source:
        der = pem.certificates(source.read())[0]
    one = certificates.parse(der)
    assert (one.key, one.signature, one.subject) == (key, signature, subject)
    assert u'localhost' in one.names
    assert len(certificates.fingerprint(der)) == 95
    binding = certificates.end_point_binding(der)
    assert binding is None if name == 'ed25519' else len(binding) == 32


def test_half_a_certificate_raises_nothing_else():
    der = material().der
    for end in range(0, len(der), 3):
        with pytest.raises(RemoteProtocolError):
            certificates.parse(der[:end])
    assert certificates.end_point_binding(b'\x30\x00') is None


def test_a_request_is_signed_by_its_key():
    """RFC 2986 section 4.2; that the signature verifies, an authority shows (web_acme)."""
    private, key = new_key()
    assert private_number(key) == private
    request = certificate_request(['shop.example', u'm\xfcller.example', '192.0.2.1'], private)
    assert len(der.Reader(request).enter(der.SEQUENCE)) > 200
    assert b'xn--mller-kva.example' in request
    assert b'\x87\x04\xc0\x00\x02\x01' in request


@pytest.mark.parametrize('names', [[], ['a b'], ['']])
def test_a_request_for_no_name_is_refused(names):
    with pytest.raises(UsageError):
        certificate_request(names, new_key()[0])


def test_a_certificate_of_a_challenge_has_the_hash():
    """RFC 8737 section 3: a critical extension with SHA-256 in it."""
    pair = challenge_pair('shop.example', b'\x42' * 32, 1.9e9)
    octets = pem.certificates(pair.certificate)[0]
    assert b'\x01\x01\xff\x04\x22\x04\x20' + b'\x42' * 32 in octets
    assert list(certificates.parse(octets).names) == ['shop.example']
