# Copyright the carryall authors.  See LICENSE.
"""ScriptFiles: scripts in Python that are read again when their file changes; Registry.

A script is compiled once for each version of its file.  What was made of the former version is
dropped as a whole: its globals are a dictionary of their own, and no module.

Tests:    tests/services/scripts/test_epyprograms.py, test_rpyprograms.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.app.components import components_of
from carryall.core.compat import FAILURES, PY2, native
from carryall.core.files import octetpaths
from carryall.core.files.smallfile import read_small
from carryall.core.logs import get_logger
from carryall.protocols.http import Response, plain_response
from carryall.services.web.htmlpage import escape, html_headers, page

__all__ = ['Registry', 'ScriptFiles', 'failure_page', 'file_name', 'segments_of']

# -- limits ------------------------------------------------------------------
MAX_SOURCE = 4 << 20        # octets of a script
MAX_SCRIPTS = 1024          # that are kept at the same time
MAX_TRACEBACK = 65536       # characters of a traceback that are shown

log = get_logger('scripts')


class Registry(object):
    """The attributes, and components by their class, that the scripts of one service share.

    It lives as long as the service does, longer than any script.

    Args:     loop: the components that its services share are found too.
    """

    def __init__(self, loop=None):
        # type: (Any) -> None
        self._components = {}       # type: Dict[Any, Any]
        self._loop = loop

    def get_component(self, kind, default=None):
        # type: (Any, Any) -> Any
        """The component that was set for a class; *default* if there is none."""
        if kind in self._components or self._loop is None:
            return self._components.get(kind, default)
        return components_of(self._loop).get(kind, default)

    def set_component(self, kind, component):
        # type: (Any, Any) -> None
        """Sets the component for a class."""
        self._components[kind] = component

    # Twisted's names
    getComponent = get_component
    setComponent = set_component


class ScriptFiles(object):
    """The scripts of one kind.

    Args:     make: called with the name of the file and its code, gives what is kept of it.
              dropped: called with what was kept of a former version; None for no such call.
    """

    def __init__(self, make, dropped=None):
        # type: (Callable[[str, Any], Any], Optional[Callable[[Any], None]]) -> None
        self._make = make
        self._dropped = dropped
        # path -> (identity of the file, what is kept)
        self._known = {}            # type: Dict[bytes, Tuple[Any, Any]]

    def get(self, path):
        # type: (bytes) -> Any
        """The object that was made of the script at *path*, as it is now.

        Raises:   whatever `make` raises, and the errors of reading and compiling.
        """
        status = octetpaths.system.stat(path)
        identity = (status.st_mtime, status.st_size, status.st_ino)
        known = self._known.get(path)
        if known is not None and known[0] == identity:
            return known[1]
        name = file_name(path)
        code = compile(read_small(path, MAX_SOURCE), name, 'exec', 0, True)
        made = self._make(name, code)
        if known is None and len(self._known) >= MAX_SCRIPTS:
            self.close()
        self._known[path] = identity, made
        if known is not None and self._dropped is not None:
            self._dropped(known[1])
        return made

    def close(self):
        # type: () -> None
        """Drops all scripts."""
        known = list(self._known.values())
        self._known.clear()
        if self._dropped is not None:
            for _, made in known:
                self._dropped(made)


def file_name(path):
    # type: (bytes) -> str
    """A path as a native string."""
    return path if PY2 else os.fsdecode(path)       # type: ignore


def segments_of(path):
    # type: (bytes) -> List[bytes]
    """The segments of a decoded path, b'/a/b'."""
    return path.split(b'/')[1:]


def failure_page(script, error, shown):
    # type: (Any, BaseException, bool) -> Response
    """The answer for a script that has failed; its traceback goes to the log.

    Args:     shown: true to show the traceback to the client too.
    """
    trace = getattr(error, '__traceback__', None)
    log.error('%s failed', script.path.decode('utf-8', 'replace'),
              exc_info=(type(error), error, trace))
    if not shown:
        return plain_response(500)
    import traceback
    lines = traceback.format_exception(type(error), error, trace)
    text = ''.join(lines)[-MAX_TRACEBACK:]
    if isinstance(text, bytes):
        text = text.decode('utf-8', 'replace')      # py2: a traceback is octets
    body = page(u'The script failed', u'<h1>The script failed</h1>\n<pre>%s</pre>\n'
                % escape(text))
    return Response(500, html_headers(), body)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Tuple
