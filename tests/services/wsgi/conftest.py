# Copyright the carryall authors.  See LICENSE.
"""The fixture of the tests of WSGI."""
from __future__ import absolute_import, division, print_function

import pytest

from tests.services.wsgi.wsgikit import Served


@pytest.fixture
def serve():
    """Called with an application and settings, gives a Served."""
    made = []

    def start(app, **settings):
        made.append(Served(app, **settings))
        return made[-1]

    yield start
    for served in made:
        served.close()
