# Copyright the carryall authors.  See LICENSE.
"""Delivery status notifications, read back with Python's own reader of mail."""
from __future__ import absolute_import, division, print_function

import email

import pytest

from carryall.services.mail.envelope import Addressee, Envelope
from carryall.services.mail.reports import DELAYED, DELIVERED, FAILED, Verdict, report

MESSAGE = b'Subject: lost\r\nX: y\r\n\r\nbody text\r\n'


def read(verdicts, message=MESSAGE, **given):
    envelope = Envelope('1.q.h', b'a@a.example', [], message, 1767225600.0, **given)
    data = report(envelope, message, verdicts, b'mx.example', '2.q.h', 1767225700.0)
    assert data.count(b'\n') == data.count(b'\r\n') == data.count(b'\r')
    return email.message_from_string(data if str is bytes else data.decode('latin-1')), data


@pytest.mark.parametrize('action, word',
                         [(FAILED, 'could not be delivered'), (DELAYED, 'delayed'),
                          (DELIVERED, 'was delivered')])
def test_a_report_has_its_three_parts(action, word):
    verdict = Verdict(Addressee(b'b@b.example', None, b'list@b.example', b'',
                                b'rfc822;l+2Bx@b.example'), action, b'550 5.1.1 No\r\nBcc: x',
                      b'5.1.1', b'mx.b.example')
    message, _ = read([verdict], envid=b'Q+2B1')
    assert message.get_content_type() == 'multipart/report'
    assert message.get_param('report-type') == 'delivery-status'
    assert word in message['Subject']
    text, status, original = message.get_payload()
    assert status.get_content_type() == 'message/delivery-status'
    of_message, of_recipient = status.get_payload()
    assert of_message['Reporting-MTA'] == 'dns; mx.example'
    assert of_message['Original-Envelope-Id'] == 'Q+1'
    assert of_recipient['Final-Recipient'] == 'rfc822; list@b.example'
    assert of_recipient['Original-Recipient'] == 'rfc822; l+x@b.example'
    assert of_recipient['Action'] == action.decode('ascii')
    assert of_recipient['Status'] == '5.1.1'
    assert of_recipient['Remote-MTA'] == 'dns; mx.b.example'
    assert of_recipient['Diagnostic-Code'] == 'smtp; 550 5.1.1 No??Bcc: x'
    assert 'Bcc' not in of_recipient
    assert 'list@b.example' in text.get_payload()
    assert original.get_content_type() == ('message/rfc822' if action == FAILED
                                           else 'text/rfc822-headers')
    assert message['Auto-Submitted'] == 'auto-replied'


def test_a_report_returns_the_message_or_its_header():
    verdict = Verdict(Addressee(b'b@b'), FAILED)
    assert read([verdict])[0].get_payload()[2].get_payload()[0].get_payload() == 'body text\r\n'
    for given in ({'ret': b'HDRS'}, {'message': MESSAGE + b'x' * 100000}, {'binary': True}):
        last = read([verdict], **given)[0].get_payload()[2]
        assert last.get_content_type() == 'text/rfc822-headers'
        assert 'Subject: lost' in last.get_payload()
        assert 'body' not in last.get_payload()
    assert read([verdict, verdict])[0].get_payload()[1].get_payload()[2]['Action'] == 'failed'


def test_a_report_may_be_in_utf_8():
    verdict = Verdict(Addressee(u'\xfc@b'.encode('utf-8')), FAILED)
    _, data = read([verdict], utf8=True)
    assert b'message/global-delivery-status' in data
    assert u'Final-Recipient: utf-8; \xfc@b'.encode('utf-8') in data
    assert b'Content-Type: message/global\r\n' in data
