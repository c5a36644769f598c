# Copyright the carryall authors.  See LICENSE.
"""Mail that is handed over: LMTP, SMTP, HTTP, programs; what is refused, what is tried again."""
from __future__ import absolute_import, division, print_function

import os
import sys

import pytest

from carryall.core.errors import Unsupported, UsageError
from carryall.core.future import Return, coroutine, sleep
from carryall.core.net.protocol import Protocol
from carryall.core.testing import VirtualLoop
from carryall.protocols.smtp import SMTPServer, Settings
from carryall.services.mail.transports import HandOver
from carryall.services.mail.options import SCHEMA
from tests.protocols.smtp.stage import Kept
from tests.services.mail.world import MESSAGE, post, service, stored

OK = (250, b'2.0.0')


class Handing(object):
    """One service; b.example is handed over."""

    def __init__(self, tmpdir, target, *words):
        self.tmpdir = tmpdir
        self.loop = VirtualLoop()
        self.made, self.ports = service(self.loop, tmpdir, '--smtp', 'tcp:0', '--pop3', 'none',
                                        '-d', 'a.example=TMP/a', '-u', 'anna=secret', '--hand-over',
                                        'B.example=' + target, *words)

    def post(self, to=(b'bert@b.example',), sender=b'anna@a.example', seconds=5.0):
        got = self.loop.run_until(post(self.loop, self.ports['smtp'], sender, list(to)))
        self.loop.advance(seconds)
        assert not self.loop.failures, '%r' % (self.loop.failures,)
        return got

    def queue(self):
        return sorted(name for name in os.listdir(str(self.tmpdir.join('a', '.spool', 'queue'))))

    def at_anna(self):
        return stored(self.tmpdir, 'a', 'anna')


@pytest.mark.parametrize('kind', ['lmtp', 'smtp'])
def test_to_a_server(tmpdir, kind):
    """Every sender and recipient is accepted; with LMTP each recipient gets its own verdict."""
    stage = Handing(tmpdir, kind + ':127.0.0.1:2424')
    kept = Kept()
    stage.loop.listen_tcp(lambda: SMTPServer(kept, stage.loop, Settings(lmtp=kind == 'lmtp')),
                          '127.0.0.1', 2424)
    assert stage.post([b'bert@B.example', b'full@b.example', b'nobody@b.example',
                       b'x@c.example']) == [OK, OK, OK, (554, b'5.7.1')]
    mail, = kept.mails
    assert mail[0] == b'anna@a.example'
    assert b'\r\n' + MESSAGE in mail[2]
    assert mail[2].startswith(b'Received: ')
    report, = stage.at_anna()
    assert b'Final-Recipient: rfc822; nobody@b.example' in report
    assert b'Status: 5.1.1' in report
    assert len(stage.queue()) == (2 if kind == 'lmtp'
                                  else 0), 'full@ is tried again, with LMTP alone'


def test_a_missing_server_is_tried_again(tmpdir):
    stage = Handing(tmpdir, 'lmtp:127.0.0.1:2424')
    kept = Kept()
    assert stage.post() == [OK]
    assert len(stage.queue()) == 2
    stage.loop.listen_tcp(lambda: SMTPServer(kept, stage.loop, Settings(lmtp=True)), '127.0.0.1',
                          2424)
    stage.loop.advance(301.0)
    assert len(kept.mails) == 1
    assert stage.queue() == []


class Web(Protocol):
    """Answers every request with one status, when all of it has come."""

    def __init__(self, status, heard):
        self.status = status
        self.heard = heard
        self.data = b''

    def data_received(self, data):
        self.data += data
        head, blank, body = self.data.partition(b'\r\n\r\n')
        length = [line.partition(b':')[2] for line in head.split(b'\r\n')
                  if line.lower().startswith(b'content-length:')]
        if blank and len(body) == int(length[0]):
            self.heard.append((head, body))
            self.transport.write(b'HTTP/1.1 %d X\r\nContent-Length: 0\r\nLocation: /other\r\n\r\n'
                                 % self.status)


@pytest.mark.parametrize('status, left, reports',
                         [(200, 0, 0), (204, 0, 0), (404, 0, 1), (429, 2, 0), (500, 2, 0),
                          (302, 2, 0)])
def test_to_a_web_server(tmpdir, status, left, reports):
    stage = Handing(tmpdir, 'http://127.0.0.1:8080/mail?x=1')
    heard = []
    stage.loop.listen_tcp(lambda: Web(status, heard), '127.0.0.1', 8080)
    assert stage.post([b'bert@b.example', b'"a %\\"b"@b.example']) == [OK, OK]
    (head, body), = heard
    lines = head.split(b'\r\n')
    assert lines[0] == b'POST /mail?x=1 HTTP/1.1'
    assert b'Content-Type: message/rfc822' in lines
    assert b'X-Envelope-From: <anna@a.example>' in lines
    assert sorted([line for line in lines
                   if line.startswith(
                       b'X-Envelope-To')][0][15:].split(b' ')) == [b'"a%20%25\\"b"@b.example',
                                                                   b'bert@b.example']
    assert body.startswith(b'Received: ')
    assert body.endswith(MESSAGE)
    assert len(stage.queue()) == left
    assert len(stage.at_anna()) == reports


def test_a_web_server_that_does_not_answer(tmpdir):
    stage = Handing(tmpdir, 'http://127.0.0.1:8080/')
    stage.loop.listen_tcp(Protocol, '127.0.0.1', 8080)
    assert stage.post(seconds=700.0) == [OK]
    assert len(stage.queue()) == 2


@pytest.mark.parametrize('status, left, reports', [(0, 0, 0), (75, 1, 0), (67, 0, 1), (1, 1, 0)])
def test_to_a_program(loop, tmpdir, status, left, reports):
    if not loop.caps.subprocesses:
        pytest.skip(loop.caps.why_not('subprocesses'))
    if sys.platform.startswith('win') or not os.path.exists('/bin/sh'):
        pytest.skip('there is no /bin/sh')
    program = tmpdir.join('take')
    out = tmpdir.join('out')
    program.write('#!/bin/sh\n{ echo "$# $SENDER"; echo "$RECIPIENTS"; cat; } > "%s"\necho sorry '
                  '>&2\nexit %d\n' % (out, status))
    os.chmod(str(program), 0o755)
    made, ports = service(loop, tmpdir, '--smtp', 'tcp:0', '--pop3', 'none', '-d',
                          'a.example=TMP/a', '-u', 'anna=secret', '--hand-over',
                          'b.example=pipe:%s' % program)
    queue = str(tmpdir.join('a', '.spool', 'queue'))

    @coroutine
    def talk():
        got = yield post(loop, ports['smtp'], b'anna@a.example',
                         [b'-x.y@b.example', b'b@b.example'])
        for _ in range(1000):
            there = [os.path.splitext(name)[1] for name in os.listdir(queue)]
            if os.path.exists(str(out)) and sorted(there) == ['.msg', '.state'][:2 * left]:
                break
            yield sleep(loop, 0.02)
        yield made.stop(5.0)
        raise Return(got)

    assert loop.run_until(talk()) == [OK, OK]
    lines = out.read('rb').split(b'\n')
    assert lines[0] == b'0 anna@a.example', lines[:4]
    assert sorted(lines[1:3]) == [b'-x.y@b.example', b'b@b.example'], lines[:4]
    assert lines[3].startswith(b'Received: ')
    assert out.read('rb').endswith(MESSAGE.replace(b'\r\n', b'\n'))
    assert len(os.listdir(queue)) == 2 * left
    assert len(stored(tmpdir, 'a', 'anna')) == reports


def test_a_loop_that_starts_no_programs_says_so_at_the_start(tmpdir):
    with pytest.raises(Unsupported):
        Handing(tmpdir, 'pipe:/bin/cat')


@pytest.mark.parametrize('text',
                         [u'', u'x', u'lmtp:', u'lmtp:host', u'lmtp:host:0', u'smtp:/socket',
                          u'http:', u'http://', u'pipe:cat', u'pipe:', u'ftp://x/'])
def test_a_bad_target_is_refused(text):
    with pytest.raises(UsageError):
        HandOver().check(text)


@pytest.mark.parametrize('words',
                         [['-d', 'a.example=m', '--hand-over', 'a.example=lmtp:h:24'],
                          ['--hand-over', 'a.example=lmtp:h:24'],
                                   ['--queue', 'q', '--hand-over', 'b.example=lmtp:h:24',
                                    '--hand-over', 'b.example=lmtp:h:25']])
def test_options_that_contradict(words):
    with pytest.raises(UsageError):
        SCHEMA.parse(words)


def test_lmtp_over_a_unix_socket(loop, tmpdir):
    if not loop.caps.unix:
        pytest.skip(loop.caps.why_not('unix'))
    kept = Kept()
    path = str(tmpdir.join('lmtp'))
    listener = loop.listen_unix(lambda: SMTPServer(kept, loop, Settings(lmtp=True)), path)
    made, ports = service(loop, tmpdir, '--smtp', 'tcp:0', '--pop3', 'none', '--queue', 'TMP/q',
                          '--hand-over', 'b.example=lmtp:' + path)

    @coroutine
    def talk():
        yield post(loop, ports['smtp'], b'x@y.example', [b'bert@b.example'])
        while not kept.mails:
            yield sleep(loop, 0.01)
        yield made.stop(5.0)
        listener.close()

    loop.run_until(talk())
    assert kept.mails[0][:2] == (b'x@y.example', [b'bert@b.example'])
