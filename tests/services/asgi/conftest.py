# Copyright the carryall authors.  See LICENSE.
"""The fixture of the tests of ASGI.

Its name is its own: pytest 4.6 on Jython gives the fixtures of a compiled conftest to all tests.
"""
from __future__ import absolute_import, division, print_function

import pytest


@pytest.fixture(params=['asyncio', 'epoll'])
def serve_asgi(request):
    """Called with an application and settings, gives a Served; on the guest and on our own loop."""
    # py2: the module is not Python 2, and no test there asks for this fixture
    from tests.services.asgi.asgikit_py3 import Served
    made = []

    def start(app, **settings):
        made.append(Served(app, request.param, **settings))
        return made[-1]

    yield start
    for served in made:
        served.close()
