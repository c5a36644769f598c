# Copyright the carryall authors.  See LICENSE.
"""UWSGIServer: an application behind another web server, by uwsgi.

Tests:    tests/protocols/uwsgi/test_uwsgi.py
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.cgi import OneRequestServer
from carryall.protocols.uwsgi.settings import Settings
from carryall.protocols.uwsgi.wire import parse_head

__all__ = ['UWSGIServer']


class UWSGIServer(OneRequestServer):
    """One connection of a web server, whose answer begins as one of HTTP: others want that.

    Args:     service: the application, called with the request.
              clock: the loop.
              settings: a Settings.
    """

    status = b'HTTP/1.1'

    def __init__(self, service, clock, settings=None):
        # type: (Any, Any, Any) -> None
        OneRequestServer.__init__(self, service, clock,
                                  Settings() if settings is None else settings)

    def take_head(self, data):
        return parse_head(data, self.settings.head_bytes)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
