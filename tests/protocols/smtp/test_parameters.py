# Copyright the carryall authors.  See LICENSE.
"""Parameters of MAIL and RCPT (RFC 5321 section 4.1.2, 1870, 3461, 6152, 6531, 4954)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import RemoteProtocolError
from carryall.protocols.smtp import mail_parameters, rcpt_parameters, xtext, xtext_decoded

ALL = (b'SIZE', b'8BITMIME', b'BINARYMIME', b'SMTPUTF8', b'DSN', b'AUTH')


def mail(rest, offered=ALL):
    try:
        got = mail_parameters(rest, offered)
    except RemoteProtocolError as exc:
        return exc.reply[:9]
    return got.size, got.body, got.smtputf8, got.ret, got.envid, got.auth


def rcpt(rest, offered=ALL):
    try:
        got = rcpt_parameters(rest, offered)
    except RemoteProtocolError as exc:
        return exc.reply[:9]
    return got.notify, got.orcpt


PLAIN = (None, b'7BIT', False, None, None, None)


@pytest.mark.parametrize('rest, expected', [
    (b'', PLAIN), (b'  ', PLAIN), (b' SIZE=0', (0,) + PLAIN[1:]),
    (b'  size=1000000  ', (1000000,) + PLAIN[1:]),
    (b' BODY=8bitmime', (None, b'8BITMIME', False, None, None, None)),
    (b' BODY=BINARYMIME SMTPUTF8', (None, b'BINARYMIME', True, None, None, None)),
    (b' RET=FULL ENVID=QQ+2B1', (None, b'7BIT', False, b'FULL', b'QQ+2B1', None)),
    (b' AUTH=<>', PLAIN[:5] + (b'',)), (b' AUTH=a+2Bb@c', PLAIN[:5] + (b'a+b@c',)),
    (b' SIZE=' + b'9' * 20, (10 ** 20 - 1,) + PLAIN[1:])])
def test_parameters_of_mail_are_parsed(rest, expected):
    assert mail(rest) == expected


@pytest.mark.parametrize('rest', [
    b'SIZE=5', b' SIZE', b' SIZE=', b' SIZE=-1', b' SIZE=+1', b' SIZE=1_0', b' SIZE=x',
    b' SIZE=1 SIZE=1', b' SIZE=1=2',
    b' SIZE=' + b'9' * 21, b' BODY', b' BODY=X', b' SMTPUTF8=yes', b' RET=HALF', b' RET',
    b' ENVID=+zz', b' ENVID=' + b'a' * 101,
    b' AUTH', b' AUTH=+0g', b' =5', b' -X=5', b' SIZE=5\t', b' SIZE=\x00'])
def test_mail_that_is_wrong(rest):
    assert mail(rest) == b'501 5.5.4'


@pytest.mark.parametrize('rest', [b' FOO', b' FOO=1', b' NOTIFY=NEVER', b' MT-PRIORITY=3'])
def test_an_unoffered_parameter_is_refused(rest):
    assert mail(rest) == b'555 5.5.4'
    assert mail(b' SIZE=1', ()) == b'555 5.5.4'
    assert mail(b' BODY=BINARYMIME', (b'8BITMIME',)) == b'501 5.5.4'
    assert rcpt(b' SIZE=1') == b'555 5.5.4'
    assert rcpt(b' NOTIFY=NEVER', ()) == b'555 5.5.4'


@pytest.mark.parametrize('rest, expected', [
    (b' NOTIFY=NEVER', ((b'NEVER',), None)),
    (b' notify=success,FAILURE,Delay', ((b'SUCCESS', b'FAILURE', b'DELAY'), None)),
    (b' ORCPT=rfc822;a+2Bb@c', ((), b'rfc822;a+2Bb@c')),
    (u' ORCPT=utf-8;\xfc@c'.encode('utf-8'), ((), u'utf-8;\xfc@c'.encode('utf-8')))])
def test_parameters_of_rcpt_are_parsed(rest, expected):
    assert rcpt(rest) == expected


@pytest.mark.parametrize('rest', [
    b' NOTIFY', b' NOTIFY=', b' NOTIFY=NEVER,SUCCESS', b' NOTIFY=SUCCESS,SUCCESS', b' NOTIFY=X',
    b' ORCPT', b' ORCPT=a@b',
    b' ORCPT=rfc822;', b' ORCPT=;a@b', b' ORCPT=rfc822;+xx', b' ORCPT=rfc822;' + b'a' * 500])
def test_rcpt_that_is_wrong(rest):
    assert rcpt(rest) == b'501 5.5.4'


@pytest.mark.parametrize('data, wire',
                         [(b'abc', b'abc'), (b'a+b=c d', b'a+2Bb+3Dc+20d'), (b'\xff\0', b'+FF+00'),
                          (b'~!', b'~!')])
def test_xtext_is_encoded_and_decoded(data, wire):
    assert xtext(data) == wire
    assert xtext_decoded(wire) == data


@pytest.mark.parametrize('wire', [b'', b'a b', b'a=b', b'+', b'+0', b'+0g', b'+ab', b'\xff'])
def test_bad_xtext_is_none(wire):
    assert xtext_decoded(wire) is None
