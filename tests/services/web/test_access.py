# Copyright the carryall authors.  See LICENSE.
"""The options that guard a site: what they say, what they may not say, what the door is made of."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.app.optionvalues import plain
from carryall.core.auth.passwordfile import PasswordTable
from carryall.core.auth.verifiers import Pbkdf2Hash
from carryall.core.errors import CarryallError, UsageError
from carryall.core.testing import VirtualLoop
from carryall.services.web.access import FolderPath, FolderRule, make_door
from carryall.services.web.formlogin import FormDoor
from carryall.services.web.options import SCHEMA
from carryall.services.web.pathrules import EVERY_ACCOUNT
from carryall.services.web.service import TYPE
from tests.services.web.support import write
from tests.services.web.test_digestfile import line

HTTPS = ['--https', '0', '-c', 'x.pem']


@pytest.mark.parametrize('text, path, users', [
    (u'/', u'/', EVERY_ACCOUNT), (u'/staff', u'/staff', EVERY_ACCOUNT),
    (u'/staff/rota=anna,bert', u'/staff/rota', frozenset([u'anna', u'bert'])),
    (u'/a=b=', u'/a=b', EVERY_ACCOUNT), (u'/\u00fc=\u00f6', u'/\u00fc', frozenset([u'\u00f6']))])
def test_a_rule_names_folder_and_users(text, path, users):
    """A folder, and for whom."""
    rule = FolderRule()
    assert rule.parse(text) == text, text
    assert rule.split(text) == (path, users), text


@pytest.mark.parametrize('text',
                         [u'', u'staff', u'/staff/', u'//staff', u'/a/../b', u'/a%20b', u'/a\\b',
                          u'/a=b:c', u'/a=,b', u'/a=b,', u'/a\x00', u'=anna'])
def test_a_bad_rule_is_refused(text):
    """Another spelling, or nothing that a site could have."""
    with pytest.raises(UsageError):
        FolderRule().parse(text)
    if u'=' not in text:
        with pytest.raises(UsageError):
            FolderPath().parse(text)


@pytest.mark.parametrize('words', [
    ['--auth-path', '/a'], ['--auth-except', '/a'], ['--allow-clear-passwords'],
    ['--auth', 'u', '--auth-path', '/a', '--auth-path', '/a=anna'],
    ['--auth', 'u', '--auth-path', '/a', '--auth-except', '/a'],
    ['--auth', 'u', '--auth-path', '/a/index.html'],
    ['--auth', 'u', '-i', 'home', '--auth-path', '/a/home'],
    ['--auth', 'u', '--ignore-ext', '.html', '--auth-path', '/a.html'],
    ['--auth', 'u', '--allow-ignore-ext', '--auth-path', '/a.html'],
    ['--auth', 'u', '--auth-kind', 'digest', '--auth-realm', 'a:b'],
    ['--auth', 'u', '--auth-kind', 'ntlm'], ['--auth', 'u', '--auth-realm', ''],
    ['--auth', 'u', '--interface', '0.0.0.0'], ['--auth', 'u', '-p', 'tcp:80:interface=[::]']])
def test_unsafe_settings_are_refused(words):
    """Contradictions, rules that could be got around, and passwords in clear over the network."""
    with pytest.raises(UsageError) as caught:
        SCHEMA.parse(words)
    assert caught.value.message, words
    assert u'\n' not in caught.value.message, words


@pytest.mark.parametrize('words', [
    ['--auth', 'u'], ['--auth', 'u', '--interface', '0.0.0.0', '--allow-clear-passwords'],
    ['--auth', 'u', '--interface', '0.0.0.0'] + HTTPS,
    ['--auth', 'u', '--interface', '0.0.0.0', '--auth-kind', 'digest'],
    ['--auth', 'u', '--interface', '0.0.0.0', '-p', 'unix:/run/w', '-p', '80'],
    ['--auth', 'u', '--auth-path', '/a', '--auth-path', '/a/b=anna', '--auth-except', '/a/c',
     '--auth-path', '/a.html', '--auth-realm', u'\u00fc "x"']])
def test_safe_settings_are_accepted(words):
    """And a tap holds them."""
    values = SCHEMA.parse(words)
    assert SCHEMA.complete(plain(values)) == values, words
    assert SCHEMA.parse(SCHEMA.words(values)) == values, words


def _passwords():
    return PasswordTable().with_account(u'anna', Pbkdf2Hash(1000, b's' * 16, b'k' * 32)).to_bytes()


def test_the_accounts_are_checked_before_the_start(tmpdir):
    """The words of twistd --check about the file, and of the start."""
    passwords = write(tmpdir, 'users', _passwords())
    keys = write(tmpdir, 'keys', line(b'anna', b'x'))
    junk = write(tmpdir, 'junk', b'junk\n')
    none = os.path.join(str(tmpdir), 'none')
    for words, good in ((['--auth', passwords], True),
                        (['--auth', keys, '--auth-kind', 'digest', '--auth-realm', 'the room'],
                         True), (['--auth', keys], False),
                        (['--auth', passwords, '--auth-kind', 'digest'], False),
                        (['--auth', junk], False), (['--auth', none], False),
                        (['--auth', none, '--auth-kind', 'digest'], False)):
        values = SCHEMA.parse(words)
        found = TYPE.check(values)
        assert len(found) == (not good), words
        assert all(u'\n' not in one for one in found), words
        assert (TYPE.check(values) == []) == good, words
        if good:
            assert make_door(values, VirtualLoop()) is not None, words
        else:
            with pytest.raises(CarryallError):
                make_door(values, VirtualLoop())
    assert make_door(SCHEMA.parse([]), VirtualLoop()) is None, 'nobody asked for one'


def test_form_makes_a_door_with_a_page(tmpdir):
    users = write(tmpdir, 'users', _passwords())
    options = SCHEMA.parse(['--auth', users, '--auth-kind', 'form'])
    assert isinstance(make_door(options, VirtualLoop()), FormDoor)
    assert TYPE.check(options) == []


def test_bearer_makes_a_door_for_tokens(tmpdir):
    tokens = write(tmpdir, 'tokens', b'anna:' + b'0' * 64 + b'\n')
    options = SCHEMA.parse(['--auth', tokens, '--auth-kind', 'bearer'])
    assert make_door(options, VirtualLoop())._scheme.challenges() == [b'Bearer realm="carryall"']
    assert TYPE.check(options) == []


@pytest.mark.parametrize('kind', ['form', 'bearer'])
def test_secrets_are_not_taken_in_clear_from_other_machines(kind):
    with pytest.raises(UsageError) as caught:
        SCHEMA.parse(['--auth', 'u', '--auth-kind', kind, '--interface', '0.0.0.0'])
    assert 'in clear' in caught.value.message
