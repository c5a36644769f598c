# Copyright the carryall authors.  See LICENSE.
"""Pages: data that is larger than one string may be,
a piece at a time (as twisted.spread.util of 1.2 and later).

Wire:     the receiver passes a collector; the sender calls its ``gotPage(piece)`` without an
          answer for each piece, and ``endedPaging()`` at the end.

    def remote_fetch(self, collector):                      # here
        send_pages(collector, string_pages(self.text))

    pages = yield get_all_pages(reference, 'fetch')         # there

Pieces go out as fast as the transport takes them, even if the receiver processes them more slowly;
bytestream.py waits for the receiver.
Tests:    tests/protocols/pb/test_pager.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import RemoteProtocolError
from carryall.core.future import Future, coroutine
from carryall.protocols.pb.flavors import Referenceable
from carryall.protocols.pb.settings import SIZE_LIMIT

__all__ = ['CallbackPageCollector', 'PAGE_BYTES', 'file_pages', 'get_all_pages', 'send_pages',
           'string_pages']

PAGE_BYTES = 65536          # default octets of a page; SIZE_LIMIT at the most
MAX_PAGED = 256 * 1024 * 1024   # default octets that a collector takes


def string_pages(data, size=PAGE_BYTES):
    # type: (bytes, int) -> Iterator[bytes]
    """Splits *data* into pieces; at least one, as Twisted's pagers send."""
    _check(size)
    for start in range(0, max(1, len(data)), size):
        yield data[start:start + size]


def file_pages(fileobj, size=PAGE_BYTES):
    # type: (Any, int) -> Iterator[bytes]
    """Reads the rest of an open binary file in pieces; it is closed at the end."""
    _check(size)
    try:
        while True:
            piece = fileobj.read(size)
            if not piece:
                return
            yield piece
    finally:
        fileobj.close()


def _check(size):
    # type: (int) -> None
    if not 0 < size <= SIZE_LIMIT:
        raise ValueError('a page has 1 to %d octets' % SIZE_LIMIT)


@coroutine
def send_pages(collector, pages):
    # type: (Any, Iterable[Any]) -> Any
    """Sends all *pages* to a RemoteReference, which is then released;
    a Future of None when they are on their way.

    It fails with the error of the connection, or with an error of the iteration; then
    ``endedPaging`` is not called.
    """
    broker = collector.broker
    collector.keep()
    try:
        for page in pages:
            yield broker.writable()
            collector.call_remote('gotPage', page, pbanswer=False)
        yield broker.writable()
        collector.call_remote('endedPaging', pbanswer=False)
    finally:
        if hasattr(pages, 'close'):
            pages.close()           # type: ignore
        collector.release()


class CallbackPageCollector(Referenceable):
    """Collects pages.

    Args:     callback: called once with the list of all pages, unless they are more than *maximum*
              octets together.
    Attributes:
        failed: a Future that fails in that case, with RemoteProtocolError.
    """

    def __init__(self, callback, maximum=MAX_PAGED):
        # type: (Callable[[List[Any]], Any], int) -> None
        self.pages = []             # type: List[Any]
        self.failed = Future()
        self._callback = callback   # type: Any
        self._left = maximum

    def remote_gotPage(self, page):
        # type: (Any) -> None
        """Takes one more page."""
        if self._callback is None:
            return
        self._left -= len(page) if isinstance(page, bytes) else 1
        if self._left < 0:
            self._callback = None
            self.pages = []
            self.failed.set_exception(RemoteProtocolError('too many pages'))
        else:
            self.pages.append(page)

    def remote_endedPaging(self):
        # type: () -> None
        """Calls back with the pages: they are complete."""
        callback, self._callback = self._callback, None
        if callback is not None:
            callback(self.pages)


def get_all_pages(reference, method, *args, **kwargs):
    # type: (Any, Any, *Any, **Any) -> Future
    """Calls a method whose first argument is a collector; a Future of the list of all pages."""
    whole = Future()
    collector = CallbackPageCollector(lambda pages: whole.done() or whole.set_result(pages))

    def fail(error):
        # type: (Any) -> None
        if not whole.done():
            whole.set_exception(error)

    collector.failed.then(None, fail)
    reference.call_remote(method, collector, *args, **kwargs).then(None, fail)
    reference.broker.closed.add_done_callback(
        lambda _: fail(RemoteProtocolError('the connection ended between two pages')))
    return whole


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable, Iterator, List
