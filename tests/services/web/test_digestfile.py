# Copyright the carryall authors.  See LICENSE.
"""The file of keys for Digest: what htdigest writes, what is no such file, and what changes while
we run.
"""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.core.auth.passwordfile import PasswordTable
from carryall.core.auth.verifiers import Pbkdf2Hash
from carryall.core.errors import UsageError
from carryall.protocols.http.auth import digest_key
from carryall.services.web.digestfile import DigestFile, parse
from tests.services.web.support import later, write

REALM = b'the room'


def line(name, password, algorithm=b'MD5', realm=REALM):
    """One line, as htdigest writes it."""
    return b':'.join((name, realm, digest_key(algorithm, name, realm, password))) + b'\n'


def both(name, password):
    """The two lines of an account that can do either."""
    return line(name, password) + line(name, password, b'SHA-256')


def test_a_file_of_keys_is_parsed():
    """Comments, other realms, capitals, CRLF; what is wrong is told by its line's number alone."""
    data = (b'# x\n\n' + both(b'anna', b's')
            + line(b'bert', b's').upper().replace(b'BERT:THE ROOM', b'bert:the room')
            + line(b'c', b's', realm=b'other')
            + b'd:the room:xyz\r\n' + line(b'anna', b'secret') + b'e:the room:' + b'0' * 33
            + b'\n:the room:' + b'0' * 32 + b'\nf:the room:x:' + b'0' * 32
            + b'\nlast:the room:' + b'0' * 32 + b'\r')
    table, problems = parse(data, REALM)
    assert (sorted(table)
            == [(b'MD5', b'anna'), (b'MD5', b'bert'), (b'MD5', b'last'),
                (b'SHA-256', b'anna')]), table
    assert table[b'MD5', b'bert'] == digest_key(b'MD5', b'bert', REALM, b's'), 'in lower case'
    assert ([problem.split(u':')[0] for problem in problems]
            == [u'line 7', u'line 8', u'line 9', u'line 10', u'line 11']), problems
    assert not any(u'0000' in problem or u'xyz' in problem for problem
                   in problems), 'a part of the line'


@pytest.mark.parametrize('data, expected', [
    (both(b'a', b'x') + both(b'b', b'y'), (b'SHA-256', b'MD5')),
    (both(b'a', b'x') + line(b'b', b'y'), (b'MD5',)),
    (line(b'a', b'x', b'SHA-256'), (b'SHA-256',))])
def test_algorithms_need_a_key_of_every_account(tmpdir, data, expected):
    """An algorithm is offered if every account has a key for it: a client takes the first that it
    knows."""
    assert DigestFile(write(tmpdir, 'keys', data), REALM, later).algorithms() == expected


@pytest.mark.parametrize('data, word', [
    (line(b'a', b'x') + line(b'b', b'y', b'SHA-256'), u'MD5'), (b'', u'no account'),
    (line(b'a', b'x', realm=b'other'), u'no account'),
    (PasswordTable().with_account(u'anna', Pbkdf2Hash(1000, b's' * 16, b'k' * 32)).to_bytes(),
     u'salted hashes')])
def test_an_unusable_file_is_refused(tmpdir, data, word):
    """Said plainly: of a password file, that Digest cannot be checked with it."""
    with pytest.raises(UsageError) as caught:
        DigestFile(write(tmpdir, 'keys', data), REALM, later).algorithms()
    assert word in caught.value.message, caught.value.message


def test_changes_are_read_again(tmpdir, expect_log):
    """Read again when it has changed; problems are told once."""
    path = write(tmpdir, 'keys', line(b'a', b'x') + b'b:the room:bad\n')
    seen = expect_log(r'keys, line 2: not NAME:REALM:KEY')
    keys = DigestFile(path, REALM, later)
    assert keys.key(b'MD5', b'a')
    assert keys.key(b'MD5', b'a')
    assert keys.key(b'MD5', b'b') is None
    assert keys.key(b'SHA-256', b'a') is None
    assert len(seen) == 1, 'once'
    write(tmpdir, 'keys', line(b'a', b'longer') + line(b'b', b'y'))
    assert keys.key(b'MD5', b'a') == digest_key(b'MD5', b'a', REALM, b'longer'), 'anew'
    assert keys.key(b'MD5', b'b'), 'anew'
    os.remove(path)
    with pytest.raises(UsageError):
        keys.key(b'MD5', b'a')
