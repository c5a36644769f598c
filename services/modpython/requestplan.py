# Copyright the carryall authors.  See LICENSE.
"""Plan: the configuration of one path, for the requests of a moment.

The file of a path, the .htaccess files on its way and the handlers' modules are looked at once in
FRESH_SECONDS.  So a change is seen that much later at the most.

Tests:    tests/services/modpython/test_requestplan.py
"""
from __future__ import absolute_import, division, print_function

import os
import posixpath

from carryall.services.modpython.accessrules import wants_user
from carryall.services.modpython.directives import PHASES

__all__ = ['FRESH_SECONDS', 'PYTHON_HANDLERS', 'Plan', 'Plans']

FRESH_SECONDS = 0.05        # too short for a person to see; as long as output is held

MAX_PLANS = 1000            # paths that are remembered
MAX_PATH = 1000             # characters of one

PYTHON_HANDLERS = ('mod_python', 'python-program', 'mod_python.handler')
PUBLISHERS = ('mod_python.publisher',)
# Phases between the translation and the content
BETWEEN = PHASES[2:9]
OPEN_TO_ALL = [['all', 'granted']]


class Plan(object):
    """One path.

    Attributes:
        uri, filename, path_info: of the request.
        values:    of the configuration.
        handler:   of SetHandler or AddHandler; None for files.
        is_direct: true if nothing stands between the request and its content.
        pace:      the Pace.
        modules:   (interpreter, module) of each Spec that was called.
        memo:      a dict for what handlers of ours remember for the same time.
    """

    __slots__ = ('uri', 'filename', 'path_info', 'values', 'handler', 'is_direct', 'pace',
                 'modules', 'memo', 'until')

    def __init__(self, uri, filename, path_info, values, until):
        # type: (str, str, str, Dict[str, Any], float) -> None
        self.uri = uri
        self.filename = filename
        self.path_info = path_info
        self.values = values
        self.until = until
        self.modules = {}           # type: Dict[Any, Any]
        self.memo = {}              # type: Dict[Any, Any]
        self.handler = _chosen(values, filename)
        self.is_direct = (
            not any(phase in values for phase in BETWEEN) and
            not any(name in values for name in ('Order', 'Allow', 'Deny')) and
            values.get('Require', OPEN_TO_ALL) == OPEN_TO_ALL and not wants_user(values) and
            not _is_hidden(filename + (path_info or '')) and not _leads_on(uri, filename, values))
        self.pace = None            # type: Any

    def key(self, server):
        # type: (Any) -> Any
        """The handlers of the path, as a key; with the module, if it is published."""
        words = tuple(repr(spec) for phase in PHASES for spec in self.values.get(phase, ()))
        if any(word.startswith(PUBLISHERS) for word in words):
            return server, words, self.filename
        return server, words


def _chosen(values, filename):
    # type: (Dict[str, Any], str) -> Optional[str]
    suffix = posixpath.splitext(filename)[1].lower()
    found = values.get('SetHandler') or values.get('AddHandler', {}).get(suffix)
    return None if (found or 'none').lower() in ('none', 'default-handler') else found


def _is_hidden(path):
    # type: (str) -> bool
    """True for files such as .htaccess and .htpasswd, which are never served."""
    return '/.ht' in path


def _leads_on(uri, filename, values):
    # type: (str, str, Dict[str, Any]) -> bool
    """True for a folder whose index, or whose name with a slash, is the answer."""
    if not os.path.isdir(filename):
        return False
    return not uri.endswith('/') or any(
        os.path.isfile(os.path.join(filename, name))
        for name in values.get('DirectoryIndex', ['index.html']))


class Plans(object):
    """The plans of a site.

    Args:     paces: a Paces.
              time:  gives seconds.
    """

    def __init__(self, paces, time):
        # type: (Paces, Callable[[], float]) -> None
        self._paces = paces
        self._time = time
        self._known = {}            # type: Dict[Any, Plan]

    def known(self, host, path):
        # type: (Any, str) -> Optional[Plan]
        """The last plan of a path, be it old or not."""
        return self._known.get((host, path))

    def fresh(self, host, path):
        # type: (Any, str) -> Optional[Plan]
        """The plan of a path, unless it is old."""
        found = self._known.get((host, path))
        return found if found is not None and self._time() < found.until else None

    def add(self, host, path, request):
        # type: (Any, str, Any) -> Plan
        """The plan of a request whose place is known."""
        plan = Plan(request.uri, request.filename, request.path_info, request.configured,
                    self._time() + FRESH_SECONDS)
        plan.pace = self._paces.of(plan.key(host))
        if len(path) <= MAX_PATH:
            if len(self._known) >= MAX_PLANS:
                self._known.clear()
            self._known[host, path] = plan
        return plan


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Optional
    from carryall.services.modpython.handlerpace import Paces
