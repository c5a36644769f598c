# Copyright the carryall authors.  See LICENSE.
"""Results that every provider of the crypto contract must give: vectors of the RFCs and of NIST."""
from __future__ import absolute_import, division, print_function

import binascii

import pytest

from carryall.core.errors import Unsupported

# FIPS 180-4 and 202, RFC 1321: of b'abc'.
HASHES = {
    'md5': '900150983cd24fb0d6963f7d28e17f72',
    'sha1': 'a9993e364706816aba3e25717850c26c9cd0d89d',
    'sha224': '23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7',
    'sha256': 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    'sha384': 'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163'
              '1a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7',
    'sha512': 'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a'
              '2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
    'sha3_256': '3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532',
}

# RFC 2202 section 2 case 2, section 3 case 2; RFC 4231 section 4.3,
# and 4.7 (a key longer than a block).
HMACS = (
    ('md5', b'Jefe', b'what do ya want for nothing?', '750c783e6ab0b503eaa86e310a5db738'),
    ('sha1', b'Jefe', b'what do ya want for nothing?', 'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79'),
    ('sha256', b'Jefe', b'what do ya want for nothing?',
     '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'),
    ('sha256', b'\xaa' * 131, b'Test Using Larger Than Block-Size Key - Hash Key First',
     '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54'),
    ('sha512', b'Jefe', b'what do ya want for nothing?',
     '164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554'
     '9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737'),
)

# RFC 6070; RFC 7914 section 11.
DERIVED = (
    ('sha1', b'password', b'salt', 1, '0c60c80f961f0e71f3a9b524af6012062fe037a6'),
    ('sha1', b'password', b'salt', 4096, '4b007901b765489abead49d926f721d065a429c1'),
    ('sha1', b'passwordPASSWORDpassword', b'saltSALTsaltSALTsaltSALTsaltSALTsalt', 4096,
     '3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038'),
    ('sha1', b'pass\0word', b'sa\0lt', 4096, '56fa6aa75548099dcc37d7f03425e0c3'),
    ('sha256', b'passwd', b'salt', 1,
     '55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc'
     '49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783'),
)

# RFC 7914 section 12.
SCRYPT = (
    (b'', b'', 16, 1, 1, '77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442'
                         'fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906'),
    (b'password', b'NaCl', 1024, 8, 16,
     'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162'
     '2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640'),
)


def check_hashes(crypto):
    there = crypto.hashes()
    assert set(('md5', 'sha1', 'sha256', 'sha512')) <= set(there)
    for name in there:
        if name in HASHES:
            assert binascii.hexlify(crypto.hash(name, b'abc')).decode('ascii') == HASHES[name], name
        running = crypto.new_hash(name)
        running.update(b'a')
        first = running.digest()
        running.update(b'bc')
        assert first == crypto.hash(name, b'a') and running.digest() == crypto.hash(name, b'abc'), \
            name
        assert running.digest_size == len(running.digest()) and type(running.digest()) is bytes


def check_hmacs(crypto):
    for name, key, data, expected in HMACS:
        assert binascii.hexlify(crypto.hmac(name, key, data)).decode('ascii') == expected, \
            (name, key)
    assert crypto.hmac('sha1', b'', b'x') == crypto.hmac('sha1', b'\0', b'x'), 'an empty key'


def check_pbkdf2(crypto):
    for name, password, salt, rounds, expected in DERIVED:
        length = len(expected) // 2
        found = crypto.pbkdf2(name, password, salt, rounds, length)
        assert binascii.hexlify(found).decode('ascii') == expected, (name, password)
    # What is no UTF-8, no ASCII, empty: these go other ways through JCE.
    for password in (b'', b'\xff', u'p\xe9\U0001f600'.encode('utf-8'), b'x' * 300):
        whole = crypto.pbkdf2('sha256', password, b'salt', 2, 64)
        assert crypto.pbkdf2('sha256', password, b'salt', 2, 20) == whole[:20], 'a prefix'
        by_hand = crypto.hmac('sha256', password, b'salt\0\0\0\1')
        again = crypto.hmac('sha256', password, by_hand)
        mixed = b''.join(bytes(bytearray([left ^ right]))
                         for left, right in zip(bytearray(by_hand), bytearray(again)))
        assert whole[:32] == mixed, 'RFC 8018 section 5.2: %r' % password


def check_scrypt(crypto):
    if crypto.why_no_scrypt() is not None:
        with pytest.raises(Unsupported) as caught:
            crypto.scrypt(b'', b'', 16, 1, 1, 64)
        assert crypto.why_no_scrypt() in caught.value.message
        return
    for password, salt, n, r, p, expected in SCRYPT:
        assert binascii.hexlify(crypto.scrypt(password, salt, n, r, p, 64)).decode(
            'ascii') == expected


def check_equal(crypto):
    for left, right in ((b'', b''), (b'a', b'a'), (b'\0' * 99, b'\0' * 99)):
        assert crypto.equal(left, right) is True
    for left, right in ((b'', b'a'), (b'a', b''), (b'ab', b'ac'), (b'a', b'a\0'),
                        (b'\xff', b'\x7f')):
        assert crypto.equal(left, right) is False


CHECKS = (check_hashes, check_hmacs, check_pbkdf2, check_scrypt, check_equal)
