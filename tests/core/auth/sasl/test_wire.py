# Copyright the carryall authors.  See LICENSE.
"""Base64 and names of SASL, strictly."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.auth.sasl import (SASLCancelled, SASLError, decode, decode_initial, encode,
                                     encode_initial)
from carryall.core.auth.sasl.wire import escape_name, prepared_name, unescape_name


def test_base64_is_strict_and_comes_back():
    for data in (b'', b'\0', b'ab', b'abc', bytes(bytearray(range(256)))):
        assert decode(encode(data)) == data
        assert decode_initial(encode_initial(data)) == data
    assert encode_initial(b'') == b'='
    assert decode_initial(b'=') == b''
    assert decode(b'') == b''
    for wrong in (b'=', b'A', b'AA', b'AAA', b'AAAA=', b'AA=A', b'AA==AA==', b'AA A', b'AAAA\r\n',
                  b'AA\n==', b'AA-_', b'====',
                  b'QQ=', b'QR==', b'QUJ=', b'*A==', b'\xff\xff\xff\xff'):
        with pytest.raises(SASLError):
            decode(wrong)


def test_cancel_and_size():
    with pytest.raises(SASLCancelled):
        decode(b'*')
    assert len(decode(b'A' * 12288)) == 9216
    with pytest.raises(SASLError):
        decode(b'A' * 12292)


def test_names_are_escaped_and_come_back():
    for name in (u'anna', u'a=b,c', u'=2C', u',', u'J\xf6rg', u''):
        assert unescape_name(escape_name(name)).decode('utf-8') == name
    for wrong in (b'=', b'a=2c', b'=3d', b'a=', b'==', b'=2'):
        with pytest.raises(SASLError):
            unescape_name(wrong)
    assert prepared_name(u'I\xadX'.encode('utf-8')) == u'IX'
    for wrong in (b'\xff', b'a\0b', u'\x07'.encode('utf-8')):
        with pytest.raises(SASLError):
            prepared_name(wrong)
