# Copyright the carryall authors.  See LICENSE.
"""Filters of what a request sends and gets: PythonOutputFilter and PythonInputFilter.

    def outputfilter(filter):
        data = filter.read()
        while data:
            filter.write(data.upper())
            data = filter.read()
        if data is None:            # the end
            filter.close()

A filter is called for each piece, and once more at the end.  ``SetOutputFilter A;B`` and
``AddOutputFilter A .html`` choose filters, and ``req.add_output_filter``.  A response with filters
has no Content-Length of its handler.
Source:   mod_python 3.3's manual, "Overview of a Filter Handler" and "Filter Object".
Tests:    tests/services/modpython/test_pagefilters.py
"""
from __future__ import absolute_import, division, print_function

import posixpath

from carryall.core.logs import get_logger
from carryall.services.modpython.apacherequest import ServerReturn

__all__ = ['FilterChain', 'FilteredInput', 'PageFilter', 'chain_of']

PIECE_BYTES = 8192
MAX_FILTERS = 32            # of one request, in one direction

log = get_logger('modpython')


class PageFilter(object):
    """The object that a filter is called with.

    Attributes:
        name, handler, is_input, req: as they are configured.
        closed: 1 behind ``close``.
    """

    def __init__(self, name, spec, request, is_input):
        # type: (str, Any, Any, bool) -> None
        self.name = name
        self.handler = repr(spec)
        self.is_input = int(is_input)
        self.req = request
        self.closed = 0
        self.spec = spec
        self.disabled = False
        self.ended = False          # what it reads
        self._in = b''
        self._out = []              # type: List[bytes]

    def feed(self, data):
        # type: (bytes) -> None
        """Adds octets for ``read``."""
        self._in += data

    def taken(self):
        # type: () -> bytes
        """The octets that the filter has written since the last time."""
        out = self._out
        self._out = []
        return b''.join(out)

    def read(self, size=-1):
        # type: (int) -> Optional[bytes]
        """At most *size* octets, all unless given; b'' if there is nothing now, None at the end."""
        if not self._in:
            return None if self.ended else b''
        end = len(self._in) if size is None or size < 0 else size
        data = self._in[:end]
        self._in = self._in[end:]
        return data

    def readline(self, size=-1):
        # type: (int) -> Optional[bytes]
        """A line with its end, or a part of one; as ``read`` else."""
        end = self._in.find(b'\n') + 1 or len(self._in)
        return self.read(end if size is None or size < 0 else min(end, size))

    def write(self, data):
        # type: (Any) -> None
        """Writes octets, or text in UTF-8, to the next filter.

        Raises:   IOError: the filter is closed.
        """
        if self.closed:
            raise IOError('the filter %s is closed' % self.name)
        self._out.append(data if isinstance(data, bytes) else data.encode('utf-8'))

    def flush(self):
        # type: () -> None
        """Does nothing: what is written goes on when the filter returns."""

    def close(self):
        # type: () -> None
        """Ends what the filter writes."""
        self.closed = 1

    def pass_on(self):
        # type: () -> int
        """Writes all that there is to read as it is."""
        self._out.append(self._in)
        self._in = b''
        return 0

    def disable(self):
        # type: () -> None
        """Takes the filter out: what comes goes on as it is."""
        self.disabled = True


class FilterChain(object):
    """The filters of one direction of a request.

    Args:     filters: in the order in which octets pass them.
              call:    calls the function of a filter.
    """

    def __init__(self, filters, call):
        # type: (Sequence[PageFilter], Callable[[PageFilter], Any]) -> None
        self._filters = filters
        self._call = call

    def feed(self, data):
        # type: (bytes) -> bytes
        """The octets that come out for *data*."""
        for one in self._filters:
            if not data:
                break
            data = self._passed(one, data)
        return data

    def finish(self):
        # type: () -> bytes
        """The octets that come out at the end."""
        data = b''
        for one in self._filters:
            one.ended = True
            data = self._passed(one, data)
        return data

    def _passed(self, one, data):
        # type: (PageFilter, bytes) -> bytes
        if one.disabled:
            return data
        one.feed(data)
        if not one.closed:
            self._call(one)
        if one.disabled:
            one.pass_on()
        return one.taken()


class FilteredInput(object):
    """A body behind filters, as a file.

    Args:     source: has ``read``.
    """

    def __init__(self, source, chain):
        # type: (Any, FilterChain) -> None
        self._source = source
        self._chain = chain
        self._ready = b''
        self._ended = False

    def read(self, size=-1):
        # type: (int) -> bytes
        """At most *size* octets; all if it is negative."""
        while not self._ended and (size < 0 or len(self._ready) < size):
            data = self._source.read(PIECE_BYTES)
            if data:
                self._ready += self._chain.feed(data)
            else:
                self._ended = True
                self._ready += self._chain.finish()
        end = len(self._ready) if size < 0 else size
        data = self._ready[:end]
        self._ready = self._ready[end:]
        return data


def chain_of(request, is_input, call):
    # type: (Any, bool, Callable[[PageFilter], Any]) -> Optional[FilterChain]
    """The chain of a request; None if it has no filters.

    Raises:   ServerReturn: 500, a filter is unknown.
    """
    kind = 'Input' if is_input else 'Output'
    values = request.configured
    names = list(values.get('Set%sFilter' % kind, ()))
    suffix = posixpath.splitext(request.filename or '')[1].lower()
    names += values.get('Add%sFilter' % kind, {}).get(suffix, '').split(';')
    names += request.filter_names[kind]
    found = []
    for name in names:
        if not name:
            continue
        key = name.upper()
        spec = request.filter_specs[kind].get(key)
        if spec is None:
            spec = values.get('Python%sFilter' % kind, {}).get(key)
        if spec is None or len(found) >= MAX_FILTERS:
            log.error('%s: the filter %s is unknown, or one too many', request.uri, name)
            raise ServerReturn(500)
        found.append(PageFilter(name, spec, request, is_input))
    return FilterChain(found, call) if found else None


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional, Sequence
