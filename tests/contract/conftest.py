# Copyright the carryall authors.  See LICENSE.
"""The fixtures ``loop`` (every backend and the virtual loop) and ``machine`` (every real
backend)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall import runtimes
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
