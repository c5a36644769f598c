# Copyright the carryall authors.  See LICENSE.
"""UWSGIClient: the gateway to an application, by uwsgi.

Tests:    tests/protocols/uwsgi/test_uwsgi.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.tls import open_session
from carryall.protocols.cgi import OneAnswerClient
from carryall.protocols.uwsgi.settings import PORT
from carryall.protocols.uwsgi.wire import format_head

__all__ = ['UWSGIClient', 'connect']


class UWSGIClient(OneAnswerClient):
    """A connection for one request."""

    def wrap_head(self, variables, has_body):
        return format_head(variables)


def connect(loop, host, port=PORT, tls=None, timeout=30.0, settings=None, path=None):
    # type: (Any, Any, int, Any, float, Any, Any) -> Future
    """Connects to an application; a Future of an UWSGIClient.

    Args:     settings: a Settings of CGI, the limits on the answers.
              path: of a Unix socket, in the place of *host*.
    """
    return open_session(loop, lambda: UWSGIClient(loop, settings), host, port, timeout=timeout,
                        tls=tls, path=path)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from carryall.core.future import Future
