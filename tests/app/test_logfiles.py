# Copyright the carryall authors.  See LICENSE.
"""Log files: their content and their permissions."""
from __future__ import absolute_import, division, print_function

import os
import stat

import pytest

from carryall.core.errors import UsageError
from carryall.app.logfiles import append_private, append_to
from tests.support.umask import set_umask


def mode_of(path):
    return stat.S_IMODE(os.stat(path).st_mode)


@pytest.fixture
def open_umask():
    former = set_umask(0o022)
    yield
    set_umask(former)


def test_a_new_file_is_its_owners_alone(tmpdir, open_umask):
    path = u'%s' % tmpdir.join('secrets.log')
    with append_private(path) as target:
        target.write(b'one\n')
    with append_private(path) as target:
        target.write(b'two\n')
    assert tmpdir.join('secrets.log').read() == 'one\ntwo\n', 'appended, and not written over'
    assert os.name == 'nt' or mode_of(path) == 0o600, 'mode %o' % mode_of(path)


def test_one_that_is_there_keeps_its_mode(tmpdir):
    path = u'%s' % tmpdir.join('shared.log')
    tmpdir.join('shared.log').write('')
    os.chmod(path, 0o640)
    append_private(path).close()
    assert os.name == 'nt' or mode_of(path) == 0o640


@pytest.mark.parametrize('opened', [append_private, append_to])
def test_an_unwritable_log_is_refused_in_a_sentence(tmpdir, opened):
    for path in (u'%s' % tmpdir, u'%s' % tmpdir.join('no', 'folder')):
        with pytest.raises(UsageError) as caught:
            opened(path)
        message = caught.value.message
        assert message.startswith(path + u' cannot be written: ') and u'Errno' not in message \
            and message.count(path) == 1, message


@pytest.mark.parametrize('open_log', [append_to, append_private])
def test_a_dash_is_stdout(open_log, capsys):
    target = open_log(u'-')
    target.write(b'line\n')
    target.close()
    assert capsys.readouterr()[0] == 'line\n'


def test_stdout_stays_open_behind_a_log(capsys):
    append_to(u'-').close()
    append_to(u'-').write(b'more\n')
    assert capsys.readouterr()[0] == 'more\n'
