# Copyright the carryall authors.  See LICENSE.
"""BDAT: CHUNKING and BINARYMIME (RFC 3030)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.testing import play
from tests.protocols.smtp.stage import ENVELOPE, HELLO, Kept, serving


def answers(said, backend=None, **given):
    got = play(serving(backend, **given), said)
    return [line[:9] for line in got.split(b'\r\n') if line[3:4] == b' '][2:]


START = [b'250 2.1.0', b'250 2.1.5']


def test_chunks_make_a_message():
    backend = Kept()
    got = answers(ENVELOPE
                  + b'BDAT 6\r\nab\r\n.\rBDAT 3\r\n\ncdBDAT 0\r\nbdat 2 last\r\n\r\nNOOP\r\n',
                  backend)
    assert got == START + [b'250 2.0.0'] * 5
    assert backend.mails[0][2] == b'ab\r\n.\r\ncd\r\n', 'dots mean nothing in chunks'


def test_the_last_chunk_may_be_empty_or_the_only_one():
    backend = Kept()
    answers(ENVELOPE + b'BDAT 3\r\nx\r\nBDAT 0 LAST\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nBDAT 0 '
                       b'LAST\r\n', backend)
    assert [mail[2] for mail in backend.mails[:2]] == [b'x\r\n', b'']


def test_bdat_carries_binary_data():
    backend = Kept()
    body = bytes(bytearray(range(256)))
    got = answers(HELLO + b'MAIL FROM:<a@b> BODY=BINARYMIME\r\nRCPT TO:<c@d>\r\nDATA\r\nBDAT 256 '
                          b'LAST\r\n' + body, backend)
    assert got == START + [b'503 5.5.1', b'250 2.0.0']
    assert backend.mails[0][2] == body


@pytest.mark.parametrize('text', [b'a\n.\nb\r', b'a\r\n.\rb\n', b'a\n.\r\nb\r\n'])
def test_line_ends_that_stand_alone_in_a_chunk_become_those_of_text(text):
    backend = Kept()
    got = answers(ENVELOPE + b'BDAT %d LAST\r\n' % len(text) + text + b'NOOP\r\n', backend)
    assert got == START + [b'250 2.0.0'] * 2
    assert backend.mails[0][2] == b'a\r\n.\r\nb\r\n'
    assert b'550 5.6.0' in answers(ENVELOPE + b'BDAT 4 LAST\r\na\0b\n')


@pytest.mark.parametrize('said, codes', [
    (b'BDAT\r\n', [b'501 5.5.4']), (b'BDAT x\r\n', [b'501 5.5.4']),
    (b'BDAT -1\r\n', [b'501 5.5.4']), (b'BDAT 1 2\r\n', [b'501 5.5.4']),
    (b'BDAT 1 LAST LAST\r\n', [b'501 5.5.4']), (b'BDAT 99999999999999\r\n', [b'501 5.5.4'])])
def test_a_size_that_is_none_ends_the_connection(said, codes):
    assert answers(ENVELOPE + said + b'NOOP\r\n') == START + codes, 'what follows could be anything'


def test_chunks_out_of_order_are_read_and_refused():
    assert answers(HELLO + b'BDAT 4\r\nNOOPNOOP\r\n') == [b'503 5.5.1', b'250 2.0.0']
    assert answers(HELLO + b'MAIL FROM:<a@b>\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\n') == [b'250 2.1.0',
                                                                                      b'503 5.5.1',
                                                                                      b'250 2.0.0']
    assert answers(ENVELOPE
                   + b'BDAT 1\r\nxDATA\r\nRCPT TO:<a@b>\r\nMAIL FROM:<x@y>\r\nRSET\r\nNOOP\r\n') \
                   == START + [
        b'250 2.0.0', b'503 5.5.1', b'503 5.5.1', b'503 5.5.1', b'250 2.0.0', b'250 2.0.0']
    assert answers(
        b'HELO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<a@b>\r\nBDAT 2 LAST\r\n\r\n')[-1] == b'503 5.5.1'


def test_too_much_in_chunks():
    backend = Kept()
    got = answers(ENVELOPE + b'BDAT 60\r\n' + b'x' * 60 + b'BDAT 60\r\n' + b'x' * 60
                  + b'BDAT 2 LAST\r\n\r\nNOOP\r\n', backend, max_size=100)
    assert got == START + [b'250 2.0.0', b'552 5.3.4', b'503 5.5.1', b'250 2.0.0']
    assert not backend.mails


def test_lmtp_in_chunks():
    got = answers(ENVELOPE.replace(b'EHLO', b'LHLO')
                  + b'RCPT TO:<full@b.example>\r\nBDAT 1\r\nxBDAT 2 LAST\r\n\r\n', lmtp=True)
    assert got == START + [b'250 2.1.5', b'250 2.0.0', b'250 2.0.0', b'452 4.2.2']
