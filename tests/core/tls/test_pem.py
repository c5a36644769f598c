# Copyright the carryall authors.  See LICENSE.
"""PEM: what is read, what is written, what is refused."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import UsageError
from carryall.core.tls import pem


def test_there_and_back():
    data = b''.join(b'%c' % (number % 256) for number in range(1000))
    text = pem.encode('CERTIFICATE', data)
    assert max(len(line) for line in text.split(b'\n')) == 64
    assert pem.blocks(b'words before\n' + text + b'between\r\n' + pem.encode('X Y', b'z')) == [
        ('CERTIFICATE', data, b''), ('X Y', b'z', b'')]
    assert pem.certificates(pem.encode('PRIVATE KEY', b'k') + text) == [data]


@pytest.mark.parametrize('ends', [b'\n', b'\r\n'])
def test_line_ends_and_headers(ends):
    text = ends.join([b'-----BEGIN RSA PRIVATE KEY-----', b'Proc-Type: 4,ENCRYPTED',
                      b'DEK-Info: AES-128-CBC,00', b'', b'YWJj', b'-----END RSA PRIVATE KEY-----',
                      b''])
    (label, data, headers), = pem.blocks(text)
    assert (label, data) == ('RSA PRIVATE KEY', b'abc')
    assert headers.startswith(b'Proc-Type: 4,ENCRYPTED')


@pytest.mark.parametrize('body', [b'YWJ', b'YWJj=', b'YW*j', b'=YWJ', b'\xff\xff\xff\xff'])
def test_a_block_that_is_not_base64_is_refused(body):
    with pytest.raises(UsageError):
        pem.blocks(b'-----BEGIN X-----\n' + body + b'\n-----END X-----\n')


def test_text_around_the_blocks_is_ignored():
    assert pem.blocks(b'') == []
    assert pem.blocks(b'-----BEGIN X-----\nYWJj\n-----END Y-----\n') == []
    assert pem.blocks(b'-----BEGIN X-----\nYWJj\n') == []


def test_the_former_label_of_a_certificate_is_understood():
    assert pem.certificates(pem.encode('X509 CERTIFICATE', b'abc')) == [b'abc']


@pytest.mark.parametrize('label', ['TRUSTED CERTIFICATE', 'X.509 CERTIFICATE'])
def test_another_form_of_certificate_is_refused_by_name(label):
    data = pem.encode('CERTIFICATE', b'abc') + pem.encode(label, b'abc')
    with pytest.raises(UsageError) as caught:
        pem.certificates(data)
    assert label in caught.value.message


def test_a_label_may_have_any_printable_characters():
    assert pem.blocks(pem.encode('a-b: C/1', b'abc')) == [('a-b: C/1', b'abc', b'')]


def test_too_many_blocks_are_refused():
    with pytest.raises(UsageError):
        pem.blocks(pem.encode('X', b'a') * (pem.MAX_BLOCKS + 1))
