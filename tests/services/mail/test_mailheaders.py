# Copyright the carryall authors.  See LICENSE.
"""The header fields that the server adds to a message."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.smtp import Mailbox
from carryall.services.mail import mailheaders
from carryall.services.mail.maildir import wire_size
from tests.protocols.smtp.stage import connected

WALL = 1767225600.0


def test_date_of_has_the_form_of_rfc_5322():
    assert mailheaders.date_of(WALL) == b'Thu, 01 Jan 2026 00:00:00 +0000'


@pytest.mark.parametrize('message, head',
                         [(b'A: b\r\n\r\nc', b'A: b'), (b'A: b\n\nc\r\n\r\n', b'A: b'),
                          (b'\r\nc', b''), (b'A: b\r\n', b'A: b\r\n'), (b'', b'')])
def test_head_of_finds_the_header_section(message, head):
    assert mailheaders.head_of(message) == head


@pytest.mark.parametrize('message, right',
                         [(b'A: b\r\n\r\n', True), (b'A-b:c', True), (b'hello\r\n', False),
                          (b'hello world: x\r\n', False), (b'\r\nbody', True), (b'', False),
                                            (b' A: b\r\n', False), (b':x', False)])
def test_a_message_without_a_header_gets_a_blank_line(message, right):
    assert mailheaders.with_header(message) == (message if right else b'\r\n' + message)


def test_received_cannot_be_forged():
    loop, wire, made = connected()
    wire.feed(b'EHLO evil)\t(by\r\nEHLO a);b(c\r\n')
    wire.feed(b'MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n')
    line = mailheaders.received(made.session, made.transaction, b'mx.example', '1.a', WALL)
    assert line == (b'Received: from a?;b?c ([192.0.2.1])\r\n\tby mx.example with ESMTP id '
                    b'1.a\r\n\tfor <c@d>;\r\n\tThu, 01 Jan 2026 00:00:00 +0000\r\n')
    made.session.name = b'x)\r\nBcc: y'
    made.session.user = u'ann'
    made.transaction.recipients.append(made.transaction.recipients[0])
    line = mailheaders.received(made.session, made.transaction, b'mx.example', '1.a', WALL)
    assert line.count(b'\r\n') == 3
    assert b'(x???Bcc:?y [192.0.2.1])' in line
    assert b'ESMTPA id' in line
    assert b'for <' not in line
    assert made.session.protocol(True) == b'UTF8SMTPA'
    assert Mailbox(b'a', b'b')


def test_a_submitted_message_gets_missing_fields():
    full = b'date: x\r\nMESSAGE-ID: <y>\r\nFrom: z\r\n\r\n'
    assert mailheaders.submitted(full, b'a@b', b'mx', '1', WALL) == b''
    got = mailheaders.submitted(b'Subject: x\r\n\r\nDate: in the body\r\n', b'a@b', b'mx', '1',
                                WALL)
    assert got == b'Date: Thu, 01 Jan 2026 00:00:00 +0000\r\nMessage-ID: <1@mx>\r\nFrom: <a@b>\r\n'


def test_stored_and_counted():
    kept = b'Return-Path: <>\nDelivered-To: x@y\nA: b\n\nc\n'
    for end in (b'', b'\r\n'):
        assert mailheaders.stored(b'A: b\r\n\r\nc' + end, b'', b'x@y') == (kept,
                                                                           wire_size(kept)), end
    assert mailheaders.count_received(b'Received: a\r\n b\r\nreceived: c\r\nX-Received: d\r\n') == 2
