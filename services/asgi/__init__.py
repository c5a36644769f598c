# Copyright the carryall authors.  See LICENSE.
"""ASGI 3: applications of Python 3, by HTTP and WebSocket.

    from carryall.services.asgi import asgi_application

    site = Site(asgi_application(app, loop), loop)
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import PY2
from carryall.core.errors import Unsupported
from carryall.services.asgi.settings import Settings

__all__ = ['Settings', 'WHY_NOT', 'asgi_application', 'check_language']

WHY_NOT = u'ASGI needs Python 3.8 or newer: its applications are coroutines'


def check_language():
    # type: () -> None
    """Raises Unsupported where the language has no coroutines."""
    if PY2:
        raise Unsupported(WHY_NOT)


def asgi_application(app, loop, settings=Settings()):
    # type: (Any, Any, Settings) -> Any
    """The ASGIApplication of *app*.

    Raises:   Unsupported: this is Python 2.
    """
    check_language()
    from carryall.services.asgi.asgiapplication_py3 import ASGIApplication
    return ASGIApplication(app, loop, settings)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
