# Copyright the carryall authors.  See LICENSE.
"""Interpreters of a site (features MPY-09, MPY-10, NEW-17)."""
from __future__ import absolute_import, division, print_function

import pytest

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


def test_each_folder_has_one_if_it_is_asked_for(site):
    assert [site.ask('/c/x').body, site.ask('/c/x').body] == [b'1', b'2']
    assert site.ask('/c/d/x').body == b'1'
