# Copyright the carryall authors.  See LICENSE.
"""FastCGIClient: the gateway to an application, such as PHP's (FastCGI 1.0).

Tests:    tests/protocols/fastcgi/test_client.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.logs import get_logger
from carryall.core.tls import open_session
from carryall.protocols.cgi import UpstreamClient
from carryall.protocols.fastcgi import wire
from carryall.protocols.fastcgi.errors import FastCGIError
from carryall.protocols.fastcgi.settings import PORT

__all__ = ['FastCGIClient', 'connect']

REQUEST = 1                 # the number of each request: there is one at a time
BEGIN = wire.format_record(wire.BEGIN_REQUEST, REQUEST, wire.begin_body())
PARAMS_END = wire.format_record(wire.PARAMS, REQUEST)
# The end of a request without a body
ENDS = PARAMS_END + wire.format_record(wire.STDIN, REQUEST)

log = get_logger('fastcgi')


class FastCGIClient(UpstreamClient):
    """A connection that is kept for further requests; one at a time, as PHP wants it."""

    def wrap_head(self, variables, has_body):
        self._reader = wire.RecordReader()
        params = wire.format_stream(wire.PARAMS, REQUEST, wire.format_pairs(variables))
        return b''.join((BEGIN, params, PARAMS_END if has_body else ENDS))

    def wrap_body(self, data):
        return wire.format_stream(wire.STDIN, REQUEST, data) or wire.format_record(wire.STDIN,
                                                                                   REQUEST)

    def unwrap(self, data):
        output = b''                # kept until it is known whether the end follows it
        for kind, number, content in self._reader.receive_data(data):
            if number not in (0, REQUEST):
                raise FastCGIError(u'an answer to another request')
            if kind == wire.STDOUT:
                if output and self.answer is not None:
                    self.answer.feed(output)
                output = content
            elif kind == wire.STDERR:
                if content and self.complain is not None:
                    self.complain(content)
            elif kind == wire.END_REQUEST:
                self._end(content, output)
                output = b''
            elif number:
                raise FastCGIError(u'a record of type %d in an answer' % kind)
        if output and self.answer is not None:
            self.answer.feed(output)

    def _end(self, content, output):
        # type: (bytes, bytes) -> None
        """Takes an END_REQUEST, with the *output* before it."""
        status = wire.parse_end(content)[1]
        if status in (wire.OVERLOADED, wire.CANT_MPX_CONN):
            raise FastCGIError(u'the application has too much to do', reply=503)
        if status != wire.REQUEST_COMPLETE:
            raise FastCGIError(u'the application refused the request (%d)' % status)
        if self.answer is not None:
            if output:
                self.answer.feed(output, True)
            self.finish()


def connect(loop, host, port=PORT, tls=None, timeout=30.0, settings=None, complain=None,
            path=None):
    # type: (Any, Any, int, Any, float, Any, Any, Any) -> Future
    """Connects to an application; a Future of a FastCGIClient.

    Args:     settings: a Settings of CGI, the limits on the answers.
              complain: called with messages for the log.
              path: of a Unix socket, in the place of *host*.
    """
    return open_session(loop, lambda: FastCGIClient(loop, settings, complain), host, port,
                        timeout=timeout, tls=tls, path=path)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from carryall.core.future import Future
