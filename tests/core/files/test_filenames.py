# Copyright the carryall authors.  See LICENSE.
"""Names that Windows takes for something else."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.files.filenames import aliases_of, means_another


@pytest.mark.parametrize('name', [b'C:', b'c:x', b'x.txt:s', b'x.txt::$DATA', b'con', b'CON',
                                  b'nul.txt', b'nul.tar.gz', b'nul .txt', b'com1', b'COM9.html',
                                  b'com\xc2\xb9', b'com\xb2.txt', b'conin$', b'x.', b'x ',
                                  b'...', b' '])
def test_names_of_something_else(name):
    assert means_another(name)


@pytest.mark.parametrize('name', [b'console', b'com10', b'nul-file', b'x.con', b' x', b'.x', b'a b',
                                  b'caf\xc3\xa9'])
def test_names_of_what_they_say(name):
    assert not means_another(name)


@pytest.mark.parametrize('name, aliases', [
    (b'x.rpy.', [b'x.rpy']), (b'x . .', [b'x']), (b'x.rpy::$DATA', [b'x.rpy']),
    (b'x. :s', [b'x. ', b'x']), (b'x', []), (b'...', [])])
def test_the_file_that_is_meant(name, aliases):
    assert aliases_of(name) == aliases
