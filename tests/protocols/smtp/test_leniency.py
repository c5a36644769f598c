# Copyright the carryall authors.  See LICENSE.
"""Commands of devices and programs beyond the grammar: accepted as Postfix accepts them, and
refused by a strict server."""
from __future__ import absolute_import, division, print_function

import base64

import pytest

from carryall.core.errors import RemoteProtocolError
from carryall.core.testing import play, transcript
from carryall.protocols.smtp import parse_mailbox, parse_path
from tests.protocols.smtp.stage import HELLO, Kept, server, serving


def read(data, utf8=False, sender=False):
    """((local part, domain), what follows), or the first octets of the refusal."""
    try:
        mailbox, rest = parse_path(data, utf8, sender, loose=True)
    except RemoteProtocolError as exc:
        return exc.reply[:9]
    return (mailbox and (mailbox.local, mailbox.domain)), rest


@pytest.mark.parametrize('data, expected', [
    (b'a@b.example', ((b'a', b'b.example'), b'')),
    (b'a@b.example SIZE=5', ((b'a', b'b.example'), b' SIZE=5')),
    (b'"a b"@b.example SIZE=5', ((b'a b', b'b.example'), b' SIZE=5')),
    (b'"a b"@b.example', ((b'a b', b'b.example'), b'')),
    (b'x <"a> b"@b.example>', ((b'a> b', b'b.example'), b'')),
    (b'a@[192.0.2.1]', ((b'a', b'[192.0.2.1]'), b'')),
    (b'< a@b.example > SIZE=5', ((b'a', b'b.example'), b' SIZE=5')),
    (b'Anna Smith <a@b.example>', ((b'a', b'b.example'), b'')),
    (b'"Smith, Anna" <a@b.example> SIZE=5', ((b'a', b'b.example'), b' SIZE=5')),
    (b'root AUTH=<>', ((b'root', b''), b' AUTH=<>')),
    (b'<a..b@c.example>', ((b'a..b', b'c.example'), b'')),
    (b'<.a@c.example>', ((b'.a', b'c.example'), b'')),
    (b'<a.@docomo.example>', ((b'a.', b'docomo.example'), b'')),
    (b'<a@my_host.example>', ((b'a', b'my_host.example'), b'')),
    (b'<a@_b._c>', ((b'a', b'_b._c'), b'')),
    (b'<a@-b-.example>', ((b'a', b'-b-.example'), b'')),
    (b'<a@b.example.>', ((b'a', b'b.example'), b'')),
    (b'<' + b'v' * 65 + b'@b.example>', ((b'v' * 65, b'b.example'), b'')),
    (b'<' + b'v' * 512 + b'@b.example>', ((b'v' * 512, b'b.example'), b'')),
    (b'<@r.example:a..b@c.example>', ((b'a..b', b'c.example'), b'')),
    (b'root', ((b'root', b''), b'')),
    (b'<root>', ((b'root', b''), b''))])
def test_paths_of_devices_are_accepted(data, expected):
    assert read(data) == expected
    with pytest.raises(RemoteProtocolError):
        parse_path(data)


@pytest.mark.parametrize('data', [
    b'', b'<>', b' ', b'@', b'a@', b'@b', b'<a@b', b'a@b>', b'a@b@c', b'<a@b@c>', b'<a b@c>',
    b'<a,b@c>', b'a@b..c', b'a@.b', b'a@b_..',
    b'<a@[1.2.3]>', b'a@[192.0.2.1', b'<(c)a@b>', b'"a@b', b'"a"b@c', b'<a\0@b>', b'<a\t@b>',
    b'<a\n@b>', b'<' + b'v' * 513 + b'@b>',
    b'<"' + b'v' * 70 + b'"@b>', b'a@' + b'l' * 64, b'<<a@b>>', b'x" <a@b>', b'"x <a@b>'])
def test_a_hopeless_path_is_refused(data):
    assert read(data) == b'501 5.1.3'


def test_the_null_sender():
    assert read(b'<>', sender=True) == (None, b'')
    assert read(b'< > SIZE=1', sender=True) == (None, b' SIZE=1')
    assert read(b'<@a:>', sender=True) == b'501 5.1.7'
    assert read(b'', sender=True) == b'501 5.1.7'


def test_utf8_is_asked_for_as_ever():
    wire = u'j\xfcrgen.@b.example'.encode('utf-8')
    assert read(wire) == b'553 5.6.7'
    assert read(wire, utf8=True) == ((wire.partition(b'@')[0], b'b.example'), b'')
    assert read(b'\xff@b', utf8=True) == b'501 5.1.3'


def test_an_odd_local_part_is_quoted_when_it_is_passed_on():
    mailbox, _ = parse_path(b'<a..b@c.example>', loose=True)
    assert mailbox.wire() == b'"a..b"@c.example'
    assert parse_mailbox(mailbox.wire(), loose=True) == mailbox
    with pytest.raises(RemoteProtocolError):
        parse_mailbox(b'root', loose=True)


def test_garbage_takes_no_time():
    for data in (b'"' + b'\\"' * 50000, b'<' + b'"a' * 50000, b'a ' * 50000 + b'<',
                 b'@a,' * 50000 + b'x', b'.' * 100000 + b'@b', b'a@' + b'.' * 100000):
        assert read(data) == b'501 5.1.3'


# -- whole dialogues -------------------------------------------------------------------------------

ANNA = base64.b64encode(b'anna').decode()
SECRET = base64.b64encode(b'secret').decode()


def test_a_camera_that_says_helo_and_logs_in():
    backend = Kept(accounts={u'anna': b'secret'})
    transcript(lambda loop: server(loop, backend, clear_auth=True),
               'S: 220 mx.example ESMTP carryall', 'C: HELO IP CAMERA', 'S: 250 mx.example',
               'C: AUTH LOGIN', 'S: 334 VXNlcm5hbWU6', 'C: ' + ANNA,
               'S: 334 UGFzc3dvcmQ6', 'C: ' + SECRET, 'S: 235 2.7.0 Authentication succeeded',
               'C: MAIL FROM: my_camera@192.168.1.64 SIZE=900',
               'S: 250 2.1.0 Ok', 'C: RCPT TO: anna@b.example', 'S: 250 2.1.5 Ok', 'C: DATA',
               'S: 354 Start mail input; end with <CRLF>.<CRLF>',
               'C: Subject: Motion', 'C: ', 'C: seen', 'C: .', 'S: 250 2.0.0 Ok: kept', 'C: QUIT',
               'S: 221 2.0.0 mx.example Service closing transmission channel',
               'S: <closed>')
    assert backend.mails[0][:2] == (b'my_camera@192.168.1.64', [b'anna@b.example'])


def test_a_cron_job_in_a_container():
    backend = Kept()
    transcript(lambda loop: server(loop, backend),
               'S: 220 mx.example ESMTP carryall', 'C: HELO my_container', 'S: 250 mx.example',
               'C: MAIL FROM:<root>', 'S: 250 2.1.0 Ok',
               'C: RCPT TO:root', 'S: 250 2.1.5 Ok', 'C: RCPT TO:<admin.@my_corp.example.>',
               'S: 250 2.1.5 Ok', 'C: DATA',
               'S: 354 Start mail input; end with <CRLF>.<CRLF>',
               'C: Subject: Cron <root@my_container> backup', 'C: ', 'C: done', 'C: .',
               'S: 250 2.0.0 Ok: kept', 'C: QUIT',
               'S: 221 2.0.0 mx.example Service closing transmission channel',
               'S: <closed>')
    assert backend.mails[0][:2] == (b'root@mx.example',
                                    [b'root@mx.example', b'"admin."@my_corp.example'])


def test_addresses_without_a_domain_get_that_of_the_backend():
    backend = Kept()
    backend.origin = b'a.example'
    play(serving(backend),
         HELLO + b'MAIL FROM:root\r\nRCPT TO:<anna>\r\nRCPT TO:<Postmaster>\r\nDATA\r\n.\r\n')
    assert backend.mails[0][:2] == (b'root@a.example', [b'anna@a.example', b'Postmaster'])


def test_a_sender_that_carries_its_recipient():
    verp = b'bounce-md_30850198.5f3a1c2e.v1-0a1b2c3d4e5f60718293a4b5c6d7e8f9-anna.maria.smith=long-name.example@mail.sender.example'
    backend = Kept()
    got = play(serving(backend), HELLO + b'MAIL FROM:<' + verp + b'> SIZE=10\r\n'
               b'RCPT TO:<anna@b.example>\r\nDATA\r\nx\r\n.\r\n')
    assert got.endswith(b'250 2.0.0 Ok: kept\r\n')
    assert backend.mails[0][0] == verp


@pytest.mark.parametrize('said, reply', [
    (b'EHLO IP CAMERA\r\n', b'501 5.5.4'), (HELLO + b'MAIL FROM:a@b\r\n', b'501 5.1.7'),
    (HELLO + b'MAIL FROM:<root>\r\n', b'501 5.1.7'),
    (HELLO + b'MAIL FROM:<a..b@c>\r\n', b'501 5.1.7'),
    (HELLO + b'MAIL FROM:<a@b_c>\r\n', b'501 5.1.7'),
    (HELLO + b'MAIL FROM:<' + b'v' * 65 + b'@b>\r\n', b'501 5.1.7'),
    (b'HELO c\r\nMAIL FROM:<a@b> SIZE=1\r\n', b'555 5.5.4')])
def test_a_strict_server_refuses_them(said, reply):
    got = play(serving(strict=True), said)
    assert got.split(b'\r\n')[-2][:9] == reply
