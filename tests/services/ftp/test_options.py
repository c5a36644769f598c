# Copyright the carryall authors.  See LICENSE.
"""The options, those of 2002 and 2004 among them."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.app.optionvalues import plain
from carryall.core.errors import UsageError
from carryall.services.ftp.options import SCHEMA, Letters, Masquerade, PortRange, endpoints_of
from carryall.services.ftp.service import TYPE


def test_the_defaults_are_those_of_twisted():
    values = SCHEMA.parse([])
    assert values.root == u'/usr/local/ftp' and values.useranonymous == u'anonymous', 'as of old'
    assert [endpoint.text() for endpoint in endpoints_of(values)] \
        == [u'tcp:2121:interface=127.0.0.1'], 'as of old, for us alone'
    assert not values.thirdparty and not values.otp and not values.anonymous \
        and not values.demo_user, 'off'


@pytest.mark.parametrize('words, key, value', [
    (['-p', '2100'], u'port', [u'tcp:2100']), (['--port=2100'], u'port', [u'tcp:2100']),
    (['-r', '/'], u'root', u'/'),
    (['--useranonymous', 'guest'], u'useranonymous', u'guest'),
    (['--anonymoususer', 'guest'], u'useranonymous', u'guest'),
    (['--userAnonymous', 'guest'], u'useranonymous', u'guest'),
    (['--user_anonymous=guest'], u'useranonymous', u'guest'),
    (['-a'], u'anonymous', True), (['--anonymous'], u'anonymous', True),
    (['-3'], u'thirdparty', True),
    (['--thirdparty'], u'thirdparty', True), (['-a3'], u'thirdparty', True)])
def test_the_spellings_of_old(words, key, value):
    assert getattr(SCHEMA.parse(words), key) == value, words


@pytest.mark.parametrize('words', [['--otp'], ['--key', '/x'], ['--require-tls', 'all'],
                                   ['--reuse-session'], ['--permissions', 'xyz'],
                                   ['--passive-ports', '5-1'], ['--passive-ports', '5'],
                                   ['--masquerade', 'host'],
                                   ['--masquerade', 'x=192.0.2.1'], ['--interface', 'host'],
                                   ['-p', 'unix:/x'], ['--list-offset', '9999'],
                                   ['--otp', '--otp-file', '/x', '--demo-user'], ['--idle', '0']])
def test_contradicting_words_are_refused(words):
    with pytest.raises(UsageError):
        SCHEMA.parse(words)


def test_kinds_show_what_they_read():
    for kind, text in ((PortRange(), u'40000-40100'), (Masquerade(), u'192.0.2.1'),
                       (Masquerade(), u'10.=192.0.2.1'), (Letters(), u'elr')):
        assert kind.parse(kind.show(kind.parse(text))) == kind.parse(text), text
        kind.check(kind.parse(text))
        with pytest.raises(UsageError):
            kind.check(5)
    assert Letters().parse(u'rle') == u'elr' and PortRange().split(u'1-5') == (1, 5), 'in order'


def test_a_tap_keeps_them():
    values = SCHEMA.parse(['-p', '2100', '-r', '/', '-a3', '--masquerade', '10.=192.0.2.1',
                           '--passive-ports', '40000-40010', '--rate-down', '1M',
                           '--interface', '::1'])
    assert SCHEMA.complete(plain(values)) == values and SCHEMA.parse(
        SCHEMA.words(values)) == values, SCHEMA.words(values)
    assert TYPE.endpoints(values) == [u'tcp:2100:interface=[::1]'], TYPE.endpoints(values)


def test_started_by_hand_it_serves_the_working_folder_for_reading(tmpdir, monkeypatch):
    monkeypatch.setattr('os.path.isdir', lambda path: path != u'/usr/local/ftp')
    with tmpdir.as_cwd():
        values = SCHEMA.parse([])
        assert TYPE.started_by_hand(values) == [u'folder %s, for reading' % tmpdir]
    assert (values.root, values.permissions) == (str(tmpdir), u'elr')
    given = SCHEMA.parse(['--root', '/'])
    assert TYPE.started_by_hand(given) == [] and given.root == u'/'
