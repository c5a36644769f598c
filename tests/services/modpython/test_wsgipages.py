# Copyright the carryall authors.  See LICENSE.
"""Applications of WSGI in a site of mod_python (feature MPY-14)."""
from __future__ import absolute_import, division, print_function

import pytest

from tests.services.modpython.sitekit import SiteKit

APP = '''
def application(environ, start_response):
    write = start_response('201 Created', [('Content-Type', 'text/x-own'), ('X-Own', '1')])
    write(environ['wsgi.input'].read())
    return [('%(SCRIPT_NAME)s|%(PATH_INFO)s|%(QUERY_STRING)s' % environ).encode('latin-1')]
other = application
'''
OPTION = 'PythonOption mod_python.wsgi.application '
BASE = '\nPythonOption mod_python.wsgi.base_uri /app'


def made(tmpdir, more):
    return SiteKit(tmpdir.mkdir('site'), {'app.py': APP}, handler='mod_python.wsgi', more=more)


@pytest.mark.parametrize('more, body', [
    (OPTION + 'app', b'|/app/x|a=1'), (OPTION + 'app::other', b'|/app/x|a=1'),
    (OPTION + 'app' + BASE, b'/app|/x|a=1'),
])
def test_an_application_answers(tmpdir, more, body):
    answer = made(tmpdir, more).ask('/app/x?a=1', 'POST', b'body ')
    assert answer.status == 201
    assert answer.body == b'body ' + body
    assert answer.fields['content-type'] == ['text/x-own']
    assert answer.fields['x-own'] == ['1']


@pytest.mark.parametrize('more, target, told', [
    ('', '/', 'not found'), (OPTION + 'app::none', '/', 'not found'),
    (OPTION + 'app' + BASE, '/other', 'does not begin'),
])
def test_a_site_without_one_declines(tmpdir, more, target, told, expect_log):
    expect_log(told)
    assert made(tmpdir, more).ask(target).status == 404


def test_the_body_of_an_application_is_closed(tmpdir):
    site = SiteKit(tmpdir.mkdir('site'), {'app.py': '''
class Body(object):
    closed = 0
    def __iter__(self):
        return iter([b'x'])
    def close(self):
        Body.closed += 1
def application(environ, start_response):
    start_response('200 OK', [('X-Closed', str(Body.closed))])
    return Body()
'''}, handler='mod_python.wsgi', more=OPTION + 'app')
    site.ask('/')
    assert site.ask('/').fields['x-closed'] == ['1']
