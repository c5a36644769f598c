# Copyright the carryall authors.  See LICENSE.
"""The fixtures ``backend`` (the name of each backend of this interpreter) and ``loop`` (a new loop
of that backend).

And ``short_delay``, for tests on these that log in wrongly: the second of the guard would be waited
for on each backend.
"""
from __future__ import absolute_import, division, print_function

import pytest

from carryall import runtimes
from carryall.core.auth import guard
from tests.support import interpreter, quick


def known():
    """All backends as ``carryall.runtimes`` lists them: objects with name, available and reason."""
    return runtimes.backends()


def usual():
    """The names of those that tests run on if none is named: toolkits would get in each other's
    way."""
    return [each.name for each in known() if each.available and not each.guest]


def pytest_addoption(parser):
    """--backend NAME."""
    parser.getgroup('carryall').addoption('--backend', action='append', metavar='NAME',
                                          help='run the tests of this backend only (may be given '
                                               'again)')


def pytest_report_header():
    """Says what runs here before anything runs."""
    missing = ['%s (%s)' % (each.name, each.reason) for each in known() if not each.available]
    return [interpreter.describe(),
            'backends: %s' % (', '.join(each.name for each in known() if each.available) or 'none'),
            'not here: %s' % ('; '.join(missing) or 'none')]


def pytest_generate_tests(metafunc):
    """Runs a test that asks for ``backend`` once on each."""
    marked = [mark for mark in metafunc.definition.iter_markers('parametrize') if 'backend' in str(
        mark.args[0])]
    if 'backend' in metafunc.fixturenames and not marked:
        names = _chosen(metafunc.config.getoption('--backend'))
        metafunc.parametrize('backend', quick.backends_of(metafunc, names))


def _chosen(names):
    """The backends to test: all that this interpreter has but guests, or those named,
    each with its reason if it is not here."""
    if not names:
        return usual()
    reasons = dict((each.name, None if each.available else each.reason) for each in known())
    return [name if reasons.get(name, '') is None else
            pytest.param(name, marks=pytest.mark.skip(reason=reasons.get(name)
                                                      or 'no backend is called ' + name))
            for name in names]


@pytest.fixture
def loop(backend):
    """A loop of that backend, closed after the test; what escapes from a callback is logged,
    which fails the test."""
    made = runtimes.choose(backend)
    yield made
    made.close()


@pytest.fixture
def short_delay(monkeypatch):
    """A failed login is answered after a fiftieth of a second,
    by guards that are made from now on."""
    monkeypatch.setattr(guard, 'DELAY_SECONDS', 0.02)
