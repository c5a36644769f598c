# Copyright the carryall authors.  See LICENSE.
"""The files of an account: private, replaced in one step, damaged."""
from __future__ import absolute_import, division, print_function

import os
import stat

import pytest

from carryall.core.errors import UsageError
from carryall.core.tls.authority import private_number, self_signed
from carryall.services.acme.acmefolder import ACMEFolder, file_of

NAMES = ('shop.example', 'www.shop.example')
NOW = 1.9e9


@pytest.fixture
def path(tmpdir):
    """A folder that is not there yet."""
    return u'%s' % tmpdir.join('below', 'keys')


def mode(path):
    """The permissions of a file."""
    return stat.S_IMODE(os.stat(path).st_mode)


def test_files_are_private(path):
    folder = ACMEFolder(path)
    folder.account_key()
    folder.keep_account('https://ca/', 'https://ca/account/1')
    folder.provide(NAMES, NOW)
    assert mode(path) == 0o700
    assert [mode(os.path.join(path, name)) for name in sorted(os.listdir(path))] == [0o600] * 3


def test_a_file_and_its_name_are_brought_to_the_disk(path, monkeypatch):
    folder = ACMEFolder(path)
    synced = []
    fsync = os.fsync
    monkeypatch.setattr(os, 'fsync', lambda handle: synced.append(os.listdir(path))
                        or fsync(handle))
    folder.keep_account('https://ca/', 'https://ca/account/1')
    assert synced == [[u'account.json.new'], [u'account.json']]


def test_the_key_of_the_account_stays(path):
    first = ACMEFolder(path).account_key()
    assert ACMEFolder(path).account_key() == first
    assert private_number(first)


def test_the_account_is_of_one_authority(path):
    folder = ACMEFolder(path)
    assert folder.account('https://ca/') is None
    folder.keep_account('https://ca/', 'https://ca/account/1')
    assert folder.account('https://ca/') == 'https://ca/account/1'
    assert folder.account('https://other/') is None


@pytest.mark.parametrize('data', [b'', b'{', b'[]', b'{"directory": 5}', b'\xff'])
def test_a_damaged_account_is_asked_for_again(path, data):
    folder = ACMEFolder(path)
    with open(os.path.join(path, 'account.json'), 'wb') as target:
        target.write(data)
    assert folder.account('https://ca/') is None


def test_a_provisional_certificate_is_for_all_names(path):
    folder = ACMEFolder(path)
    folder.provide(NAMES, NOW)
    found = folder.certificate(NAMES)
    assert found.subject == found.issuer
    assert set(found.names) == set(NAMES)


def test_a_certificate_that_is_there_stays(path):
    folder = ACMEFolder(path)
    made = self_signed(NAMES, NOW)
    folder.keep_certificate(NAMES, made.key, made.certificate)
    folder.provide(NAMES, NOW)
    with open(file_of(path, NAMES[0]), 'rb') as source:
        assert source.read() == made.key + made.certificate


def test_a_certificate_for_fewer_names_does_not_count(path):
    folder = ACMEFolder(path)
    folder.provide(NAMES[:1], NOW)
    assert folder.certificate(NAMES) is None


@pytest.mark.parametrize('data', [b'', b'nothing', b'-----BEGIN CERTIFICATE-----\nAAAA\n'
                                  b'-----END CERTIFICATE-----\n'])
def test_a_damaged_certificate_does_not_count(path, data):
    folder = ACMEFolder(path)
    with open(file_of(path, NAMES[0]), 'wb') as target:
        target.write(data)
    assert folder.certificate(NAMES) is None


def test_a_folder_that_cannot_be_made_is_told(tmpdir):
    tmpdir.join('file').write_binary(b'')
    with pytest.raises(UsageError):
        ACMEFolder(u'%s' % tmpdir.join('file', 'keys'))
