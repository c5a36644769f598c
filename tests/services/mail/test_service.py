# Copyright the carryall authors.  See LICENSE.
"""The mail service as a whole: on every backend with real sockets, and in memory with virtual
time."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.core.errors import CarryallError, ListenFailed, UsageError
from carryall.core.future import Return, coroutine, gather, sleep
from carryall.commands.catalogue import known_types
from carryall.core.testing import VirtualLoop
from carryall.core.tls import TLSContext
from carryall.protocols.pop3 import POP3Error
from carryall.protocols.smtp import SMTPClient, SMTPError
from tests.services.mail.world import MESSAGE, fetch, ports_of, post, service, stored
from tests.support.activity import watch
from tests.support.pipes import make_pipe

HERE = ('--smtp', 'tcp:0', '--pop3', 'tcp:0', '-d', 'a.example=TMP/a', '-u', 'anna=secret', '-u',
        'bert=geheim')


def test_the_type_is_known():
    kind = known_types().get('mail')
    values = kind.options.parse(['-d', 'a.example=m', '--smtp', 'tcp:0'])
    assert kind.endpoints(values) == [u'tcp:0:interface=127.0.0.1', u'tcp:8110:interface=127.0.0.1']
    assert kind.check(values) == []
    assert kind.make(values).name == 'mail'


def test_mail_goes_in_and_out(loop, tmpdir):
    made, ports = service(loop, tmpdir, *HERE)

    @coroutine
    def talk():
        first = yield post(loop, ports['smtp'], b'x@far.example',
                           [b'anna@a.example', b'bert@a.example', b'nobody@a.example',
                            b'y@other.example'])
        waiting = True
        while waiting:
            there = yield fetch(loop, ports['pop3'], u'bert', b'geheim')
            waiting = not there
            yield sleep(loop, 0.01)
        mails = yield fetch(loop, ports['pop3'], u'anna@a.example', b'secret', True, 'APOP')
        again = yield fetch(loop, ports['pop3'], u'anna', b'secret')
        yield made.stop(5.0)
        raise Return((first, mails, again))

    first, mails, again = loop.run_until(talk())
    assert first == [(250, b'2.0.0'), (250, b'2.0.0'), (550, b'5.1.1'), (554, b'5.7.1')]
    assert len(mails) == 1
    assert again == []
    assert mails[0].endswith(MESSAGE)
    lines = mails[0].split(b'\r\n')
    assert lines[0] == b'Return-Path: <x@far.example>'
    assert lines[1] == b'Delivered-To: anna@a.example'
    assert lines[2].startswith(b'Received: from localhost ([127.0.0.1])')
    assert os.listdir(str(tmpdir.join('a', '.spool',
                                      'journal'))) == [] == os.listdir(str(tmpdir.join('a',
                                                                                       '.spool',
                                                                                       'queue')))


def test_tls_and_submission(loop, tmpdir):
    if not loop.caps.tls:
        pytest.skip(loop.caps.why_not('tls'))
    from carryall.core.tls.authority import self_signed
    pem = tmpdir.join('server.pem')
    pair = self_signed([u'localhost', u'127.0.0.1'], loop.wall())
    pem.write_binary(pair.certificate + pair.key)
    made, ports = service(loop, tmpdir, '--certificate', 'TMP/server.pem', '--submission', 'tcp:0',
                          '--submissions', 'tcp:0', '--pop3s', 'tcp:0', *HERE)
    context = TLSContext(trust=str(pem))

    @coroutine
    def talk():
        seen = []
        for name, tls in (('submission', 'must'), ('submissions', 'wrapped')):
            got = yield post(loop, ports[name], b'anna@a.example', [b'bert@a.example'],
                             tls=context, policy=tls, username=u'anna', password=b'secret')
            seen.append(got)
        for given in ({'policy': 'none'}, {'tls': context, 'policy': 'must'}):
            try:
                got = yield post(loop, ports['submission'], b'anna@a.example', [b'bert@a.example'],
                                 **given)
                seen.append(got)
            except SMTPError as exc:
                seen.append(exc.reply.code)
        there = []
        while len(there) < 2:
            there = yield fetch(loop, ports['pop3'], u'bert', b'geheim', context=context)
            yield sleep(loop, 0.01)
        try:
            yield fetch(loop, ports['pop3'], u'bert', b'geheim', mechanism='USER')
        except POP3Error as exc:
            seen.append(exc.code)
        made.reload()
        got = yield post(loop, ports['smtp'], b'x@far', [b'bert@a.example'], tls=context,
                         policy='must')
        seen.append(got)
        yield made.stop(5.0)
        raise Return(seen)

    seen = loop.run_until(talk())
    assert seen == [[(250, b'2.0.0')], [(250, b'2.0.0')], [(530, b'5.7.0')], [(530, b'5.7.0')],
                    b'AUTH', [(250, b'2.0.0')]], seen
    assert b'with ESMTPSA id' in stored(tmpdir, 'a', 'bert')[0]
    assert b'Message-ID: <' in stored(tmpdir, 'a', 'bert')[0]


def test_a_stop_finishes_what_was_begun_and_the_next_run_goes_on(tmpdir):
    loop = VirtualLoop()
    made, ports = service(loop, tmpdir, *HERE)
    sent = post(loop, ports['smtp'], b'anna@a.example', [b'x@far.example'], username=u'anna',
                password=b'secret')
    assert loop.run_until(sent) == [(250, b'2.0.0')]
    loop.run_until(made.stop(1.0))
    assert len(os.listdir(str(tmpdir.join('a', '.spool', 'queue')))) == 2, 'no state, or no message'
    loop.close()
    loop = VirtualLoop()
    made, ports = service(loop, tmpdir, *HERE)
    assert len(made.relay) == 1
    loop.run_until(made.stop(1.0))
    loop.run_until(made.stop(1.0))


def test_two_services_do_not_work_on_one_spool(loop, tmpdir):
    if not loop.caps.unix or len(str(tmpdir)) > 70:
        pytest.skip('there is no lock here')
    made, _ = service(loop, tmpdir, *HERE)
    with pytest.raises(ListenFailed):
        service(loop, tmpdir, *HERE)
    loop.run_until(made.stop(1.0))
    other, _ = service(loop, tmpdir, *HERE)
    loop.run_until(other.stop(1.0))


def test_a_port_that_is_taken_leaves_nothing_behind(tmpdir):
    loop = VirtualLoop()
    made, ports = service(loop, tmpdir, *HERE)
    with pytest.raises(ListenFailed):
        service(loop, tmpdir, '-d', 'b.example=TMP/b', '--smtp', 'tcp:0', '--pop3',
                'tcp:%d' % ports['pop3'])
    other, _ = service(loop, tmpdir, '-d', 'b.example=TMP/b', '--smtp', 'tcp:0', '--pop3', 'tcp:0')
    assert len(ports_of(other)) == 2


@pytest.mark.parametrize('words',
                         [('-A', 'TMP/broken'), ('--passwordfile', 'TMP/nowhere'),
                          ('-d', 'c.example=TMP/broken/x')])
def test_a_bad_setting_is_reported_at_the_start(tmpdir, words):
    tmpdir.join('broken').write('no alias')
    with pytest.raises(UsageError):
        service(VirtualLoop(), tmpdir, *(HERE + words))


def test_a_certificate_that_is_none_is_said_at_the_start_and_not_to_the_first_client(loop, tmpdir):
    if not loop.caps.tls:
        pytest.skip(loop.caps.why_not('tls'))
    tmpdir.join('broken').write('no certificate')
    with pytest.raises(CarryallError):
        service(loop, tmpdir, '-c', 'TMP/broken', *HERE)


def test_reload_reads_aliases_again(tmpdir):
    tmpdir.join('aliases').write('all: anna\n')
    loop = VirtualLoop()
    made, ports = service(loop, tmpdir, '-A', 'TMP/aliases', *HERE)
    assert loop.run_until(post(loop, ports['smtp'], b'',
                               [b'all@a.example', b'both@a.example'])) == [(250, b'2.0.0'),
                                                                           (550, b'5.1.1')]
    tmpdir.join('aliases').write('both: anna, bert\n')
    made.reload()
    assert loop.run_until(post(loop, ports['smtp'], b'',
                               [b'all@a.example', b'both@a.example'])) == [(550, b'5.1.1'),
                                                                           (250, b'2.0.0')]
    tmpdir.join('aliases').write('broken')
    with pytest.raises(UsageError):
        made.reload()
    loop.run_until(made.stop(1.0))
    assert len(stored(tmpdir, 'a', 'anna')) == 2
    assert len(stored(tmpdir, 'a', 'bert')) == 1


def test_too_many_connections(tmpdir):
    loop = VirtualLoop()
    made, ports = service(loop, tmpdir, '--max-per-address', '1', *HERE)
    first = loop.run_until(loop.connect_tcp(_Silent, '127.0.0.1', ports['smtp']))
    with pytest.raises(SMTPError):
        loop.run_until(post(loop, ports['smtp'], b'', [b'anna@a.example']))
    first[0].close()
    loop.run_until(made.stop(1.0))


class _Silent(object):
    def connection_made(self, transport):
        pass

    data_received = connection_made
    connection_lost = data_received

    def eof_received(self):
        pass


def test_vrfy_and_xclient_work_if_enabled(tmpdir):
    loop = VirtualLoop()
    talk = [b'EHLO x', b'VRFY anna', b'VRFY nobody', b'EXPN anna', b'XCLIENT ADDR=192.0.2.9',
            b'EHLO y', b'MAIL FROM:<>', b'RCPT TO:<anna@a.example>']
    said = {}
    for words in ((), ('--vrfy', '--proxy-network', '127.0.0.0/8'),
                  ('--proxy-network', '192.0.2.0/24')):
        made, ports = service(loop, tmpdir, *(HERE + words))
        _, client = loop.run_until(loop.connect_tcp(lambda: SMTPClient(loop), '127.0.0.1',
                                                    ports['smtp']))
        replies = [loop.run_until(client.greeting)]
        for line in talk:
            replies.append(loop.run_until(client.command(line)))
        said[words] = [reply.code for reply in replies[1:]]
        loop.run_until(made.stop(1.0))
    assert said[()] == [250, 252, 252, 502, 550, 250, 250, 250]
    assert said[('--vrfy', '--proxy-network', '127.0.0.0/8')] == [250, 250, 550, 550, 220, 250, 250,
                                                                  250]
    assert said[('--proxy-network', '192.0.2.0/24')] == said[()], 'of others it is not believed'


@coroutine
def posted_and_fetched(loop, ports, user, count):
    """A Future of None, when a mailbox to which one more message was sent has so many."""
    replies = yield post(loop, ports['smtp'], b's@x.example', [user + b'@a.example'])
    assert replies == [(250, b'2.0.0')]
    there = []
    while len(there) < count:
        yield sleep(loop, 0.05)
        there = yield fetch(loop, ports['pop3'], user.decode('ascii'), b'secret')


@pytest.mark.parametrize('words', [('--durable',), ('--no-durable',), ('--mailboxes', 'mbox')])
def test_pipes_in_sixteen_mailboxes_hold_up_no_client(loop, tmpdir, words, expect_log):
    for text in ('failed', 'is tried again', 'cannot be stored'):
        expect_log(text, required=False)
    users = [b'u%02d' % number for number in range(20)]
    accounts = [word for user in users for word in ('-u', '%s=secret' % user.decode('ascii'))]
    made, ports = service(loop, tmpdir, '--smtp', 'tcp:0', '--pop3', 'tcp:0', '-d',
                          'a.example=TMP/a', *(accounts + list(words)))
    mbox = 'mbox' in words
    for user in users[:16]:
        if mbox:
            make_pipe(str(tmpdir.join('a')), user.decode('ascii'))
            continue
        for folder in ('new', 'cur'):
            path = tmpdir.join('a', user.decode('ascii'), folder).ensure(dir=True)
            make_pipe(str(path), '1.pipe')
    asked = [fetch(loop, ports['pop3'], user.decode('ascii'), b'secret') for user in users[:16]]
    loop.run_until(gather([posted_and_fetched(loop, ports, user, 1) for user in users[16:]]))
    for future in asked:
        if mbox:
            with pytest.raises(POP3Error):
                loop.run_until(future)
        else:
            assert loop.run_until(future) == []
    if not mbox:
        loop.run_until(gather([posted_and_fetched(loop, ports, user, 1) for user in users[:16]]))
    loop.run_until(made.stop(1.0))


def test_messages_and_logins_are_told_to_the_activity(loop, tmpdir):
    told = watch(loop)
    made, ports = service(loop, tmpdir, *HERE)
    loop.run_until(post(loop, ports['smtp'], b'x@far.example', [b'anna@a.example',
                                                               b'nobody@a.example']))
    loop.run_until(made.stop(5.0))
    rows = [row[:4] for row in told.rows]
    assert rows[0] == (u'smtp', u'127.0.0.1', u'RCPT TO:<nobody@a.example>',
                       u'550 5.1.1 No such user here')
    assert rows[1][:3] == (u'smtp', u'127.0.0.1',
                           u'message from <x@far.example> to <anna@a.example>')
    assert rows[1][3].startswith(u'250 2.0.0 Ok: queued as ')
    assert told.rows[1][4] > len(MESSAGE)


def test_fetched_messages_are_told_to_the_activity(loop, tmpdir):
    told = watch(loop)
    made, ports = service(loop, tmpdir, *HERE)
    loop.run_until(post(loop, ports['smtp'], b'x@far.example', [b'anna@a.example']))

    @coroutine
    def fetched():
        found = []
        while not found:
            found = yield fetch(loop, ports['pop3'], u'anna', b'secret')
        raise Return(found)

    loop.run_until(fetched())
    loop.run_until(made.stop(5.0))
    rows = [row for row in told.rows if row[0] == u'pop3']
    assert rows[0][1:4] == (u'127.0.0.1', u'login anna', u'success')
    assert rows[-1][1:4] == (u'anna@127.0.0.1', u'RETR 1', u'sent')
