# Copyright the carryall authors.  See LICENSE.
"""The FTP commands, against a server in this process."""
from __future__ import absolute_import, division, print_function

import errno
import os
import re
import threading

import pytest

from carryall import runtimes
from carryall.commands import ftp
from carryall.commands.get import main as get_main
from carryall.core.errors import CarryallError, UsageError
from carryall.commands.catalogue import known_types
from carryall.protocols.ftp import format_time
from carryall.protocols.ftp.otp import Challenge, compute, find_challenge, parse_response
from carryall.runtimes.host import systemfiles
from carryall.services.ftp.otpfile import OTPFile
from tests.support.trust import WITH_TLS, complains_of_a_missing_file

BIG = bytes(bytearray(range(256))) * 2000


@pytest.fixture
def served(tmp_path):
    """Call it with options; (the start of URLs, the folder)."""
    pub = tmp_path / 'pub'
    (pub / 'sub').mkdir(parents=True)
    (pub / 'big').write_bytes(BIG)
    (pub / 'sub' / 'text').write_bytes(b'a\nb\n')
    loop = runtimes.choose()
    thread = threading.Thread(target=loop.run)
    started = []

    def start(*words):
        kind = known_types().get('ftp')
        service = kind.make(kind.options.parse(
            ['--root', str(pub), '--port', 'tcp:0', '--demo-user', '--anonymous'] + list(words)))
        service.start(loop)
        started.append(service)
        address = service.listening()[0].rpartition(' on ')[2]
        thread.start()
        return 'ftp://%s/' % address, pub

    yield start
    loop.call_soon_threadsafe(lambda: started[0].stop(0.0).add_done_callback(lambda _: loop.stop()))
    if thread.ident is not None:
        thread.join(10.0)
    loop.close()


@pytest.fixture
def password(monkeypatch):
    monkeypatch.setenv('CARRYALL_PASSWORD', 'twisted')


def test_get_writes_the_file(served, tmp_path, capsys):
    url, _pub = served()
    out = str(tmp_path / 'out')
    assert ftp.get_main(['-o', out, url + 'big']) == 0 and (tmp_path / 'out').read_bytes() == BIG, \
        'to a file'
    assert sorted(os.listdir(str(tmp_path))) == ['out', 'pub'], os.listdir(str(tmp_path))
    assert ftp.get_main([url + 'sub/text']) == 0 and capsys.readouterr().out == 'a\nb\n', \
        'to stdout'
    assert get_main(['-o', out, url + 'sub/text']) == 0 \
        and (tmp_path / 'out').read_bytes() == b'a\nb\n', 'carryall get'
    assert ftp.get_main(['--active', '-o', out, url + 'big']) == 0 \
        and (tmp_path / 'out').read_bytes() == BIG, 'PORT'


def test_get_goes_on_with_a_part(served, tmp_path):
    url, pub = served('--logfile', str(tmp_path / 'log'))
    out = str(tmp_path / 'out')
    assert ftp.get_main(['--resume', '-o', out, url + 'big']) == 0, 'the first time'
    tag = (b'%d ' % len(BIG)) + format_time(float(int(os.stat(str(pub / 'big')).st_mtime)))
    (tmp_path / 'out.part').write_bytes(BIG[:1000])
    (tmp_path / 'out.part.tag').write_bytes(tag)
    os.remove(out)
    assert ftp.get_main(['--resume', '-o', out, url + 'big']) == 0 \
        and (tmp_path / 'out').read_bytes() == BIG, 'gone on with'
    assert b' %d /big ' % (len(BIG) - 1000) in (tmp_path / 'log').read_bytes(), 'all of it was sent'
    (tmp_path / 'out.part').write_bytes(b'of another file')
    (tmp_path / 'out.part.tag').write_bytes(b'15 20020707200251')
    assert ftp.get_main(['--resume', '-o', out, url + 'big']) == 0 \
        and (tmp_path / 'out').read_bytes() == BIG, 'mixed'


def test_put_stores_the_file(served, tmp_path, password):
    url, pub = served()
    url = url.replace('ftp://', 'ftp://twisted@')
    (tmp_path / 'new').write_bytes(BIG)
    assert ftp.put_main([str(tmp_path / 'new'), url]) == 0 and (pub / 'new').read_bytes() == BIG, \
        'under its name'
    assert ftp.put_main([str(tmp_path / 'new'), url + 'sub/other']) == 0 \
        and (pub / 'sub' / 'other').read_bytes() == BIG, 'another'
    (pub / 'new').write_bytes(BIG[:777])
    assert ftp.put_main(['--resume', str(tmp_path / 'new'), url]) == 0 \
        and (pub / 'new').read_bytes() == BIG, 'the rest'
    assert ftp.put_main(['--append', str(tmp_path / 'new'), url]) == 0 \
        and (pub / 'new').read_bytes() == BIG * 2, 'behind'
    with pytest.raises(CarryallError):
        ftp.put_main(['--resume', str(tmp_path / 'new'), url])


def test_put_shows_how_far_it_is(served, tmp_path, password, monkeypatch, capsys):
    url, _pub = served()
    (tmp_path / 'new').write_bytes(BIG)
    monkeypatch.setattr('carryall.commands.clientoutput.is_terminal', lambda stream: True)
    for option in ('--append', '--text'):
        assert ftp.put_main([option, str(tmp_path / 'new'), url.replace('ftp://', 'ftp://twisted@')
                             + option[2:]]) == 0
        shown = capsys.readouterr().err
        assert re.match(r'\r[0-9.]+ [KMGi]*B sent', shown) and shown.endswith(' \r'), shown
        assert (' of 500.0 KiB, ' in shown) is (option == '--append'), shown


class Full(object):
    """A stdout that cannot be written to."""

    encoding = 'utf-8'

    def __init__(self, number):
        self.number = number

    def write(self, _data):
        raise IOError(self.number, os.strerror(self.number))

    def flush(self):
        self.write(b'')

    def close(self):
        self.write(b'')


def test_output_that_cannot_be_written(served, tmp_path, monkeypatch):
    """A full disk is told as such, and leaves no part that is none;
    a reader that went away ends it quietly."""
    url, _pub = served()
    why = os.strerror(errno.ENOSPC)
    target = str(tmp_path / 'copy')
    with monkeypatch.context() as patched:
        patched.setattr(systemfiles, 'sync', lambda _file: Full(errno.ENOSPC).write(b''))
        with pytest.raises(CarryallError) as caught:
            ftp.get_main([url + 'big', '-o', target])
    assert caught.value.message == u'cannot write %s: %s' % (target, why) and not os.path.exists(
        target)
    for number, kind in ((errno.ENOSPC, CarryallError), (errno.EPIPE, IOError)):
        with monkeypatch.context() as patched:
            patched.setattr(ftp.sys, 'stdout', Full(number))
            with pytest.raises(kind) as caught:
                ftp.get_main([url + 'big'])
        assert number == errno.EPIPE or caught.value.message == u'the output cannot be written: ' \
            + why


def test_files_are_looked_for_first(tmp_path):
    """Files to send, and the folder to receive into, are looked for before a connection is made."""
    for main, words, what in ((ftp.put_main, [str(tmp_path / 'none'), 'ftp://127.0.0.1:1/'],
                               'there is no file'),
                              (ftp.get_main, ['-o', str(tmp_path / 'no' / 'x'),
                                              'ftp://127.0.0.1:1/x'], 'there is no folder')):
        with pytest.raises(UsageError) as caught:
            main(words)
        assert what in str(caught.value)


def test_ls_lists_in_three_forms(served, capsys):
    url, _pub = served()
    assert ftp.ls_main(['--form', 'names', url]) == 0 \
        and capsys.readouterr().out == 'big\nsub/\n', 'names'
    assert ftp.ls_main([url]) == 0 and ' 512000 ' in capsys.readouterr().out, 'long'
    assert ftp.ls_main(['--form', 'facts', url + 'sub']) == 0 and capsys.readouterr().out.endswith(
        ' 4 file text\n'), 'facts'


def test_mirror_copies_a_tree(served, tmp_path, capsys, password):
    url, pub = served()
    copy = str(tmp_path / 'copy')
    assert ftp.mirror_main([url, copy]) == 0 and capsys.readouterr().out.endswith(
        '2 fetched (512004 octets), 0 the same, 0 removed, 0 left out\n'), 'first'
    assert (tmp_path / 'copy' / 'big').read_bytes() == BIG, 'content'
    assert ftp.mirror_main(['-q', url, copy]) == 0 and capsys.readouterr().out == (
        '0 fetched (0 octets), 2 the same, 0 removed, 0 left out\n'), 'second'
    (tmp_path / 'copy' / 'sub' / 'more').write_bytes(b'x')
    assert ftp.mirror_main(['--up', '-q', '-u', 'twisted', url, copy]) == 0 \
        and (pub / 'sub' / 'more').read_bytes() == b'x', 'up'
    os.remove(str(pub / 'big'))
    assert ftp.mirror_main(['--delete', '-q', url, copy]) == 0 \
        and not (tmp_path / 'copy' / 'big').exists(), 'removed'


def test_wrong_words_are_refused(served, tmp_path, password):
    url, _pub = served()
    for main, words in ((ftp.get_main, ['http://x/']), (ftp.get_main, []),
                        (ftp.get_main, ['--resume', url + 'big']),
                        (ftp.mirror_main, ['--up', url, str(tmp_path / 'no')]),
                        (ftp.put_main, [url])):
        with pytest.raises(UsageError):
            main(words)
    for main, words in ((ftp.get_main, [url + 'nothing']),
                        (ftp.put_main, [str(tmp_path / 'pub' / 'big'), url + 'x']),
                        (ftp.get_main, ['--tls', url + 'big']),
                        (ftp.get_main, ['ftp://127.0.0.1:1/x'])):
        with pytest.raises(CarryallError):
            main(words)


def test_help_is_shown_with_status_0(capsys):
    for main in (ftp.get_main, ftp.put_main, ftp.ls_main, ftp.mirror_main, ftp.otp_main):
        assert main(['--help']) == 0 and 'usage' in capsys.readouterr().out.lower(), main


def test_one_time_passwords(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv('CARRYALL_PASSWORD', 'a phrase that nobody knows')
    path = str(tmp_path / 'otp')
    assert ftp.otp_main(['--count', '50', path, 'anna']) == 0 \
        and '49 one-time passwords' in capsys.readouterr().out, 'made'
    challenge = OTPFile(path).challenge(u'anna')
    assert ftp.otp_main(['--answer', challenge.text().decode('ascii')]) == 0, 'answered'
    assert parse_response(capsys.readouterr().out.strip().encode('ascii')) == compute(
        Challenge('sha1', 49, challenge.seed), b'a phrase that nobody knows'), 'the right one'
    for words in ([], [path], ['--answer', 'nonsense'], ['--seed', 'a b', path, 'anna']):
        with pytest.raises(UsageError):
            ftp.otp_main(words)
    assert find_challenge(challenge.text()).count == 49, 'as it was'


def test_logging_in_with_one(served, tmp_path, capsys, monkeypatch):
    """The client answers the challenge; the phrase never goes out."""
    monkeypatch.setenv('CARRYALL_PASSWORD', 'a phrase that nobody knows')
    path = str(tmp_path / 'otp')
    ftp.otp_main(['--count', '5', path, 'anna'])
    url, _pub = served('--no-demo-user', '--otp', '--otp-file', path)
    for left in (3, 2):
        assert ftp.ls_main(['-v', '-u', 'anna', '--form', 'names', url]) == 0, 'it comes in'
        seen = capsys.readouterr()
        assert 'big\nsub/\n' in seen.out and 'nobody knows' not in seen.err \
            and OTPFile(path).challenge(u'anna').count == left, left

@WITH_TLS
def test_a_trust_file_that_is_missing_is_told_before_a_connection(tmpdir):
    assert complains_of_a_missing_file(tmpdir, ftp.ls_main, [
        '--tls', '--trust', 'FILE', 'ftp://127.0.0.1:1/'])
