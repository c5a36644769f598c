# Copyright the carryall authors.  See LICENSE.
"""SCGIServer: an application behind another web server, by SCGI.

Tests:    tests/protocols/scgi/test_scgi.py
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.cgi import OneRequestServer
from carryall.protocols.scgi.settings import Settings
from carryall.protocols.scgi.wire import parse_head

__all__ = ['SCGIServer']


class SCGIServer(OneRequestServer):
    """One connection of a web server.

    Args:     service: the application, called with the request.
              clock: the loop.
              settings: a Settings.
    """

    def __init__(self, service, clock, settings=None):
        # type: (Any, Any, Any) -> None
        OneRequestServer.__init__(self, service, clock,
                                  Settings() if settings is None else settings)

    def take_head(self, data):
        return parse_head(data, self.settings.head_bytes)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
