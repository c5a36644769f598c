# Copyright the carryall authors.  See LICENSE.
"""Modules for the publisher in the folders of the web server: .pyp (feature MPY-06)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall import runtimes
from carryall.core.future import as_future, with_timeout
from carryall.services.modpython import pypprograms
from carryall.services.modpython.pipeline import Pipeline
from carryall.services.modpython.requestplan import FRESH_SECONDS, Plans
from carryall.services.web.static import StaticFiles
from tests.services.resources.resourcekit import request, result
from tests.services.scripts.scriptkit import Folder

SOURCE = b'''
seen = []
def index(req):
    return 'the index of ' + req.uri
def hello(req, to='world'):
    seen.append(to)
    return 'Hello, %s! %d' % (to, len(seen))
def _hidden(req):
    return 'never'
def fails(req):
    raise ValueError('on purpose')
'''


@pytest.fixture
def served(tmpdir):
    """A Folder on a real loop."""
    loop = runtimes.choose()
    folder = Folder(tmpdir, loop, '--pyp-threads', '2')
    yield folder
    folder.close()
    loop.close()


def _ask(served, target):
    return served.loop.run_until(
        with_timeout(served.loop, as_future(served.begin(target)), 20.0))


@pytest.mark.parametrize('target, body', [
    (b'/a.pyp', b'the index of /a.pyp'), (b'/a.pyp/hello', b'Hello, world! 1'),
    (b'/a.pyp/hello?to=you', b'Hello, you! 1')])
def test_functions_are_pages(served, target, body):
    served.write('a.pyp', SOURCE)
    assert _ask(served, target).body == body


def test_a_module_lives_between_requests(served):
    served.write('a.pyp', SOURCE)
    _ask(served, b'/a.pyp/hello')
    assert _ask(served, b'/a.pyp/hello').body == b'Hello, world! 2'


class Clock(object):
    """Seconds that a test sets."""

    now = 5.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    """The clock of all plans."""
    made = Clock()

    def pipeline(config, loop):
        """A Pipeline whose plans have that clock."""
        found = Pipeline(config, loop)
        found.plans = Plans(found.paces, made)
        return found

    monkeypatch.setattr(pypprograms, 'Pipeline', pipeline)
    return made


def test_a_changed_module_is_seen_when_its_plan_is_old(served, clock):
    served.write('a.pyp', SOURCE)
    _ask(served, b'/a.pyp')
    served.write('a.pyp', SOURCE.replace(b'the index', b'another index'))
    assert _ask(served, b'/a.pyp').body == b'the index of /a.pyp'
    clock.now += FRESH_SECONDS
    assert _ask(served, b'/a.pyp').body == b'another index of /a.pyp'


@pytest.mark.parametrize('target', [b'/a.pyp/_hidden', b'/a.pyp/none', b'/a.pyp/seen/append'])
def test_nothing_else_is_published(served, target):
    served.write('a.pyp', SOURCE)
    answer = _ask(served, target)
    assert answer.status == 404
    assert b'def ' not in answer.body


def test_a_function_that_fails_is_500(served, expect_log):
    expect_log('on purpose')
    served.write('a.pyp', SOURCE)
    assert _ask(served, b'/a.pyp/fails').status == 500


def test_the_source_is_refused_without_programs(served):
    served.write('a.pyp', SOURCE)
    answer = result(StaticFiles(str(served.path), served.loop.wall)(request(b'/a.pyp')))
    assert answer.status == 403
    assert b'def ' not in answer.body


def test_folders_are_counted(served, monkeypatch):
    monkeypatch.setattr(pypprograms, 'MAX_FOLDERS', 1)
    served.write('a.pyp', SOURCE)
    served.path.join('sub').ensure(dir=True)
    served.write('sub/a.pyp', SOURCE)
    _ask(served, b'/a.pyp/hello')
    assert _ask(served, b'/sub/a.pyp/hello').body == b'Hello, world! 1'
    assert _ask(served, b'/sub/a.pyp').body == b'the index of /sub/a.pyp'
