# Copyright the carryall authors.  See LICENSE.
"""Every member of mod_python 2.7.8 (feature MPY-02): it is there, and does what the table says."""
from __future__ import absolute_import, division, print_function

import io
import os
import sys

import pytest

from tests.services.modpython.memberlist import MEMBERS, NAMES, markdown
from tests.services.modpython.sitekit import SiteKit

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
PAGE = os.path.join(ROOT, 'doc', 'conformance', 'mod_python.md')
SOURCE = '''
import os
from mod_python import apache, util
expression = None
found = []
def caught(function, *args):
    try:
        function(*args)
    except Exception as exc:
        return type(exc).__name__
def handler(req):
    root = req.document_root()
    if expression is not None:
        found.append(eval(expression))
    else:
        owner = {'req': req, 'connection': req.connection, 'server': req.server}[where]
        try:
            setattr(owner, name, getattr(owner, name))
        except AttributeError as exc:
            found.append(isinstance(exc, TypeError) or 'no setter' in str(exc) or 'set' in str(exc))
        else:
            found.append(False)
    return apache.OK
def other(req):
    return apache.OK
'''


@pytest.fixture
def asked(tmpdir):
    """A function that runs an expression, or an assignment, in a handler."""
    def ask(source):
        site = SiteKit(tmpdir.mkdir('site'), {'page.py': SOURCE + source},
                       more='PythonOption colour blue')
        site.ask('/a/b?c=d', 'POST', b'one\ntwo', x_own='yes',
                 authorization='Basic YW5uYTpvcGVu', CONTENT_TYPE='text/x'
                 if 'FieldStorage' not in source else 'application/x-www-form-urlencoded')
        return site.pipeline.interpreters.named('site.example').import_module('page').found
    return ask


@pytest.mark.parametrize('owner, name, access, expression, value', MEMBERS,
                         ids=['%s.%s' % row[:2] for row in MEMBERS])
def test_a_member_does_what_the_table_says(asked, owner, name, access, expression, value):
    assert asked('expression = %r\n' % expression) == [value]


@pytest.mark.parametrize('owner, name', [
    row[:2] for row in MEMBERS if row[2] != 'call' and row[0] in ('req', 'connection', 'server')])
def test_a_member_is_read_only_if_the_table_says_so(asked, owner, name):
    access = [row[2] for row in MEMBERS if row[:2] == (owner, name)]
    assert asked('where = %r\nname = %r\n' % (owner, name)) == [access == ['read']]


@pytest.mark.parametrize('owner', sorted(NAMES))
def test_no_member_of_2_7_8_is_missing(owner):
    assert sorted(NAMES[owner].split()) == sorted(row[1] for row in MEMBERS if row[0] == owner)


@pytest.mark.skipif(sys.version_info[0] == 2, reason='the table has the literals of Python 3')
def test_the_page_has_the_table():
    with io.open(PAGE, encoding='utf-8') as file:
        assert markdown() in file.read()
