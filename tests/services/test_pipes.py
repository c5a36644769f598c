# Copyright the carryall authors.  See LICENSE.
"""A named pipe in the place of a file that another user owns is an error at once,
wherever such a file is opened."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.core.auth.passwordfile import PasswordFile, PasswordFileError, load_table
from carryall.core.errors import CarryallError, UsageError
from carryall.core.future import Future
from carryall.core.testing import VirtualLoop
from carryall.protocols.ftp.filesystem import FileFault
from carryall.services.finger import service as finger
from carryall.services.ftp.jail import Jail
from carryall.services.ftp.otpfile import OTPFile
from carryall.services.mail.aliases import Aliases
from carryall.services.mail.mx import system_servers
from carryall.services.pb.service import read_accounts
from carryall.services.fingerusers import Accounts, Folder
from carryall.core.files.smallfile import read_small, read_small_text
from carryall.services.web.digestfile import DigestFile
from carryall.services.web.tree import FileTree
from tests.support.pipes import make_pipe


@pytest.fixture
def folder(tmpdir):
    """A folder, as text."""
    return str(tmpdir)


@pytest.fixture
def pipe(folder):
    """A named pipe without a writer."""
    return make_pipe(folder, 'pipe')


@pytest.mark.parametrize('read', [OTPFile, read_accounts, read_small, read_small_text,
                                  lambda path: Aliases(path).load()])
def test_a_file_of_the_configuration(pipe, read):
    with pytest.raises(UsageError):
        read(pipe)


def test_a_list_that_the_aliases_include(folder, pipe):
    path = os.path.join(folder, 'aliases')
    with open(path, 'wb') as target:
        target.write(b'choir: :include:pipe\n')
    with pytest.raises(UsageError):
        Aliases(path).load()


def test_a_password_file(pipe):
    with pytest.raises(PasswordFileError):
        load_table(pipe)
    with pytest.raises(PasswordFileError):
        PasswordFile(pipe).table(0.0)


def test_a_digest_file(pipe):
    with pytest.raises(CarryallError):
        DigestFile(pipe, b'r', lambda: 0.0).key(b'MD5', b'a')


def test_the_file_of_name_servers(pipe):
    assert system_servers(pipe) == []


def test_files_of_people(folder):
    for name in ('name', 'plan', 'links'):
        make_pipe(folder, name)
    os.mkdir(os.path.join(folder, 'people'))
    os.rename(os.path.join(folder, 'name'), os.path.join(folder, 'people', 'name'))
    person, = [each for each in Folder(folder).people() if each.login == u'people']
    assert person.name == u''
    assert Folder(os.path.dirname(folder)).people()[0].read(u'plan') == u''


def test_a_file_of_accounts(pipe):
    assert Accounts(pipe).people() == []


def test_a_whois_record(folder, pipe):
    assert finger._Records(folder, None)._read(u'pipe') == u'No match for pipe.\n'


def test_a_file_of_a_web_tree(folder, pipe):
    assert FileTree(folder).locate([b'pipe']) is None


@pytest.mark.parametrize(
    'act', [lambda jail: jail.open((b'pipe',)), lambda jail: jail.store((b'pipe',)),
            lambda jail: jail.store((b'pipe',), 'append')])
def test_a_file_of_ftp(folder, pipe, act):
    with pytest.raises(FileFault):
        act(Jail(folder))


def test_a_query_of_finger_has_a_deadline(monkeypatch, folder):
    loop = VirtualLoop()
    monkeypatch.setattr(loop, 'run_in_thread', lambda *_: Future())
    service = finger.FingerService(finger.SCHEMA.parse(['--folder', folder, '-p', '0']))
    service.start(loop)
    answer = service.answer(u'ann', False, '192.0.2.1')
    loop.advance(finger.TELL_SECONDS + 1)
    assert answer.exception() is not None
    service.stop(0.0)
