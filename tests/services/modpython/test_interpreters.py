# Copyright the carryall authors.  See LICENSE.
"""Interpreters of a site (features MPY-09, MPY-10, NEW-17)."""
from __future__ import absolute_import, division, print_function

import colorsys
import sys

import pytest

from carryall.core.compat import ON_JYTHON
from tests.services.modpython.sitekit import SiteKit

COUNT = 'import helper\ndef handler(req):\n    req.write("%d" % helper.more())\n    return 0\n'
HELPER = 'seen = []\ndef more():\n    seen.append(1)\n    return len(seen)\n'
CONFIG = u'''
DocumentRoot %(root)s
<Directory %(root)s>
    SetHandler mod_python
    PythonHandler page
    PythonPath "['%(root)s']"
</Directory>
<Directory %(root)s/a>
    PythonInterpreter one
</Directory>
<Directory %(root)s/b>
    PythonInterpreter two
</Directory>
<Directory %(root)s/c>
    PythonInterpPerDirectory On
</Directory>
'''


@pytest.fixture
def site(tmpdir):
    return SiteKit(tmpdir.mkdir('site'), {'page.py': COUNT, 'helper.py': HELPER, 'a/x': '',
                                          'b/x': '', 'c/x': '', 'c/d/x': ''}, config=CONFIG)


def test_imported_modules_are_kept_within_an_interpreter_alone(site):
    assert [site.ask('/a/x').body for _ in range(3)] == [b'1', b'2', b'3']
    assert site.ask('/b/x').body == b'1'
    assert site.ask('/a/x').body == b'4'
    assert site.ask('/other').body == b'1'


@pytest.mark.parametrize('change, look', [
    ('helper.extra = 1', 'hasattr(helper, "extra")'),
    ('import builtins_of_site; builtins_of_site.value = 1',
     '__import__("builtins_of_site").value == 1')])
def test_nothing_of_a_site_leaks(tmpdir, change, look):
    assert _looks(tmpdir, change, look) == [b'True', b'False']


@pytest.mark.parametrize('change, look, is_shared', [
    ('import os; os.environ["CARRYALL_LEAK"] = "1"',
     '__import__("os").environ.get("CARRYALL_LEAK") == "1"', True),
    ('import sys; sys.modules["carryall_leak"] = 1',
     '__import__("sys").modules.get("carryall_leak") == 1', not ON_JYTHON),
    ('import os; os.chdir(os.path.dirname(__file__))',
     '__import__("os").getcwd() == __import__("os").path.dirname(__file__)', not ON_JYTHON),
    ('import colorsys; colorsys.leak = 1', 'hasattr(__import__("colorsys"), "leak")',
     not ON_JYTHON)])
def test_the_process_is_shared(tmpdir, monkeypatch, change, look, is_shared):
    """doc/conformance/mod_python.md, "Interpreters"."""
    monkeypatch.setenv('CARRYALL_LEAK', '')
    monkeypatch.setitem(sys.modules, 'carryall_leak', None)
    monkeypatch.chdir(tmpdir)
    assert _looks(tmpdir, change, look) == [b'True', b'True' if is_shared else b'False']
    vars(colorsys).pop('leak', None)


def _looks(tmpdir, change, look):
    """A change in one interpreter, and the look from it and from another."""
    page = 'import helper\ndef handler(req):\n    if req.args:\n        %s\n' % change
    page += '    req.write(str(%s))\n    return 0\n' % look
    site = SiteKit(tmpdir.mkdir('site'), {
        'page.py': page, 'helper.py': '', 'builtins_of_site.py': 'value = 0', 'a/x': '',
        'b/x': '', 'c/x': ''}, config=CONFIG)
    return [site.ask('/a/x?change').body, site.ask('/b/x').body]


def test_each_folder_has_one_if_it_is_asked_for(site):
    assert [site.ask('/c/x').body, site.ask('/c/x').body] == [b'1', b'2']
    assert site.ask('/c/d/x').body == b'1'
