# Copyright the carryall authors.  See LICENSE.
"""`carryall sendmail`: what is read from stdin and the command line, and what is sent."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.commands import sendmail
from carryall.core.errors import UsageError
from tests.commands.processes import Child
from tests.services.mail.world import service, stored
from tests.support.trust import WITH_TLS, complains_of_a_missing_file

MESSAGE = (b'From: a@b\nTo: Anna <anna@a.example>,\n bert@b.example\nCc: "C, D" '
           b'<c@c.example>\nBcc: secret@d.example,\n more@d.example\nSubject: x\n\nbody\n.\nmore\n')


def made(words, data=MESSAGE):
    return sendmail.outgoing(sendmail.SCHEMA.parse(words.split()), data)


def test_recipients_of_the_command_line():
    mail = made('-f x@y.example anna@a.example <bert@b.example> anna@a.example')
    assert mail.sender == b'x@y.example'
    assert mail.recipients == [b'anna@a.example', b'bert@b.example']
    assert mail.message.endswith(b'\r\n\r\nbody\r\n')
    assert b'Bcc: secret' in mail.message
    assert made('-i -f x@y c@d').message.endswith(b'body\r\n.\r\nmore\r\n')


def test_recipients_of_the_message():
    mail = made('-t -i -f x@y.example')
    assert mail.recipients == [b'anna@a.example', b'bert@b.example', b'c@c.example',
                               b'secret@d.example', b'more@d.example']
    assert b'secret' not in mail.message
    assert b'more@d' not in mail.message
    assert b'Subject: x\r\n\r\nbody\r\n.\r\nmore\r\n' in mail.message
    assert made('-t -f x@y also@a.example').recipients[0] == b'also@a.example'


def test_missing_header_fields_are_added():
    message = made('-f x@y c@d', b'only text\n').message
    assert b'Date: ' in message
    assert b'Message-ID: <' in message
    assert b'From: <x@y>\r\n' in message
    assert message.endswith(b'\r\n\r\nonly text\r\n')
    full = b'Date: x\r\nMessage-ID: <y>\r\nFrom: z\r\n\r\ntext\r\n'
    assert made('-f x@y c@d', full).message == full


def test_a_pipe_that_gives_what_has_come():
    class Pipe(object):
        pieces = [b'a', b'bc', b'', b'never']

        def read(self, count):
            return self.pieces.pop(0)

    assert sendmail._read_all(Pipe()) == b'abc'


def test_former_sendmail_words_are_read():
    assert made('-oi -oem -bm -F Name -f <> c@d').sender == b''
    assert made('-oi -f x@y c@d').message.endswith(b'more\r\n')
    assert made('anna', b'x: y\n\n').recipients == [b'anna@localhost']
    assert made('c@d').sender.endswith(b'@localhost')


@pytest.mark.parametrize('words, data',
                         [('-f x@y', MESSAGE), ('-t', b'Subject: x\n\n'), ('-f a_b@ c@d', b''),
                          ('c@d@e', b''), ('-f x@y "a\nb"@c', b''), ('-s x c@d', b''),
                                         ('--tls maybe c@d', b''), ('-bs c@d', b'')])
def test_wrong_words_are_refused(words, data):
    with pytest.raises(UsageError):
        made(words, data)


def test_sendmail_sends_the_message(backend, tmpdir):
    from carryall import runtimes
    from carryall.core.future import coroutine, sleep
    loop = runtimes.choose(backend)
    service_, ports = service(loop, tmpdir, '--smtp', 'tcp:0', '--pop3', 'none', '-d',
                              'a.example=TMP/a', '-u', 'anna=secret')
    mail = made('-f x@y.example anna@a.example nobody@a.example')

    @coroutine
    def go():
        replies = yield sendmail.send(loop, '127.0.0.1', ports['smtp'], [mail])
        while not stored(tmpdir, 'a', 'anna'):
            yield sleep(loop, 0.01)
        yield service_.stop(1.0)
        codes.extend(reply.code for reply in replies[0])

    codes = []
    loop.run_until(go())
    loop.close()
    assert codes == [250, 550]
    assert stored(tmpdir, 'a', 'anna')[0].endswith(b'\n\nbody\n')


def test_a_missing_server_is_named():
    with Child('carryall', 'sendmail', '-f', 'x@y', '--server', '127.0.0.1:1', 'c@d') as child:
        child.process.stdin.write(b'Subject: x\n\n')
        child.process.stdin.close()
        assert child.process.wait() == 1

@WITH_TLS
def test_a_trust_file_that_is_missing_is_told_before_a_connection(tmpdir, monkeypatch):
    monkeypatch.setattr(sendmail, '_read_all', lambda source: b'')
    assert complains_of_a_missing_file(tmpdir, sendmail.main, [
        '--trust', 'FILE', '--server', '127.0.0.1:1', 'a@b.example'])
