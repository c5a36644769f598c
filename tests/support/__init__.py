# Copyright the carryall authors.  See LICENSE.
"""The additions of the suite to pytest: one plugin a module, loaded by ``tests/conftest.py``, on
both generations of pytest.

interpreter   which runtime this is
results       one JSON line a result, for ``admin/runtests``
limits        a wall limit on every test, with the stacks of all threads
logwatch      an unexpected log record of level WARNING or above fails the test
quick         what --quick leaves out
otherruntimes waiting for runtimes that are still being installed
backends      the fixtures ``backend`` and ``loop``
"""
