# Copyright the carryall authors.  See LICENSE.
"""Programs: files of a folder that are run, each kind by its suffix (feature HTS-18).

    programs = make_programs(options, loop)
    files = StaticFiles('site', loop.wall, programs=programs)

A *kind* of programs is a module that the manifest of its package names (``programs=``).
programkinds.py has them all.  A kind has these names:

    NAME        one word, ``CGI``
    SUFFIXES    the suffixes that it runs, in lower case: (b'.cgi',)
    FOLDER      the name of a folder at the root of which every file is one, b'cgi-bin'; or None
    OPTIONS     options of the web service
    check(options)          raises UsageError for options that contradict each other
    suffixes(options)       the suffixes that it runs with these options
    describe(options)       what runs them, for the first line: u'php-cgi'; None: they cannot run
    make(options, loop)     the handler of one service, which may have a ``close()``

A handler whose ``remembers`` is true is given the same Script for REMEMBERED_SECONDS, in which the
disk is not asked again.

``handler(request, script)`` gives a Response, a Future of one, or (3.x) a coroutine.  *script* is a
Script: the file, its URL and the rest of the path.  An HTTPError becomes its status.

A program whose kind cannot run here is refused with 403, and so is one that everybody may change:
its source is never sent.

Tests:    tests/services/web/test_programs.py
"""
from __future__ import absolute_import, division, print_function

import os
import stat

from carryall.core.errors import UsageError
from carryall.core.files import octetpaths
from carryall.core.files.filenames import ON_WINDOWS
from carryall.core.logs import get_logger
from carryall.services.web.errorpage import error_response
from carryall.services.web.programkinds import KINDS
from carryall.services.web.requestpaths import suffix_of

__all__ = ['Programs', 'Script', 'check', 'described', 'make_programs', 'program_options']

# -- limits ------------------------------------------------------------------
SWEPT_SECONDS = 10.0        # between two times at which all that is remembered is dropped
REMEMBERED_SECONDS = 1.0    # between two looks at the file of a script that is asked for often
MAX_KNOWN = 512             # paths that are remembered
MAX_KNOWN_PATH = 1024       # octets of the longest of them

log = get_logger('web')


class Script(object):
    """A program that a request has found.

    Attributes:
        path: of its file: bytes, absolute.
        name: the path of its URL, decoded: b'/shop/cart.cgi' (SCRIPT_NAME of RFC 3875).
        path_info: what follows that in the request's path, decoded: b'' or b'/more/names'.
        root: the folder that is served: bytes, absolute.
        site: the application to ask for a local redirect; logins count there too.
        kept: for the handler, anything that is good as long as this object is; None at first.
    """

    __slots__ = ('path', 'name', 'path_info', 'root', 'site', 'kept')

    def __init__(self, path, name, path_info, root, site):
        # type: (bytes, bytes, bytes, bytes, Any) -> None
        self.path = path
        self.name = name
        self.path_info = path_info
        self.root = root
        self.site = site
        self.kept = None            # type: Any


class Programs(object):
    """The programs of one folder.

    Args:     handlers: suffix, b'.cgi', -> handler.
              folders: name of a folder at the root -> handler of the files in it.

    Attributes:
        closed: lists of names that lead to folders in which no program runs.
        known: scripts that were found a moment ago; see `remember`.
        site: the application that local redirects are asked of; StaticFiles sets itself, and the
            service the one that stands before it.
    """

    def __init__(self, handlers, folders=()):
        # type: (Dict[bytes, Any], Any) -> None
        self._handlers = dict(handlers)
        self._folders = dict(folders)
        # path of a request -> (the time until which it is good, handler, Script)
        self.known = {}             # type: Dict[bytes, Tuple[float, Any, Script]]
        self._swept = 0.0           # the time until which they may fill up
        self.site = None            # type: Any
        self.closed = []            # type: List[List[bytes]]

    def beside(self):
        # type: () -> Programs
        """The same programs, for another folder."""
        return Programs(self._handlers, self._folders)

    def runner_of(self, parts):
        # type: (Sequence[bytes]) -> Any
        """The handler of the file that *parts* lead to; None if it is no program that runs."""
        if self.closed and self._is_closed(parts):
            return None
        if len(parts) > 1 and parts[0] in self._folders:
            return self._folders[parts[0]]
        return self._handlers.get(suffix_of(parts[-1]))

    @property
    def suffixes(self):
        # type: () -> FrozenSet[bytes]
        """The suffixes of the files that run."""
        return frozenset(self._handlers)

    def _is_closed(self, parts):
        # type: (Sequence[bytes]) -> bool
        return any(list(parts[:len(names)]) == names for names in self.closed)

    def find(self, tree, parts):
        # type: (FileTree, Sequence[bytes]) -> Optional[Tuple[Any, Script]]
        """(handler, Script) of the first program on the way of *parts*; None if there is none.

        Raises:   Unreadable: the disk cannot be asked.
        """
        if self.closed and self._is_closed(parts):
            return None
        last = len(parts) - 1
        inside = last > 0 and parts[0] in self._folders
        for place, part in enumerate(parts):
            if not part or not (inside and place) and suffix_of(part) not in self._handlers:
                continue
            located = tree.locate(parts[:place + 1])
            if located is None:
                return None
            if not located.is_folder:
                rest = b'/'.join(parts[place + 1:])
                return self.script(tree, parts[:place + 1], located,
                                   b'' if place == last else b'/' + rest)
        return None

    def script(self, tree, parts, located, path_info=b''):
        # type: (FileTree, Sequence[bytes], Located, bytes) -> Optional[Tuple[Any, Script]]
        """(handler, Script) of the file at *parts*; None if it is no program that runs."""
        handler = self.runner_of(parts)
        if handler is None:
            return None
        return handler, Script(located.path, b'/' + b'/'.join(parts), path_info, tree.root,
                               self.site)

    def remember(self, path, handler, script, now):
        # type: (bytes, Any, Script, float) -> None
        """Notes which script answers *path*, if the handler wants that."""
        if getattr(handler, 'remembers', False) and len(path) <= MAX_KNOWN_PATH:
            if len(self.known) >= MAX_KNOWN or not _is_good(self._swept, now):
                # Those of a flood of paths are not kept until the next one
                self.known.clear()
                self._swept = now + SWEPT_SECONDS
            self.known[path] = now + REMEMBERED_SECONDS, handler, script

    def remembered(self, path, now):
        # type: (bytes, float) -> Optional[Tuple[float, Any, Script]]
        """(end, handler, Script) of a path that was noted a moment ago; else None."""
        found = self.known.get(path)
        return found if found is not None and _is_good(found[0], now) else None

    @staticmethod
    def run(request, handler, script):
        # type: (Any, Any, Script) -> Any
        """The answer of a program, or the refusal to run it."""
        if _anyone_changes(script.path):
            log.error('not run, as everybody may change it or its folder: %s',
                      script.path.decode('utf-8', 'replace'))
            return error_response(request, 403)
        return handler(request, script)

    def close(self):
        # type: () -> None
        """Ends all that the handlers keep."""
        done = []                   # type: List[Any]
        for handler in list(self._handlers.values()) + list(self._folders.values()):
            if handler not in done and hasattr(handler, 'close'):
                done.append(handler)
                handler.close()


def _is_good(end, now):
    # type: (float, float) -> bool
    """True if something that is remembered until *end* still counts; not if the clock was set
    back.
    """
    return now < end <= now + SWEPT_SECONDS


def _anyone_changes(path):
    # type: (bytes) -> bool
    """True if every user of this machine may write the program at *path*, as in a folder that takes
    uploads.
    """
    if ON_WINDOWS:                  # the mode does not tell
        return False
    for each in (path, os.path.dirname(path)):
        if octetpaths.system.stat(each).st_mode & stat.S_IWOTH:
            return True
    return False


# -- the kinds ---------------------------------------------------------------

def program_options():
    # type: () -> List[Any]
    """The options of all kinds."""
    return [option for kind in KINDS for option in kind.OPTIONS]


def check(options):
    # type: (OptionValues) -> None
    """Raises UsageError for options of the kinds that contradict each other."""
    for kind in KINDS:
        kind.check(options)
    taken = {}                      # type: Dict[bytes, str]
    for kind in KINDS:
        for suffix in kind.suffixes(options):
            if taken.setdefault(suffix, kind.NAME) != kind.NAME:
                raise UsageError(u'%s is for %s and for %s'
                                 % (suffix.decode('ascii'), taken[suffix], kind.NAME))


def described(options):
    # type: (OptionValues) -> Optional[str]
    """The part of the first line about programs, such as u'programs .cgi cgi-bin/ .php';
    None if nothing runs.

    A suffix that goes on from another of its kind, as .php5 does, is left out.
    """
    names = []                      # type: List[Text]
    for kind in KINDS:
        if not options.programs or kind.describe(options) is None:
            continue
        own = [suffix.decode('ascii') for suffix in kind.suffixes(options)]
        names.extend(name for name in own
                     if not any(name != each and name.startswith(each) for each in own))
        if kind.FOLDER:
            names.append(kind.FOLDER.decode('ascii') + u'/')
    return u'programs ' + u' '.join(names) if names else None


def make_programs(options, loop):
    # type: (OptionValues, Any) -> Optional[Programs]
    """The Programs of the options; None with --no-programs."""
    if not options.programs:
        return None
    handlers = {}                   # type: Dict[bytes, Any]
    folders = {}                    # type: Dict[bytes, Any]
    for kind in KINDS:
        if kind.describe(options) is None:
            continue
        handler = kind.make(options, loop)
        for suffix in kind.suffixes(options):
            handlers[suffix] = handler
        if kind.FOLDER:
            folders[kind.FOLDER] = handler
    return Programs(handlers, folders)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, FrozenSet, List, Optional, Sequence, Text, Tuple
    from carryall.app.optionvalues import OptionValues
    from carryall.services.web.tree import FileTree, Located
