# Copyright the carryall authors.  See LICENSE.
"""A named pipe in the place of a file that another user owns is an error at once,
wherever such a file is opened."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.core.auth.passwordfile import PasswordFile, PasswordFileError, load_table
from carryall.core.errors import CarryallError, UsageError
from carryall.app.fingerusers import Accounts, Folder
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


@pytest.mark.parametrize('read', [read_small, read_small_text])
def test_a_file_of_the_configuration(pipe, read):
    with pytest.raises(UsageError):
        read(pipe)


def test_a_password_file(pipe):
    with pytest.raises(PasswordFileError):
        load_table(pipe)
    with pytest.raises(PasswordFileError):
        PasswordFile(pipe).table(0.0)


def test_a_digest_file(pipe):
    with pytest.raises(CarryallError):
        DigestFile(pipe, b'r', lambda: 0.0).key(b'MD5', b'a')


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


def test_a_file_of_a_web_tree(folder, pipe):
    assert FileTree(folder).locate([b'pipe']) is None
