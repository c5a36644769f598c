# Copyright the carryall authors.  See LICENSE.
"""Scripts that set a WSGI application: .wsgi."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall import runtimes
from carryall.core.future import as_future, with_timeout
from tests.services.scripts.scriptkit import Folder

SOURCE = b'''
def application(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain')])
    found = environ['SCRIPT_NAME'] + '|' + environ['PATH_INFO']
    return [found.encode('ascii')]
'''


@pytest.fixture
def served(tmpdir):
    """A Folder on a real loop."""
    loop = runtimes.choose()
    folder = Folder(tmpdir, loop, '--wsgi-threads', '2')
    yield folder
    folder.close()
    loop.close()


def _ask(served, target):
    return served.loop.run_until(
        with_timeout(served.loop, as_future(served.begin(target)), 20.0))


@pytest.mark.parametrize('target, body', [
    (b'/a.wsgi', b'/a.wsgi|'), (b'/a.wsgi/x/y', b'/a.wsgi|/x/y')])
def test_an_application_knows_its_place(served, target, body):
    served.write('a.wsgi', SOURCE)
    assert _ask(served, target).body == body


def test_a_changed_script_is_run_again(served):
    served.write('a.wsgi', SOURCE)
    _ask(served, b'/a.wsgi')
    served.write('a.wsgi', SOURCE.replace(b"'|'", b"'||'"))
    assert _ask(served, b'/a.wsgi').body == b'/a.wsgi||'


@pytest.mark.parametrize('source', [b'nothing = 1\n', b'application = 5\n', b'1 // 0\n'])
def test_a_script_without_an_application_is_500(served, expect_log, source):
    expect_log('failed')
    served.write('a.wsgi', source)
    assert _ask(served, b'/a.wsgi').status == 500
