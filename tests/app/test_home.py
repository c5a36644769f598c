# Copyright the carryall authors.  See LICENSE.
"""The home folder, known and unknown."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.core.errors import UsageError
from carryall.app.home import in_home


def test_home_is_what_the_environment_says(monkeypatch, tmpdir):
    monkeypatch.setenv('HOME', str(tmpdir))
    monkeypatch.setenv('USERPROFILE', str(tmpdir))
    assert in_home('.netrc', '--netrc-file') == os.path.join(u'%s' % tmpdir, u'.netrc')


def unknown(path):
    """As pwd says it."""
    raise KeyError(path)


@pytest.mark.parametrize('expand', [unknown, lambda path: path, lambda path: ''])
def test_an_unknown_home_is_told_with_the_option_that_helps(monkeypatch, expand):
    monkeypatch.setattr(os.path, 'expanduser', expand)
    with pytest.raises(UsageError) as caught:
        in_home('.netrc', '--netrc-file')
    assert '--netrc-file' in caught.value.message
