# Copyright the carryall authors.  See LICENSE.
"""SCGIClient: the gateway to an application, by SCGI.

Tests:    tests/protocols/scgi/test_scgi.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.tls import open_session
from carryall.protocols.cgi import OneAnswerClient
from carryall.protocols.scgi.settings import PORT
from carryall.protocols.scgi.wire import format_head

__all__ = ['SCGIClient', 'connect']


class SCGIClient(OneAnswerClient):
    """A connection for one request."""

    def wrap_head(self, variables, has_body):
        return format_head(variables)


def connect(loop, host, port=PORT, tls=None, timeout=30.0, settings=None, path=None):
    # type: (Any, Any, int, Any, float, Any, Any) -> Future
    """Connects to an application; a Future of an SCGIClient.

    Args:     settings: a Settings of CGI, the limits on the answers.
              path: of a Unix socket, in the place of *host*.
    """
    return open_session(loop, lambda: SCGIClient(loop, settings), host, port, timeout=timeout,
                        tls=tls, path=path)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from carryall.core.future import Future
