# Copyright the carryall authors.  See LICENSE.
"""The relay: two services in memory, one of which fails as the test wants."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.core.line.framing import LineProtocol
from carryall.core.testing import VirtualLoop
from carryall.protocols.smtp import ClientSettings, Outgoing, send
from carryall.services.mail.mailrelay import Schedule
from tests.services.mail.world import post, service, stored

OK = (250, b'2.0.0')
ANNA = {'username': u'anna', 'password': b'secret'}


class Failing(LineProtocol):
    """A server that says one thing to everything, or for each verb something else."""

    def __init__(self, words, log):
        LineProtocol.__init__(self)
        self._words = words
        self._log = log

    def connection_made(self, transport):
        LineProtocol.connection_made(self, transport)
        self.send_line(self._words.get(b'', b'220 x'))

    def line_received(self, line):
        self._log.append(line)
        verb = line[:4].upper()
        if verb == b'QUIT':
            self.send_line(b'221 bye')
            self.transport.close()
        elif verb in (b'EHLO', b'HELO', b'MAIL', b'RCPT', b'DATA', b'RSET') or line == b'.':
            self.send_line(self._words.get(verb, b'354 go' if verb == b'DATA' else b'250 ok'))


class Two(object):
    """a.example relays to b.example."""

    def __init__(self, tmpdir, *words):
        self.tmpdir = tmpdir
        self.loop = VirtualLoop({'b.example': ['192.0.2.2']})
        self.log = []
        self.near, self.ports = service(self.loop, tmpdir, '--smtp', 'tcp:0', '--pop3', 'none',
                                        '-d', 'a.example=TMP/a', '-u', 'anna=secret', '--hostname',
                                        'mx.a.example',
                                        '--route', 'b.example=127.0.0.1:2500', *words)

    def far_service(self, *words):
        self.far, _ = service(self.loop, self.tmpdir, '--smtp', 'tcp:2500', '--pop3', 'none', '-d',
                              'b.example=TMP/b', '-u', 'bert=geheim', *words)

    def far_failing(self, words):
        return self.loop.listen_tcp(lambda: Failing(words, self.log), '127.0.0.1', 2500)

    def post(self, to=(b'bert@b.example',), **given):
        got = self.loop.run_until(post(self.loop, self.ports['smtp'], b'anna@a.example', list(to),
                                       **dict(ANNA, **given)))
        assert got == [OK] * len(to)
        self.loop.advance(5.0)

    def queue(self):
        return sorted(name for name in os.listdir(str(self.tmpdir.join('a', '.spool', 'queue'))))

    def at_anna(self):
        return stored(self.tmpdir, 'a', 'anna')

    def tries(self):
        return sum(1 for line in self.log if line[:4] == b'MAIL')


def send_with(two, recipient, **dsn):
    """Sends a message of anna with these words of DSN."""
    mail = Outgoing(b'anna@a.example', [recipient], b'Subject: x\r\n\r\n', **dsn)
    two.loop.run_until(send(two.loop, '127.0.0.1', two.ports['smtp'], [mail],
                            ClientSettings(**ANNA)))
    two.loop.advance(5.0)


def test_mail_is_relayed(tmpdir):
    two = Two(tmpdir)
    two.far_service()
    two.post()
    mail, = stored(tmpdir, 'b', 'bert')
    assert mail.count(b'Received: ') == 2
    assert b'\n\nhello\n.dot\n' in mail
    assert mail.startswith(b'Return-Path: <anna@a.example>\n')
    assert two.queue() == []
    assert len(two.near.relay) == 0
    assert two.at_anna() == []


def test_a_message_refused_by_the_other_server_comes_back(tmpdir):
    two = Two(tmpdir)
    two.far_service()
    two.post((b'bert@b.example', b'nobody@b.example', b'anna@a.example'))
    assert len(stored(tmpdir, 'b', 'bert')) == 1
    assert two.queue() == []
    kinds = sorted(b'multipart/report' in mail for mail in two.at_anna())
    assert kinds == [False, True]
    bounce = [mail for mail in two.at_anna() if b'multipart/report' in mail][0]
    assert bounce.startswith(b'Return-Path: <>\n')
    assert b'Final-Recipient: rfc822; nobody@b.example\nAction: failed\nStatus: 5.1.1\n' in bounce
    assert b'bert@b.example' not in bounce.split(b'Reporting-MTA')[1].split(b'Content-Type')[0]


def test_trying_again_with_more_and_more_time_between(tmpdir):
    two = Two(tmpdir, '--retry', '100s', '--warn', '1h', '--give-up', '5h')
    listener = two.far_failing({b'RCPT': b'451 4.2.1 not now'})
    two.post()
    assert two.tries() == 1
    assert len(two.queue()) == 2
    for seconds, tries in ((90.0, 1), (20.0, 2), (180.0, 2), (30.0, 3)):
        two.loop.advance(seconds)
        assert two.tries() == tries
    two.loop.advance(7200.0)
    warning, = two.at_anna()
    assert b'Action: delayed' in warning
    assert b'Status: 4.2.1' in warning
    assert two.queue()
    two.loop.advance(6 * 3600.0)
    assert two.queue() == []
    assert len(two.at_anna()) == 2
    assert any(b'Action: failed\nStatus: 4.4.7' in mail for mail in two.at_anna())
    listener.close()


@pytest.mark.parametrize('words',
                         [{b'': b'421 busy'}, {b'': b'554 no'},
                          {b'EHLO': b'550 no', b'HELO': b'550 no'}, {b'MAIL': b'450 no'},
                          {b'DATA': b'451 no'}, {b'.': b'452 no'}, None,
                                   {b'': b'garbage'}])
def test_a_temporary_failure_is_retried(tmpdir, words):
    two = Two(tmpdir, '--retry', '100s')
    listener = two.far_failing(words) if words is not None else None
    two.post()
    permanent = words in ({b'': b'554 no'}, {b'EHLO': b'550 no', b'HELO': b'550 no'})
    assert len(two.at_anna()) == (1 if permanent else 0)
    assert bool(two.queue()) is not permanent
    if listener is not None:
        listener.close()
    two.far_service()
    two.loop.advance(200.0)
    assert len(stored(tmpdir, 'b', 'bert')) == (0 if permanent else 1)
    assert two.queue() == []


def test_the_state_survives(tmpdir):
    two = Two(tmpdir, '--retry', '1h')
    listener = two.far_failing({b'RCPT': b'451 4.2.1 not now'})
    two.post()
    two.loop.run_until(two.near.stop(1.0))
    listener.close()
    again = Two(tmpdir, '--retry', '1h')
    again.loop.advance(60.0)
    assert again.tries() == 0
    again.far_service()
    again.loop.advance(3600.0)
    assert len(stored(tmpdir, 'b', 'bert')) == 1
    assert again.queue() == []


def test_no_report_about_a_report(tmpdir):
    two = Two(tmpdir, '--relay-network', '127.0.0.1')
    two.far_service()
    got = two.loop.run_until(post(two.loop, two.ports['smtp'], b'', [b'nobody@b.example']))
    two.loop.advance(10.0)
    assert got == [OK]
    assert two.queue() == []
    assert two.at_anna() == []
    assert stored(tmpdir, 'a', 'postmaster') == []


def test_a_report_reaches_a_remote_sender_or_is_dropped(tmpdir, expect_log):
    expect_log('the report is dropped')
    two = Two(tmpdir, '--relay-network', '127.0.0.1')
    two.far_service()
    for sender in (b'bert@b.example', b'gone@a.example'):
        two.loop.run_until(post(two.loop, two.ports['smtp'], sender, [b'nobody@b.example']))
        two.loop.advance(10.0)
    assert b'multipart/report' in stored(tmpdir, 'b', 'bert')[0]
    assert two.queue() == []


@pytest.mark.parametrize('sender', [b'x..y.@a.example', b'v' * 200 + b'@a.example'])
def test_a_report_to_a_sender_that_no_grammar_allows(tmpdir, sender):
    two = Two(tmpdir, '--relay-network', '127.0.0.1', '-b')
    two.far_service()
    two.loop.run_until(post(two.loop, two.ports['smtp'], sender, [b'nobody@b.example']))
    two.loop.advance(10.0)
    assert b'multipart/report' in stored(two.tmpdir, 'a', 'postmaster')[0]


def test_a_domain_that_takes_no_mail(tmpdir):
    two = Two(tmpdir)
    two.post((b'x@' + b'l' * 60 + b'.' + b'[x-tag:y]'[:0] + b'nowhere.example',))
    assert two.queue() != []
    two.post((b'x@[x-tag:y]',))
    assert any(b'Status: 5.1.2' in mail for mail in two.at_anna())


@pytest.mark.parametrize('words, told', [({}, 1), ({b'EHLO': b'250-x\r\n250 DSN'}, 0)])
def test_only_a_server_that_takes_no_dsn_makes_us_report_that_mail_was_relayed(tmpdir, words, told):
    two = Two(tmpdir)
    two.far_failing(words)
    send_with(two, b'bert@b.example', notify=[b'SUCCESS'], envid=b'Q1')
    assert len(two.at_anna()) == told
    if told:
        assert b'Action: relayed' in two.at_anna()[0]
        assert b'Original-Envelope-Id: Q1' in two.at_anna()[0]
    assert any(b'NOTIFY=SUCCESS' in line for line in two.log) is not bool(told)


@pytest.mark.parametrize('notify, told',
                         [(b'SUCCESS', 1), (b'SUCCESS,FAILURE', 1), (b'FAILURE,DELAY', 0),
                          (b'NEVER', 0), (None, 0)])
def test_success_at_a_mailbox_of_ours_is_told_if_asked_for(tmpdir, notify, told):
    two = Two(tmpdir)
    send_with(two, b'anna+box@a.example', notify=[notify], envid=b'Q1', orcpt=[b'rfc822;x@y'])
    reports = [mail for mail in two.at_anna() if b'multipart/report' in mail]
    assert len(two.at_anna()) == 1 + told
    assert len(reports) == told
    if told:
        assert b'Original-Envelope-Id: Q1' in reports[0]
        assert (b'Original-Recipient: rfc822; x@y\nFinal-Recipient: rfc822; anna+box@a.example\n'
                b'Action: delivered\nStatus: 2.0.0\n') in reports[0]
    assert two.queue() == []


def test_success_is_told_by_the_server_that_has_the_mailbox_and_no_other(tmpdir):
    two = Two(tmpdir)
    two.far_service('--route', 'a.example=127.0.0.1:%d' % two.ports['smtp'])
    send_with(two, b'bert@b.example', notify=[b'SUCCESS'])
    report, = two.at_anna()
    assert b'Action: delivered' in report
    assert b'Final-Recipient: rfc822; bert@b.example' in report


def test_so_many_connections_to_one_domain(tmpdir):
    two = Two(tmpdir)
    seen = [0]
    most = [0]

    class Slow(Failing):
        def connection_made(self, transport):
            seen[0] += 1
            most[0] = max(most[0], seen[0])
            self.transport = transport
            two.loop.call_later(2.0, self.send_line, b'220 x')

        def connection_lost(self, exc):
            seen[0] -= 1

    two.loop.listen_tcp(lambda: Slow({}, two.log), '127.0.0.1', 2500)
    for _ in range(12):
        assert two.loop.run_until(post(two.loop, two.ports['smtp'], b'anna@a.example',
                                       [b'bert@b.example'], **ANNA)) == [OK]
    two.loop.advance(100.0)
    assert two.queue() == []
    assert two.tries() == 12
    assert 1 < most[0] <= 5


def test_etrn_tries_at_once(tmpdir):
    two = Two(tmpdir, '--retry', '1h')
    two.post()
    assert two.near.relay.flush(b'other.example') == 0
    two.far_service()
    assert two.near.relay.flush(b'b.example') == 1
    two.loop.advance(5.0)
    assert len(stored(tmpdir, 'b', 'bert')) == 1


def test_the_schedule_doubles_the_waits():
    schedule = Schedule(first=10.0, most=100.0)
    assert [schedule.wait(attempts) for attempts in (1, 2, 3, 4, 5, 100)] == [10.0, 20.0, 40.0,
                                                                              80.0, 100.0, 100.0]
