# Copyright the carryall authors.  See LICENSE.
"""`carryall get`: options, files, resuming, statuses, and what is never shown."""
from __future__ import absolute_import, division, print_function

import errno
import os

import pytest

from carryall.commands import clientoutput, clientpassword, console, get
from carryall.core.errors import CarryallError, ConnectionLost, RemoteProtocolError, UsageError
from carryall.core.net.addressguard import AddressDenied
from tests.protocols.http.client.client_kit import OK, World, reply

URL = 'http://host.example/x'


class Stream(object):
    """A stdout or stderr that keeps what was written."""

    encoding = 'utf-8'

    def __init__(self, terminal=False):
        self.text = b''
        self.terminal = terminal

    def write(self, data):
        self.text += data if isinstance(data, bytes) else data.encode('utf-8')

    def flush(self):
        pass

    def isatty(self):
        return self.terminal


class Streams(object):
    """Stands for the module sys."""

    def __init__(self, out, err):
        self.stdin = Stream()
        self.stdout = out
        self.stderr = err


@pytest.fixture
def streams(monkeypatch):
    """(stdout, stderr)"""
    out = Stream()
    err = Stream()
    # Not those of sys itself: pytest puts its own there between a fixture and its test.
    for module in (get, console, clientoutput, clientpassword):
        monkeypatch.setattr(module, 'sys', Streams(out, err))
    monkeypatch.delenv(get.PASSWORD_VARIABLE, raising=False)
    return out, err


def run(world, *words):
    """The status of the command in *world*."""
    values = get.SCHEMA.parse(list(words) or [URL])
    return world.run(get.fetch(world.loop, values, get._request_of(values)))


def read(path):
    with open(str(path), 'rb') as source:
        return source.read()


def write(path, data):
    with open(str(path), 'wb') as target:
        target.write(data)


def test_the_body_goes_to_stdout(streams):
    """The body, byte for byte, and nothing else."""
    assert run(World([reply(200, b'\x00\xff\r\n')])) == 0
    assert streams[0].text == b'\x00\xff\r\n' and streams[1].text == b''


@pytest.mark.parametrize('call', ['write', 'flush'])
def test_output_that_cannot_be_written(streams, monkeypatch, call):
    """stdout on a full disk: one sentence; a reader that went away is known by its error,
    and ends quietly."""
    def fail(*_):
        raise IOError(number, os.strerror(number))

    monkeypatch.setattr(streams[0], call, fail, raising=False)
    monkeypatch.setattr(streams[0], 'close', fail, raising=False)
    number = errno.ENOSPC
    with pytest.raises(CarryallError) as caught:
        run(World([OK]))
    assert caught.value.message == u'the output cannot be written: %s' % os.strerror(number)
    number = errno.EPIPE
    with pytest.raises(IOError):
        run(World([OK]))


def test_a_file_appears_when_it_is_complete(streams, tmpdir):
    """It appears when it is complete, and no part is left."""
    target = tmpdir.join('page')
    assert run(World([OK]), URL, '-o', str(target)) == 0
    assert read(target) == b'ok' and os.listdir(str(tmpdir)) == ['page'] and streams[0].text == b''


def test_overwrites_only_when_complete(streams, tmpdir):
    """A transfer that breaks leaves the old file as it was."""
    target = tmpdir.join('page')
    write(target, b'old')
    with pytest.raises((ConnectionLost, RemoteProtocolError)):
        run(World([(b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nnew', 'close')]), URL, '-o',
            str(target))
    assert read(target) == b'old' and os.listdir(str(tmpdir)) == ['page'], \
        'a part that nobody can resume goes'


def test_resume_asks_for_the_rest(streams, tmpdir):
    """A part with a validator stays; --resume asks for the rest, if it is still the same."""
    target = tmpdir.join('big')
    with pytest.raises((ConnectionLost, RemoteProtocolError)):
        run(World([(b'HTTP/1.1 200 OK\r\nETag: "v1"\r\nContent-Length: 9\r\n\r\n0123', 'close')]),
            URL, '-o', str(target))
    assert sorted(os.listdir(str(tmpdir))) == ['big.part', 'big.part.tag'] \
        and read(tmpdir.join('big.part')) == b'0123'
    world = World([reply(206, b'45678', (b'Content-Range', b'bytes 4-8/9'), (b'ETag', b'"v1"'))])
    assert run(world, URL, '-o', str(target), '--resume') == 0
    assert b'Range: bytes=4-\r\n' in world.heard and b'If-Range: "v1"\r\n' in world.heard
    assert read(target) == b'012345678' and os.listdir(str(tmpdir)) == ['big']


def partial(tmpdir):
    write(tmpdir.join('big.part'), b'0123')
    write(tmpdir.join('big.part.tag'), b'"v1"')
    return URL, '-o', str(tmpdir.join('big')), '--resume'


def test_resume_of_something_else(streams, tmpdir):
    """The server has another thing by now: from the beginning."""
    assert run(World([reply(200, b'other', (b'ETag', b'"v2"'))]), *partial(tmpdir)) == 0
    assert read(tmpdir.join('big')) == b'other' and os.listdir(str(tmpdir)) == ['big']


def test_resume_of_all(streams, tmpdir):
    """The part was all there is."""
    assert run(World([reply(416, b'no', (b'Content-Range', b'bytes */4'))]), *partial(tmpdir)) == 0
    assert read(tmpdir.join('big')) == b'0123'


@pytest.mark.parametrize('answer', [reply(404, b'not here'), reply(500, b'oh'),
                                    reply(416, b'', (b'Content-Range', b'bytes */9')),
                                    reply(206, b'x', (b'Content-Range', b'bytes 0-0/9'))])
def test_a_wrong_answer_does_not_extend_the_part(streams, tmpdir, answer):
    """An answer that is not the rest of the file is not added to the part."""
    words = partial(tmpdir)
    with pytest.raises(CarryallError):
        run(World([answer]), *words)
    assert read(tmpdir.join('big.part')) == b'0123' and not os.path.exists(str(tmpdir.join('big')))


def test_resume_without_tag(streams, tmpdir):
    """A part without a stored validator is not continued."""
    write(tmpdir.join('big.part'), b'0123')
    world = World([reply(200, b'new')])
    assert run(world, URL, '-o', str(tmpdir.join('big')), '--resume') == 0
    assert b'Range' not in world.heard and read(tmpdir.join('big')) == b'new'


def test_a_missing_folder_is_reported_first(streams, tmpdir):
    """It is told before anything is fetched;
    what only shows when it is written is a sentence too."""
    with pytest.raises(UsageError) as caught:
        get.main([URL, '-o', str(tmpdir.join('none', 'page'))])
    assert 'option --output: there is no folder %s' % tmpdir.join('none') in str(caught.value)
    tmpdir.join('page.part').mkdir()
    with pytest.raises(CarryallError) as caught:
        run(World([OK]), URL, '-o', str(tmpdir.join('page')))
    assert 'cannot write' in str(caught.value)


def test_head_shows_the_status_and_the_fields(streams):
    """-I shows what the server says."""
    world = World([b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\nX-A: b\x07\r\n\r\n'.replace(
        b'\x07', b'\xe9')])
    assert run(world, URL, '-I') == 0
    assert world.heard.startswith(b'HEAD /x HTTP/1.1') and streams[0].text.startswith(
        b'HTTP/1.1 200 OK\nContent-Length: 9\n')


def test_data_posts_a_form(streams, tmpdir):
    """-d posts a form; @FILE its contents; -X and -H change the rest."""
    world = World(lambda head: OK)
    assert run(world, URL, '-d', u'a=\u00fc') == 0
    assert world.heard.startswith(b'POST /x ') and world.heard.endswith(u'a=\u00fc'.encode('utf-8'))
    assert b'Content-Type: application/x-www-form-urlencoded' in world.heard
    write(tmpdir.join('f'), b'\x00\x01')
    world = World(lambda head: OK)
    run(world, URL, '-d', '@' + str(tmpdir.join('f')), '-X', 'PUT', '-H', 'Content-Type: text/x',
        '-H', 'X-Y:z')
    assert world.heard.startswith(b'PUT /x ') and world.heard.endswith(b'\r\n\r\n\x00\x01')
    assert world.heard.count(b'Content-Type: text/x') == 1 and b'urlencoded' not in world.heard \
        and b'X-Y: z' in world.heard


def test_fail_makes_an_http_error_status_1(streams, tmpdir):
    """With --fail an HTTP error is status 1 and writes nothing;
    without it is a transfer like any other."""
    target = tmpdir.join('page')
    assert run(World([reply(404, b'no')]), URL, '-f', '-o', str(target)) == 1
    assert os.listdir(str(tmpdir)) == [] and b'404' in streams[1].text
    assert run(World([reply(404, b'no')]), URL) == 0 and streams[0].text == b'no'


def test_redirects_are_followed_by_default(streams):
    """Followed unless told not to."""
    answers = [reply(302, b'', (b'Location', b'/y')), OK]
    assert run(World(answers), URL) == 0 and streams[0].text == b'ok'
    world = World(list(answers))
    assert run(world, URL, '--no-follow') == 0 and len(world.requests) == 1
    with pytest.raises(RemoteProtocolError):
        run(World(list(answers)), URL, '--max-redirects', '0')


def test_a_password_is_never_shown(streams, monkeypatch, tmpdir):
    """From the environment or .netrc; never on the command line, never shown."""
    def answer(head):
        return OK if b'Authorization: Basic dTpzM2NyZXQ=' in head else reply(
            401, b'', (b'WWW-Authenticate', b'Basic realm=x'))
    with pytest.raises(UsageError):
        run(World(answer), URL, '-u', 'u')
    monkeypatch.setenv(get.PASSWORD_VARIABLE, 's3cret')
    assert run(World(answer), URL, '-u', 'u', '-v', '-f') == 0
    with pytest.raises(UsageError) as caught:
        run(World(answer), URL, '-u', 'u:s3cret')
    assert 's3cret' not in str(caught.value)
    monkeypatch.delenv(get.PASSWORD_VARIABLE)
    write(tmpdir.join('netrc'), b'machine host.example login u password s3cret')
    assert run(World(answer), URL, '--netrc-file', str(tmpdir.join('netrc')), '-f', '-v') == 0
    assert streams[0].text == b'okok' and b's3cret' not in streams[1].text \
        and b'dTpz' not in streams[1].text


def test_verbose_shows_the_exchange_without_secrets(streams):
    """The exchange on stderr: secrets as ***, control characters escaped,
    the login of the URL left out."""
    world = World([b'HTTP/1.1 200 OK\r\nSet-Cookie: sid=s3cret\r\nX: \x9b31m\r\nContent-Length: '
                   b'2\r\n\r\nok'])
    assert run(world, 'http://u:s3cret@host.example/', '-v', '-H', 'Authorization: Bearer s3cret',
               '-H', 'Cookie: s3cret') == 0
    text = streams[1].text
    assert b's3cret' not in text and text.count(b'***') == 3 and b'\\x9b31m' in text \
        and b'< 200 OK' in text


def test_progress_is_shown_on_a_terminal_alone(streams, tmpdir):
    """Progress is shown on a terminal, and nowhere else."""
    run(World([OK]), URL, '-o', str(tmpdir.join('a')))
    assert streams[1].text == b''
    streams[1].terminal = True
    run(World([OK]), URL, '-o', str(tmpdir.join('b')))
    assert b'\r' in streams[1].text and b'received' in streams[1].text


def test_public_only_refuses_private_addresses(streams):
    """--public-only keeps off the network within."""
    with pytest.raises(AddressDenied):
        run(World([OK]), 'http://inside.example/', '--public-only')


BAD = [[], ['--resume', URL], ['-r', URL], [URL, URL], ['gopher://a/'], ['http://a b/'],
       [u'http://\u00fc/'], ['-I', '-d', 'x', URL],
       ['-H', 'nocolon', URL], ['-m', '0', URL], ['--max-redirects', '-1', URL],
       ['-d', '@/no/such/file', URL],
       ['--resume', '-o', 'x', '-X', 'POST', URL], ['--backend', 'none-such', URL]]


@pytest.mark.parametrize('words', BAD, ids=[str(number) for number in range(len(BAD))])
def test_wrong_arguments_are_refused_before_connecting(streams, words):
    """Wrong arguments are refused before a connection is made."""
    with pytest.raises(UsageError):
        get.main(words)


@pytest.mark.parametrize(
    'words', [['-X', 'G T', URL], ['-H', 'X Y: z', URL], ['-H', 'Transfer-Encoding: chunked', URL]])
def test_usage_of_the_client(streams, words):
    """A refusal by the client library is a usage error too."""
    world = World([OK])
    with pytest.raises(UsageError):
        run(world, *words)
    assert world.heard == b''


def test_help_names_the_statuses(streams):
    """--help tells the statuses."""
    assert get.main(['--help']) == 0
    assert b'status:' in streams[0].text and b'--resume' in streams[0].text


PART = reply(206, b'part', (b'Content-Range', b'bytes 0-3/100'))


def test_a_part_that_was_not_asked_for_is_not_the_file(streams, tmpdir):
    """RFC 9110 section 15.3.7: 206 answers a Range."""
    target = tmpdir.join('f')
    for words in ((URL, '-o', str(target)), (URL,), (URL, '-o', str(target), '--resume')):
        with pytest.raises(CarryallError) as caught:
            run(World([PART]), *words)
        assert 'part' in str(caught.value)
    assert streams[0].text == b''
    assert tmpdir.listdir() == []


def test_a_part_that_is_the_whole_is_taken(streams):
    assert run(World([reply(206, b'part', (b'Content-Range', b'bytes 0-3/4'))])) == 0
    assert streams[0].text == b'part'


@pytest.mark.parametrize('value', [b'bytes 1-4/5', b'bytes 0-3/*', b'nonsense', b'bytes */4'])
def test_a_part_that_does_not_say_that_it_is_the_whole_is_not_taken(streams, value):
    with pytest.raises(CarryallError):
        run(World([reply(206, b'part', (b'Content-Range', value))]))


def test_a_part_that_was_asked_for_is_taken(streams):
    assert run(World([PART]), URL, '-H', 'Range: bytes=0-3') == 0
    assert streams[0].text == b'part'


def test_a_login_that_is_wanted_is_told(streams):
    challenge = (b'WWW-Authenticate', b'Digest realm=r, nonce=n, algorithm=SHA-512-256, qop="auth"')
    assert run(World([reply(401, b'no', challenge)])) == 0
    assert streams[0].text == b'no'
    assert b'wants a login: Digest (SHA-512-256, auth)' in streams[1].text
