# Copyright the carryall authors.  See LICENSE.
"""carryall cert: what it writes, what it shows, what it refuses."""
from __future__ import absolute_import, division, print_function

import errno
import os
import stat
import subprocess
import sys

import pytest

from carryall.commands import cert
from carryall.core.tls import certificates, pem
from carryall.core.tls.authority import load_authority
from tests.commands.processes import ROOT, environment
from tests.support import interpreter


@pytest.fixture
def here(tmpdir, monkeypatch):
    monkeypatch.chdir(str(tmpdir))
    return tmpdir


def names_in(here, name):
    return certificates.parse(pem.certificates(here.join(name).read('rb'))[0]).names


def test_make_writes_a_certificate_and_a_key(here, capsys):
    assert cert.main(['make', 'localhost', '127.0.0.1']) == 0
    output = capsys.readouterr()[0]
    assert 'localhost.pem' in output and 'localhost.key' in output
    assert names_in(here, 'localhost.pem') == [u'localhost', u'127.0.0.1']
    assert b'PRIVATE' not in here.join('localhost.pem').read('rb')
    assert here.join('localhost.key').read('rb').startswith(b'-----BEGIN PRIVATE KEY-----')
    assert sorted(each.basename for each in here.listdir()) == ['localhost.key', 'localhost.pem']


@pytest.mark.skipif(os.name == 'nt', reason='Windows has no such modes')
def test_the_key_is_for_its_owner_alone(here):
    assert cert.main(['make', 'localhost']) == 0
    assert stat.S_IMODE(os.stat('localhost.key').st_mode) == 0o600


def test_nothing_is_written_over(here, capsys):
    here.join('localhost.key').write(b'precious', 'wb')
    assert cert.main(['make', 'localhost']) == 2
    assert 'is there already' in capsys.readouterr()[1]
    assert here.join('localhost.key').read('rb') == b'precious' and not here.join(
        'localhost.pem').check()
    assert cert.main(['make', '--force', 'localhost']) == 0
    assert here.join('localhost.key').read('rb') != b'precious'


@pytest.mark.parametrize('words', [['localhost'], ['--ca', 'tests.pem', 'one.example']])
@pytest.mark.parametrize('call, number', [('sync', 1), ('sync', 2), ('replace', 1)])
def test_nothing_is_left_behind(here, monkeypatch, capsys, words, call, number):
    """By a full disk, even one on which the key alone had room: no key without its certificate, and
    no part of a file."""
    calls = []
    real = getattr(cert.files, call)

    def full(*args):
        calls.append(args)
        if len(calls) == number:
            raise OSError(errno.ENOSPC, 'No space left on device')
        return real(*args)

    monkeypatch.setattr(cert.files, call, full)
    assert cert.main(['make'] + words) == 1
    assert ' cannot be written: No space left on device' in capsys.readouterr()[1]
    assert here.listdir() == []
    assert cert.main(['make'] + words) == 0


def test_an_authority_is_made_once(here, capsys):
    assert cert.main(['make', '--ca', 'tests.pem', 'one.example']) == 0
    first = here.join('tests.pem').read('rb')
    assert cert.main(['make', '--ca', 'tests.pem', '-o', 'second.pem', '*.two.example']) == 0
    assert here.join('tests.pem').read('rb') == first
    chain = [certificates.parse(der)
             for der in pem.certificates(here.join('second.pem').read('rb'))]
    assert [one.names for one in chain] == [[u'*.two.example'], []]
    assert chain[0].issuer == chain[1].subject and chain[1].authority
    assert here.join('second.key').check()


@pytest.mark.limit(120)
def test_an_authority_that_many_make_at_once_has_its_own_key(here):
    count = 2 if interpreter.JYTHON else 6
    making = [subprocess.Popen(
        [sys.executable, os.path.join(ROOT, 'bin', 'carryall'), 'cert', 'make', '--ca', 'tests.pem',
         'site%d.example' % number], env=environment(), stdout=subprocess.PIPE)
              for number in range(count)]
    for each in making:
        each.communicate()
    assert [each.returncode for each in making] == [0] * count
    made = load_authority(here.join('tests.pem').read('rb'), here.join('tests.key').read('rb'))
    authority = pem.certificates(made.certificate)[0]
    for number in range(count):
        chain = pem.certificates(here.join('site%d.example.pem' % number).read('rb'))
        assert chain[1] == authority
    assert not [each for each in here.listdir() if each.ext in ('.lock', '.new')]


def test_a_pair_that_cannot_be_replaced_whole_stays_as_it_was(here, monkeypatch):
    assert cert.main(['make', 'localhost']) == 0
    former = [here.join(name).read('rb') for name in ('localhost.key', 'localhost.pem')]
    replace = cert.files.replace

    def torn(source, target):
        if target.endswith('.pem'):
            raise OSError(errno.EIO, 'Input/output error')
        replace(source, target)

    monkeypatch.setattr(cert.files, 'replace', torn)
    assert cert.main(['make', '--force', 'localhost']) == 1
    assert [here.join(name).read('rb') for name in ('localhost.key', 'localhost.pem')] == former
    assert stat.S_IMODE(os.stat('localhost.key').st_mode) == 0o600 or os.name == 'nt'


def test_a_name_that_no_file_can_have(here):
    assert cert.main(['make', '*.example']) == 0
    assert names_in(here, '_.example.pem') == [u'*.example']


def test_show_prints_the_certificate(here, capsys):
    cert.main(['make', '--ca', 'tests.pem', '--days', '10', 'localhost', '::1'])
    capsys.readouterr()
    assert cert.main(['show', 'localhost.pem']) == 0
    output = capsys.readouterr()[0]
    for words in ('localhost, ::1', 'certificate 2 of 2', '9 days left', 'EC P-256',
                  'yes, it is an authority', 'SHA-256'):
        assert words in output, output


@pytest.mark.parametrize('words, what', [
    (['make'], 'NAME must be given'), (['make', 'a b'], 'neither a host name'),
    (['make', '--days', '0', 'x'], '1 to'),
    (['make', '-o', 'x.key', 'x'], '.key'), (['make', '-o', 'missing/x.pem', 'x'], 'missing'),
    (['show'], 'FILE must be given'),
    (['show', 'missing.pem'], 'missing.pem'), (['show', 'empty'], 'not a PEM'),
    (['show', 'broken'], 'malformed'),
    (['sign'], 'none of make, show'), (['make', '--nope', 'x'], '--nope')])
def test_refusals_are_one_sentence_and_status_2(here, capsys, words, what):
    here.join('empty').write(b'', 'wb')
    here.join('broken').write(pem.encode('CERTIFICATE', b'\x30\x03abc'), 'wb')
    assert cert.main(words) == 2
    error = capsys.readouterr()[1]
    assert what in error and error.count('\n') == 1 and 'Traceback' not in error, error
    assert not here.join('x.pem').check()


@pytest.mark.parametrize('words', [['--help'], ['make', '--help'], ['show', '-h']])
def test_help_is_shown_with_status_0(capsys, words):
    assert cert.main(words) == 0
    assert capsys.readouterr()[0].startswith('usage: carryall cert')


def test_no_word_at_all_is_status_2(capsys):
    assert cert.main([]) == 2
    assert 'usage' in capsys.readouterr()[1]
