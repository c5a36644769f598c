# Copyright the carryall authors.  See LICENSE.
"""The fixtures ``loop`` (every backend and the virtual loop) and ``machine`` (every real
backend)."""
from __future__ import absolute_import, division, print_function

import sys

import pytest

from carryall import runtimes
from carryall.core.compat import reraise
from tests.contract.support import new_loop
from tests.support import quick


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc):
    """Runs a test that asks for ``backend`` once on each; the virtual loop counts for tests that
    ask for ``loop``.
    """
    if 'backend' not in metafunc.fixturenames or any('backend' in str(mark.args[0]) for mark in
                                                     metafunc.definition.iter_markers(
                                                         'parametrize')):
        return
    chosen = metafunc.config.getoption('--backend') or ()
    names = [each.name for each in runtimes.backends()
             if each.available and (not each.guest or each.name in chosen)]
    if 'loop' in metafunc.fixturenames:
        names.append('virtual')
    wanted = [name for name in names if not chosen or name in chosen]
    metafunc.definition.add_marker(
        pytest.mark.parametrize('backend', quick.backends_of(metafunc, wanted)))


def pytest_pyfunc_call(pyfuncitem):
    """Runs a test of swing on Java's dispatch thread, which is its loop's thread."""
    values = pyfuncitem.funcargs
    if values.get('backend') != 'swing':
        return None
    from javax.swing import SwingUtilities
    failed = []

    def call():
        try:
            pyfuncitem.obj(**dict((name, values[name])
                                  for name in pyfuncitem._fixtureinfo.argnames))
        except BaseException:
            failed.append(sys.exc_info())

    SwingUtilities.invokeAndWait(call)
    if failed:
        reraise(*failed[0][1:])
    return True


@pytest.fixture
def loop(backend):
    """A new loop of that backend, closed after the test;
    what escapes from a callback fails the test."""
    made = new_loop(backend)
    yield made
    made.close()
    assert not getattr(made, 'failures', None), 'escaped from a callback: %r' % (made.failures,)


@pytest.fixture
def machine(backend):
    """A new loop of that real backend, closed after the test."""
    made = new_loop(backend)
    yield made
    made.close()
