# Copyright the carryall authors.  See LICENSE.
"""Pool: connections to one application behind the server; those of FastCGI are kept between
requests.

The application may close a kept connection just when a request is sent.  Then a new one is used,
once, for a request without a body whose method is idempotent.

Tests:    tests/services/fastcgi/test_pool.py, tests/services/cgi/suffixtests.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES
from carryall.core.errors import ConnectionLost
from carryall.core.future import Future
from carryall.core.logs import get_logger
from carryall.protocols.cgi import CGIError

__all__ = ['Pool', 'PoolRun']

# -- limits ------------------------------------------------------------------
MAX_IDLE = 16               # connections that are kept
CONNECT_SECONDS = 10.0      # for a new one; then 504
LINE_BYTES = 1000           # octets of a message that are logged
MESSAGES = 100              # of one answer that are logged

IDEMPOTENT = frozenset((b'GET', b'HEAD', b'OPTIONS', b'PUT', b'DELETE', b'TRACE'))
PRINTABLE = bytes(bytearray(number if number >= 32 and number != 127 else 32
                            for number in range(256)))

log = get_logger('cgi')


class Pool(object):
    """The connections to one application.

    Args:     loop: the loop.
              endpoint: an Endpoint, tcp or unix, of the application.
              settings: a Settings of CGI.
              connect: of the protocol.
              keeps: false if a connection is for one request.
    """

    def __init__(self, loop, endpoint, settings, connect, keeps=True):
        # type: (Any, Any, Any, Callable[..., Any], bool) -> None
        self.loop = loop
        self.settings = settings
        self._endpoint = endpoint
        self._connect = connect
        self._most = MAX_IDLE if keeps else 0
        self._idle = []             # type: List[Any]
        self._closed = False

    def run(self, variables, body, label, over):
        # type: (Dict[bytes, bytes], Any, Any, Any) -> PoolRun
        """Sends a request; see Gateway.answer."""
        run = PoolRun(self, variables, body, label, over)
        run.start()
        return run

    def take(self):
        # type: () -> Any
        """A kept connection, or None."""
        while self._idle:
            client = self._idle.pop()
            client.ended = None
            if not client.transport.is_closing():
                return client
        return None

    def connect(self):
        # type: () -> Any
        """A Future of a new connection."""
        endpoint = self._endpoint
        if endpoint.kind == 'unix':
            return self._connect(self.loop, None, path=endpoint.path, settings=self.settings,
                                 timeout=CONNECT_SECONDS)
        return self._connect(self.loop, str(endpoint.interface or '127.0.0.1'), endpoint.port,
                             settings=self.settings, timeout=CONNECT_SECONDS)

    def give(self, client):
        # type: (Any) -> None
        """Keeps a connection whose answer is complete."""
        client.complain = None
        client.repeated = None
        if self._closed or client.transport.is_closing() or len(self._idle) >= self._most:
            client.transport.close()
            return
        client.ended = self._gone
        self._idle.append(client)

    def _gone(self, client):
        # type: (Any) -> None
        """The application has closed a kept connection."""
        if client in self._idle:
            self._idle.remove(client)

    def close(self):
        # type: () -> None
        """Closes the kept connections."""
        self._closed = True
        idle, self._idle = self._idle, []
        for client in idle:
            client.ended = None
            client.transport.close()


class PoolRun(object):
    """One request.

    Attributes:
        response: a Future of a Response or a Redirect.
    """

    def __init__(self, pool, variables, body, label, over):
        # type: (Pool, Dict[bytes, bytes], Any, Any, Any) -> None
        self.response = Future(self._given_up)
        self._pool = pool
        self._variables = variables
        self._body = body
        self._label = label
        self._over = over
        self._client = None         # type: Any
        self._program = None        # type: Any  # the ProgramAnswer of the connection
        self._kept = False          # whether the connection was in the pool
        self._messages = 0
        self._ended = False

    @property
    def answer(self):
        # type: () -> PoolRun
        """The object that has the response: this one."""
        return self

    def start(self):
        # type: () -> None
        """Sends the request on a kept connection, or on a new one."""
        client = self._pool.take()
        self._kept = client is not None
        if client is not None:
            self._ask(client)
        else:
            self._pool.connect().add_done_callback(self._connected)

    def _connected(self, connected):
        # type: (Any) -> None
        error = connected.exception()
        if error is not None:
            self._fail(CGIError(u'the application cannot be reached: %s' % error, cause=error))
            return
        client = connected.result()
        if self._ended:
            self._pool.give(client)
            return
        self._ask(client)

    def _ask(self, client):
        # type: (Any) -> None
        self._client = client
        client.complain = self._complain
        client.ended = self._client_ended
        client.repeated = self._repeated if self._kept else None
        variables = self._variables
        client.request(list(variables.items()), self._body, variables.get(b'REQUEST_METHOD'),
                       self.response)
        self._program = client.answer

    def _repeated(self):
        # type: () -> bool
        """True if the request is sent again: the application has closed a kept connection."""
        self._kept = False
        if self._ended or self._body is not None:
            return False
        if self._variables.get(b'REQUEST_METHOD') not in IDEMPOTENT:
            return False
        self._client = None
        self._pool.connect().add_done_callback(self._connected)
        return True

    def _client_ended(self, client):
        # type: (Any) -> None
        """The answer is complete, or the connection is gone."""
        self._pool.give(client)
        if self._client is client:
            failure = self._program.failure
            if failure is not None:
                self._tell_failure(failure)
            self._finish()

    def _tell_failure(self, error):
        # type: (BaseException) -> None
        if not self._ended and not isinstance(error, ConnectionLost):
            log.error('%s: %s', self._label, error)

    def _fail(self, error):
        # type: (BaseException) -> None
        self._tell_failure(error)
        if not self.response.done():
            self.response.set_exception(error)
        self._finish()

    def _given_up(self, _future):
        # type: (Any) -> None
        self.abort()

    def abort(self):
        # type: () -> None
        """Ends the request: the client is gone, or the server stops."""
        client = self._client
        if client is not None and client.answer is not None:
            client.answer.abandon()
        self._finish()

    def _complain(self, data):
        # type: (bytes) -> None
        """Logs messages of the application."""
        for line in data.split(b'\n'):
            text = line[:LINE_BYTES].translate(PRINTABLE).strip().decode('utf-8', 'replace')
            self._messages += bool(text)
            if text and self._messages <= MESSAGES:
                log.warning('%s: %s', self._label, text)

    def _finish(self):
        # type: () -> None
        if self._ended:
            return
        self._ended = True
        body, self._body = self._body, None
        if hasattr(body, 'close'):
            body.close()
        try:
            self._over(self)
        except FAILURES:
            log.exception('%s: the end of a request', self._label)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List
