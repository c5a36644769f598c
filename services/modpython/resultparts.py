# Copyright the carryall authors.  See LICENSE.
"""Parts of the pipeline: results of SERVER_RETURN, paths for Location, types of files.

Tests:    tests/services/modpython/test_pipeline.py
"""
from __future__ import absolute_import, division, print_function

import mimetypes
import posixpath

from carryall.core.codec.uri import UNRESERVED, percent_encode
from carryall.core.compat import native

__all__ = ['ClosingBody', 'file_type', 'quoted_path', 'unwrapped']


def unwrapped(request, returned):
    # type: (ApacheRequest, ServerReturn) -> Any
    """The result that a SERVER_RETURN has."""
    args = returned.args
    if len(args) == 1 and isinstance(args[0], tuple):
        args = args[0]
    if len(args) == 2:
        if args[1]:
            request.status = args[1]
        return args[0]
    if len(args) == 1:
        return args[0]
    return None


def file_type(request):
    # type: (ApacheRequest) -> Optional[str]
    """The media type of the file, by its suffix; None if it is unknown."""
    suffix = posixpath.splitext(request.filename)[1].lower()
    return (request.configured.get('AddType', {}).get(suffix) or
            mimetypes.guess_type(request.filename)[0])


def quoted_path(path):
    # type: (str) -> str
    octets = path if isinstance(path, bytes) else path.encode('utf-8', 'surrogateescape')
    return native(percent_encode(octets, UNRESERVED + b'/'))


class ClosingBody(object):
    """The rest of a body; *over* is called when it has been sent."""

    def __init__(self, pieces, over):
        # type: (List[bytes], Callable[[], None]) -> None
        self._pieces = pieces
        self._over = over

    def __iter__(self):
        return iter(self._pieces)

    def close(self):
        # type: () -> None
        """Runs the cleanups."""
        self._over()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional
    from carryall.services.modpython.apacherequest import ApacheRequest, ServerReturn
