# Copyright the carryall authors.  See LICENSE.
"""HeldOutput: the response of one request, as its handlers write it.

What a handler writes first is held for HOLD_SECONDS, or until it writes more, flushes or ends.  So
a page that is written at once has a Content-Length and costs one message to the loop's thread.

Tests:    tests/services/modpython/test_pipeline.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES, PY2
from carryall.core.logs import get_logger
from carryall.services.modpython.apacheconstants import STATUSES
from carryall.services.wsgi.startedresponse import HOP_BY_HOP

__all__ = ['HOLD_SECONDS', 'HeldOutput']

HOLD_SECONDS = 0.05         # that a piece waits for more; too short for a reader to see
HELD_BYTES = 32768          # octets that are held, below those that WSGI sends without a wait
DEFAULT_TYPE = 'text/html'

log = get_logger('modpython')


class HeldOutput(object):
    """One response.

    Args:     start_response: of WSGI.
              lock: a lock of threads.
              time: gives the loop's seconds.

    Attributes:
        sent:    octets of the body so far, those that are held too.
        started: true once the header section is out of the handlers' hands.
    """

    def __init__(self, start_response, lock, time):
        # type: (Callable[..., Any], Any, Callable[[], float]) -> None
        self.sent = 0
        self.started = False
        self._start_response = start_response
        self._write = None          # type: Any
        self._held = []             # type: List[bytes]
        self._octets = 0
        self._since = None          # type: Optional[float]
        self._head = None           # type: Any  # status and fields, once they are fixed
        self._lock = lock
        self._time = time

    def send_headers(self, request, has_body=True):
        # type: (ApacheRequest, bool) -> None
        """Fixes status and fields; they go out with the first octets."""
        if self._head is None:
            self._head = _head(request, has_body)
            self.started = True

    def write(self, request, data, is_flushed):
        # type: (ApacheRequest, bytes, Any) -> None
        """Adds *data*."""
        self.send_headers(request)
        with self._lock:
            self.sent += len(data)
            vars(request)['sent_bodyct'] = 1
            self._held.append(data)
            self._octets += len(data)
            if self._since is None and self._write is None:
                self._since = self._time()
                is_flushed = False
            if is_flushed or self._octets >= HELD_BYTES:
                self._send_held()

    def flush(self, request):
        # type: (ApacheRequest) -> None
        """Sends what is held."""
        self.send_headers(request)
        with self._lock:
            self._send_held()

    def flush_old(self, now):
        # type: (float) -> None
        """Sends what has been held too long; on the loop's thread, so without any wait."""
        since = self._since
        if since is None or now - since < HOLD_SECONDS or not self._lock.acquire(False):
            return
        try:
            if self._octets < HELD_BYTES and self._write is None:
                self._send_held()
        except FAILURES:            # such as a field that is none: the handler's thread is told too
            log.exception('a response cannot begin')
            self._since = None
        finally:
            self._lock.release()

    def _send_held(self):
        # type: () -> None
        if self._write is None:     # first: if that fails, nothing is lost
            self._write = self._start_response(*self._head)
        held = b''.join(self._held)
        self._held = []
        self._octets = 0
        self._since = None
        if held:
            self._write(held)

    def end(self, request):
        # type: (ApacheRequest) -> List[bytes]
        """The rest of the body, for WSGI."""
        self.send_headers(request, False)
        with self._lock:
            held = self._held
            self._held = []
            self._since = None
            if self._write is None:
                status, fields = self._head
                if request.status not in (204, 304) and not any(
                        name.lower() == 'content-length' for name, _ in fields):
                    fields.append(('Content-Length', '%d' % sum(map(len, held))))
                self._write = self._start_response(status, fields)
        return held


def _head(request, has_body):
    # type: (ApacheRequest, bool) -> Tuple[str, List[Tuple[str, str]]]
    """Status and fields for start_response."""
    status = request.status
    known = STATUSES.get(status)
    fields = []
    kind = request.content_type
    if kind is None and has_body and status not in (204, 304):
        kind = DEFAULT_TYPE
    if kind is not None:
        fields.append(('Content-Type', _octets_as_text(kind)))
    if request.content_encoding:
        fields.append(('Content-Encoding', request.content_encoding))
    if request.no_cache:
        fields.extend([('Pragma', 'no-cache'), ('Cache-Control', 'no-cache')])
    own = vars(request)
    for table in ('headers_out', 'err_headers_out'):
        if table not in own or table == 'headers_out' and request.is_error_page:
            continue
        for name, value in own[table].pairs():
            low = name.lower()
            if low in HOP_BY_HOP or low in ('content-type', 'status'):
                continue
            fields.append((name, _octets_as_text(value)))
    return '%d %s' % (status, known[1] if known else 'Status'), fields


def _octets_as_text(value):
    # type: (str) -> str
    """*value* with a character for each octet of its UTF-8, as WSGI wants it."""
    if PY2:
        return value
    try:
        value.encode('latin-1')
    except UnicodeError:
        return value.encode('utf-8').decode('latin-1')
    return value


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional, Tuple
    from carryall.services.modpython.apacherequest import ApacheRequest
