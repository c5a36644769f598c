# Copyright the carryall authors.  See LICENSE.
"""The API reference is made of the docstrings, and a warning of pdoc is a failure."""
import os

import pytest

from admin.manual import api
from admin.suite import setup


@pytest.fixture(autouse=True)
def pdoc(house_runtime):
    """About the tools, not about the interpreter."""
    house_runtime()
    if not setup.tools('docs'):
        pytest.skip('pdoc is not in build/test-env: admin/apidocs --setup')


@pytest.mark.limit(120)
def test_a_page_shows_the_docstrings_of_a_module(tmp_path):
    assert api.make(['carryall.core.codec.numbers'], str(tmp_path)) == []
    page = (tmp_path / 'carryall' / 'core' / 'codec' / 'numbers.html').read_text(encoding='utf-8')
    assert 'hexadecimal' in page
    assert 'Numbers as sent on the wire' in page


@pytest.mark.limit(120)
def test_a_warning_is_a_failure(tmp_path, capsys):
    """A module that is missing is one."""
    words = ['carryall.core.codec.numbers', 'carryall.no_such_module', '--output', str(tmp_path)]
    assert api.main(words) == 1
    assert 'no_such_module' in capsys.readouterr()[1]


def test_modules_that_are_left_out_exist():
    assert os.path.isdir(os.path.join(api.ROOT, 'runtimes', 'jvm'))
    assert os.path.exists(os.path.join(api.ROOT, 'carryall', '__main__.py'))
    assert api.LEFT_OUT == ('carryall.runtimes.jvm', 'carryall.__main__')
