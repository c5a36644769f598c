# Copyright the carryall authors.  See LICENSE.
"""The service type ``dns``: options, zones, rights, reload, changes that survive."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.commands.catalogue import known_types
from carryall.core.errors import UsageError
from carryall.core.testing import VirtualLoop
from carryall.protocols.dns import (KeyRing, Message, Question, ResourceRecord, TSIGKey, connect,
                                    exchange, parse_name, query)
from carryall.services.dns.service import TYPE

ZONE = b'$TTL 60\n@ SOA ns a 1 3600 900 604800 5\n NS ns\nns A 127.0.0.1\nwww A 192.0.2.1\n'
ORIGIN = parse_name(u'example.')
SERVER = ('127.0.0.1', 5300)
KEY = 'writer hmac-sha256 MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=\n'
WRITER = TSIGKey(parse_name(u'writer.'), u'hmac-sha256', b'12345678901234567890123456789012')


class Started(object):
    """A service in memory."""

    def __init__(self, tmpdir, *more, **given):
        self.tmpdir = tmpdir
        self.zone = tmpdir.join('example')
        if not self.zone.check():
            self.zone.write(ZONE)
        self.loop = given.get('loop') or VirtualLoop()
        words = ['-p', given.get('port', 'tcp:5300'), '-z', 'example=' + str(self.zone)]
        if given.get('plain'):
            words = words[:2]
        self.service = TYPE.make(TYPE.options.parse(words + list(more)))
        self.service.start(self.loop)

    def ask(self, text, kind=1, server=SERVER):
        reply = self.loop.run_until(exchange(self.loop, server, query(parse_name(text), kind)))
        return reply.rcode, [each.text() for each in reply.answers]

    def update(self, text, signer=None):
        message = Message(0, 5 << 11)
        message.questions = [Question(ORIGIN, 6)]
        message.authority = [ResourceRecord(parse_name(text), 1, 1, 60, b'\1\2\3\4')]
        return self.loop.run_until(exchange(self.loop, SERVER, message, signer=signer)).rcode

    def stop(self):
        self.loop.run_until(self.service.stop(0.0))


def test_the_registry_has_the_type():
    assert known_types().get('dns') is TYPE


def test_a_zone_is_served_over_datagrams_and_streams(tmpdir):
    started = Started(tmpdir)
    assert started.ask(u'www.example.') == (0, [u'www.example. 60 IN A 192.0.2.1'])
    assert started.ask(u'www.test.')[0] == 5
    client = started.loop.run_until(connect(started.loop, *SERVER))
    reply = started.loop.run_until(client.ask(query(ORIGIN, 6)))
    assert len(reply.answers) == 1
    assert len(started.service.listening()) == 2
    client.close()
    started.stop()
    assert started.service.listening() == []


@pytest.mark.parametrize('words, part', [
    ([], u'nothing to serve'), (['-z', 'example'], u'ZONE'), (['-z', 'a..b=x'], u'a..b'),
    (['-z', 'a=x', '-z', 'A.=y'], u'twice'), (['-z', 'a=x', '--transfer', 'key:a'], u'--keys'),
    (['--secondary', '192.0.2.1/a'], u'--folder'), (['-z', 'a=x', '--update', '::1'], u'--folder'),
    (['--secondary', 'host/a', '--folder', 'x'], u'192.0.2.1'),
    (['--secondary', '192.0.2.1:0/a', '--folder', 'x'], u'192.0.2.1'),
    (['-z', 'a=x', '--transfer', '192.0.2.1/99'], u'192.0.2.1/99'),
    (['-z', 'a=x', '--notify', 'b'], u'"b"')])
def test_a_wrong_command_line_is_one_sentence(words, part):
    with pytest.raises(UsageError) as caught:
        TYPE.options.parse(words)
    assert part in caught.value.message


@pytest.mark.parametrize('data, part', [
    (b'www A 192.0.2.1\n', u'example:1'), (b'$TTL 1\nwww A 192.0.2.1\n', u'no SOA'),
    (b'$TTL 1\n$INCLUDE ../other\n', u'outside'), (b'$TTL 1\n$INCLUDE other\n', u'cannot be read')])
def test_a_zone_that_is_wrong_is_not_served(tmpdir, data, part):
    tmpdir.join('example').write(data)
    with pytest.raises(UsageError) as caught:
        Started(tmpdir)
    assert part in caught.value.message


def test_a_reload_reads_the_zone_again(tmpdir):
    started = Started(tmpdir)
    started.zone.write(ZONE.replace(b'192.0.2.1', b'192.0.2.2'))
    started.service.reload()
    assert started.ask(u'www.example.')[1] == [u'www.example. 60 IN A 192.0.2.2']
    started.zone.write(b'broken')
    with pytest.raises(UsageError):
        started.service.reload()
    assert started.ask(u'www.example.')[1] == [u'www.example. 60 IN A 192.0.2.2']


def test_a_change_needs_a_right_and_survives(tmpdir):
    tmpdir.join('keys').write(KEY)
    folder = tmpdir.mkdir('changes')
    words = ['--keys', str(tmpdir.join('keys')), '--update', 'key:writer', '--folder', str(folder)]
    started = Started(tmpdir, *words)
    assert started.update(u'new.example.') == 5
    assert started.update(u'new.example.', KeyRing([WRITER]).first()) == 0
    assert started.ask(u'new.example.')[1] == [u'new.example. 60 IN A 1.2.3.4']
    again = Started(tmpdir, *words)         # as after kill -9: nothing was closed
    assert again.ask(u'new.example.')[1] == [u'new.example. 60 IN A 1.2.3.4']
    assert again.ask(u'example.', 6)[1][0].split()[6] == u'2'


def test_a_transfer_needs_a_right(tmpdir):
    for words, count in (([], None), (['--transfer', '127.0.0.0/8'], 4)):
        started = Started(tmpdir, *words)
        client = started.loop.run_until(connect(started.loop, *SERVER))
        done = client.transfer(ORIGIN)
        started.loop.run_until(done.then(None, lambda exc: None))
        assert (done.exception() is None) == (count is not None)
        if count:
            assert len(list(done.result().zone.records())) == count


def test_only_clients_of_the_networks_are_answered(tmpdir):
    started = Started(tmpdir, '--allow', '192.0.2.0/24')
    assert started.ask(u'www.example.')[0] == 5


def test_a_file_may_be_named_after_its_zone(tmpdir):
    path = tmpdir.join('example.org.zone')
    path.write(ZONE)
    started = Started(tmpdir, '--bindzone', str(path), plain=True)
    assert started.ask(u'www.example.org.')[0] == 0


# -- secondaries -------------------------------------------------------------

def test_a_secondary_copies_and_hears_of_changes(tmpdir):
    tmpdir.join('keys').write(KEY)
    changes = tmpdir.mkdir('changes')
    copies = tmpdir.mkdir('copies')
    first = Started(tmpdir, '--keys', str(tmpdir.join('keys')), '--update', 'key:writer',
                    '--folder', str(changes), '--transfer', '127.0.0.0/8',
                    '--notify', '127.0.0.1:5301')
    second = Started(tmpdir, '--secondary', '127.0.0.1:5300/example', '--folder', str(copies),
                     plain=True, port='tcp:5301', loop=first.loop)
    other = ('127.0.0.1', 5301)
    first.loop.advance(1.0)
    assert second.ask(u'www.example.', 1, other)[1] == [u'www.example. 60 IN A 192.0.2.1']
    assert first.update(u'new.example.', KeyRing([WRITER]).first()) == 0
    first.loop.advance(2.0)
    assert second.ask(u'new.example.', 1, other)[1] == [u'new.example. 60 IN A 1.2.3.4']
    second.stop()
    first.stop()
    alone = Started(tmpdir, '--secondary', '127.0.0.1:5300/example', '--folder', str(copies),
                    plain=True, port='tcp:5301')
    assert alone.ask(u'new.example.', 1, other)[0] == 0, 'the copy is on disk'


def test_a_copy_that_cannot_be_renewed_expires(tmpdir, expect_log):
    expect_log('is not renewed')
    expect_log('has expired')
    copies = tmpdir.mkdir('copies')
    copies.join('example.zone').write(ZONE)
    started = Started(tmpdir, '--secondary', '127.0.0.1:5999/example', '--folder', str(copies),
                      plain=True)
    started.loop.advance(10.0)
    assert started.ask(u'www.example.')[0] == 0
    started.loop.advance(604800.0 + 1000.0)
    assert started.ask(u'www.example.')[0] == 5
    started.stop()


def test_a_notice_comes_from_the_primary_alone(tmpdir, expect_log):
    expect_log('is not renewed')
    copies = tmpdir.mkdir('copies')
    copies.join('example.zone').write(ZONE)
    started = Started(tmpdir, '--secondary', '192.0.2.9/example', '--folder', str(copies),
                      plain=True)
    message = query(ORIGIN, 6)
    message.flags = 4 << 11
    reply = started.loop.run_until(exchange(started.loop, SERVER, message))
    assert reply.rcode == 5
    started.loop.advance(20.0)
    started.stop()
