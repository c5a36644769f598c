# Copyright the carryall authors.  See LICENSE.
"""Gateway: a handler that answers by a program outside of the server, however that is reached.

It has the variables, a body whose length is known, a place for each run, and local redirects.

Tests:    tests/services/cgi/test_cgiprograms.py
"""
from __future__ import absolute_import, division, print_function

import os
from binascii import hexlify

from carryall import __version__
from carryall.core.allowance import Allowance
from carryall.core.compat import FAILURES, native, to_bytes
from carryall.core.future import Future, as_future, failed
from carryall.core.logs import get_logger
from carryall.core.net.ip import source_of
from carryall.core.ratelimit import RateLimit
from carryall.protocols.cgi import CGIError, Redirect, ScriptVariables
from carryall.protocols.http import plain_response
from carryall.services.cgi.localredirect import redirected
from carryall.services.web.bodyspool import collect

__all__ = ['Gateway', 'SOFTWARE']

SOFTWARE = to_bytes('carryall/%s' % __version__)

# -- limits ------------------------------------------------------------------
RETRY_SECONDS = b'10'       # told with 503
REFUSALS_TOLD = 1.0         # a second at most, in the log

log = get_logger('cgi')


class Gateway(object):
    """A handler for programs outside of the server.

    Args:     clock: the loop.
              programs: runs at the same time; one client may have half of them.

    Attributes:
        runs: those that are not over.
    """

    def __init__(self, clock, programs):
        # type: (Any, int) -> None
        self.runs = set()           # type: Set[Any]
        self._awaited = {}          # type: Dict[Any, Future]   # the ends of some of them
        # One client has half of them, and of one place that would be none.
        self._places = Allowance(max(2, programs))
        # A flood of requests must not be one of the log
        self._told = RateLimit(clock, REFUSALS_TOLD, 1)

    def answer(self, request, script, begin, more=()):
        # type: (Any, Any, Callable[..., Any], Sequence[Tuple[bytes, bytes]]) -> Any
        """The answer of a run.

        Args:     begin: called with (variables, body or None, label, over), the variables a dict;
                      returns the run, which has an ``answer`` and ``abort()``, and calls over(run)
                      at its end.
                  more: variables beside those of the request, which they replace.
        """
        peer = request.peer
        # All that come by Unix sockets are one source.
        source = None if peer is None or peer.port is None else source_of(peer.host)
        if not self._places.take(source, 1):
            if self._told.take():
                log.warning('%d programs run: one more is refused', self._places.held)
            return plain_response(503, [(b'Retry-After', RETRY_SECONDS)])
        if script.kept is None:
            script.kept = ScriptVariables(script, SOFTWARE, more)
        variables = script.kept.of(request)
        if request.length >= 0:
            body = request.body if request.length else None
            return self._begin(request, script, begin, variables, source, body)
        return collect(request.body).then(
            lambda spool: self._begin_spooled(request, script, begin, variables, source, spool),
            lambda exc: self._not_begun(source, exc))

    def _begin_spooled(self, request, script, begin, variables, source, spool):
        # type: (Any, Any, Any, Dict[bytes, bytes], Any, Any) -> Any
        variables[b'CONTENT_LENGTH'] = b'%d' % spool.length
        return self._begin(request, script, begin, variables, source, spool)

    def _not_begun(self, source, error):
        # type: (Any, BaseException) -> Any
        self._places.give(source, 1)
        return failed(error)

    def _begin(self, request, script, begin, variables, source, body):
        # type: (Any, Any, Any, Dict[bytes, bytes], Any, Any) -> Any
        identifier = hexlify(os.urandom(8))
        variables[b'UNIQUE_ID'] = identifier
        ended = []                  # type: List[Any]

        def over(run):
            # type: (Any) -> None
            ended.append(run)
            self.runs.discard(run)
            self._places.give(source, 1)
            waiting = self._awaited.pop(run, None)
            if waiting is not None:
                waiting.set_result(None)

        try:
            run = begin(variables, body, RunLabel(identifier, request.method, script.name), over)
        except FAILURES:            # such as no descriptor
            if not ended:
                self._places.give(source, 1)
            raise
        if not ended:               # it may fail at once
            self.runs.add(run)
        return run.answer.response.then(
            lambda answer: answer if type(answer) is not Redirect
            else self._followed(request, script, run, answer))

    def _followed(self, request, script, run, answer):
        # type: (Any, Any, Any, Redirect) -> Any
        """The page that a local redirect leads to, once the program has given its place back: the
        page may need it.
        """
        try:
            other = redirected(request, answer.location)
        except CGIError as exc:
            log.error('%s: %s', script.name.decode('utf-8', 'replace'), exc)
            raise
        if run not in self.runs:
            return as_future(script.site(other))
        ended = Future()
        self._awaited[run] = ended
        return ended.then(lambda _: as_future(script.site(other)))

    def close(self):
        # type: () -> None
        """Ends all runs."""
        for run in list(self.runs):
            run.abort()


class RunLabel(object):
    """The words by which the log names a run; few runs need them."""

    __slots__ = ('_identifier', '_method', '_name')

    def __init__(self, identifier, method, name):
        # type: (bytes, bytes, bytes) -> None
        self._identifier = identifier
        self._method = method
        self._name = name

    def __str__(self):
        return '%s %s %s' % (native(self._identifier), native(self._method),
                             native(self._name.decode('utf-8', 'replace')))


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Sequence, Set, Tuple
