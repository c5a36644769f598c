# Copyright the carryall authors.  See LICENSE.
"""ModuleWorlds: a world of modules for each site, as the sub-interpreters of mod_python are.

    worlds = loop.module_worlds()
    interpreter = worlds.named('www.example.com')
    with interpreter:
        module = interpreter.import_module('shop', ['/srv/shop'], is_reloaded=True)

The modules of a site are loaded once for each interpreter, and so is all that they import from the
folders of the site.  Their variables are never seen from another.  Modules of the standard library
and of installed packages are shared, on CPython and PyPy.

    CPython     the modules' own ``__builtins__`` has an ``__import__`` that looks here first
    PyPy        takes ``__import__`` from the module ``builtins`` alone.  A function there asks the
                globals of the importing module
    Jython      a PySystemState for each interpreter, so nothing is shared but this package

Tests:    tests/runtimes/host/test_moduleworlds.py
"""
from __future__ import absolute_import, division, print_function

import inspect
import os
import sys
import threading
import types

from carryall.core.compat import ON_JYTHON
from carryall.core.logs import get_logger
from carryall.runtimes.host.namedlocks import NamedLocks
from carryall.runtimes.host.threadstreams import redirected

builtins = sys.modules[int.__module__]      # py2: another name

__all__ = ['Interpreter', 'MAX_INTERPRETERS', 'ModuleWorlds']

MAX_INTERPRETERS = 1000         # of a site: one for each of its folders, at the most
MARK = '__carryall_interpreter__'

log = get_logger('modpython')

_here = threading.local()


class Interpreter(object):
    """The modules of one interpreter.

    Attributes:
        name: as PythonInterpreter and the others choose it.
    """

    def __init__(self, name):
        # type: (str) -> None
        self.name = name
        self._modules = {}          # type: Dict[str, types.ModuleType]  # path -> module
        self._stamps = {}           # type: Dict[str, Any]  # path -> stamp of the file
        self._folders = []          # type: List[str]
        self._provided = {}         # type: Dict[str, Any]  # name -> module, before all others
        self._lock = threading.RLock()
        self._builtins = dict(vars(builtins))
        self._builtins['__import__'] = self._import

    def __enter__(self):
        if not hasattr(_here, 'stack'):
            _here.stack = []
        _here.stack.append(self)
        return self

    def __exit__(self, *_args):
        _here.stack.pop()

    def import_module(self, name, folders=(), is_reloaded=True, is_logged=False):
        # type: (str, Sequence[str], bool, bool) -> Any
        """The module *name*, dotted, looked for in *folders* and then where Python does.

        Args:     is_reloaded: load it again if its file has changed.
                  is_logged: tell the log of it.
        Raises:   ImportError, and what the module raises.
        """
        with self._lock:
            found = None
            parent = None           # type: Any
            folders = list(folders) + self._folders
            places = folders
            parts = name.split('.')
            for number, part in enumerate(parts):
                path = _find(part, places)
                if path is None:
                    return self._import_plain(name)
                found = self._load('.'.join(parts[:number + 1]), path, is_reloaded, is_logged,
                                   folders)
                if parent is not None:
                    setattr(parent, part, found)
                parent = found
                places = list(getattr(found, '__path__', ()))
            return found

    def load_file(self, name, path, folders=(), is_reloaded=True, is_logged=False):
        # type: (str, str, Sequence[str], bool, bool) -> Any
        """The module *name* in the file *path*, whatever suffix that has; as ``import_module``."""
        with self._lock:
            return self._load(name, path, is_reloaded, is_logged,
                              list(folders) + self._folders)

    def _import_plain(self, name):
        # type: (str) -> Any
        __import__(name)
        return sys.modules[name]

    def _load(self, name, path, is_reloaded, is_logged, folders):
        # type: (str, str, bool, bool, Sequence[str]) -> types.ModuleType
        """The module in the file *path*, loaded if that is necessary."""
        known = self._modules.get(path)
        stamp = _stamp(path)
        if known is not None and (not is_reloaded or self._stamps[path] == stamp):
            return known
        for folder in folders:
            if folder not in self._folders:
                self._folders.append(folder)
        if is_logged or known is not None:
            log.info('interpreter %s: %s is loaded from %s', self.name, name, path)
        module = types.ModuleType(name)
        module.__file__ = path
        if os.path.basename(path) == '__init__.py':
            module.__path__ = [os.path.dirname(path)]       # type: ignore
            module.__package__ = name
        else:
            module.__package__ = name.rpartition('.')[0]
        self._prepare(module)
        self._modules[path] = module
        self._stamps[path] = stamp
        try:
            with open(path, 'rb') as file:
                source = file.read()
            # Without the future statements of this file
            code = compile(source, path, 'exec', 0, True)
            exec(code, module.__dict__)     # pylint: disable=exec-used
        except BaseException:
            if known is None:
                self._modules.pop(path, None)
                self._stamps.pop(path, None)
            else:                   # the former one serves until the file changes again
                self._modules[path] = known
            raise
        return module

    def _prepare(self, module):
        # type: (types.ModuleType) -> None
        module.__dict__['__builtins__'] = self._builtins
        module.__dict__[MARK] = self

    def _import(self, name, globals=None, locals=None, fromlist=(), level=0):
        # type: (str, Any, Any, Any, int) -> Any
        """``__import__`` of the interpreter's modules."""
        if level <= 0 and name in self._provided:
            return self._provided[name]
        wanted = name
        if level > 0:
            package = (globals or {}).get('__package__') or ''
            parts = package.split('.')
            base = '.'.join(parts[:len(parts) - level + 1])
            wanted = '%s.%s' % (base, name) if name else base
        head = wanted.partition('.')[0]
        folders = self._folders_for(globals)
        if _find(head, folders) is None:
            return _import(name, globals, locals, fromlist, max(level, 0))
        module = self.import_module(wanted, folders, is_reloaded=False)
        for part in fromlist or ():
            if part != '*' and not hasattr(module, part) and hasattr(module, '__path__'):
                if _find(part, list(module.__path__)) is not None:
                    self.import_module('%s.%s' % (wanted, part), folders, is_reloaded=False)
        if fromlist or level > 0:
            return module
        return self.import_module(head, folders, is_reloaded=False)

    def _folders_for(self, globals):
        # type: (Any) -> List[str]
        """The folders of the importing module's own, and those of the interpreter."""
        path = (globals or {}).get('__file__')
        own = [os.path.dirname(path)] if path else []
        return own + self._folders

    def owns(self, name):
        # type: (str) -> bool
        """True if the module *name* is one of the site's own."""
        return any(module.__name__ == name for module in list(self._modules.values()))

    def new_module(self, name, path, folders=()):
        # type: (str, str, Sequence[str]) -> types.ModuleType
        """An empty module, such as one for a page; no import finds it.

        Args:     path:    of its file.
                  folders: where its own imports look first.
        """
        for folder in folders:
            if folder not in self._folders:
                self._folders.append(folder)
        module = types.ModuleType(name)
        module.__file__ = path
        self._prepare(module)
        return module

    def provide(self, name, module):
        # type: (str, Any) -> None
        """Lets ``import NAME`` find *module*, whatever else has this name."""
        self._provided[name] = module

    def unused(self):
        # type: () -> Interpreter
        """An interpreter of the same name that has no modules; it is used once."""
        return type(self)(self.name)

    def redirected(self, stdin, stdout, environ):
        # type: (Any, Any, Any) -> Any
        """Until its ``with`` ends, these are ``sys.stdin``, ``sys.stdout`` and ``os.environ`` of
        this thread."""
        return redirected(sys, os, stdin, stdout, environ)

    def forget(self):
        # type: () -> None
        """Drops all modules; they are loaded again when they are wanted."""
        with self._lock:
            self._modules.clear()
            self._stamps.clear()


_import = builtins.__import__


def _find(name, folders):
    # type: (str, Sequence[str]) -> Optional[str]
    """The file of a module or package in *folders*; None if there is none."""
    for folder in folders:
        for path in (os.path.join(folder, name + '.py'),
                     os.path.join(folder, name, '__init__.py')):
            if os.path.isfile(path):
                return path
    return None


def _stamp(path):
    # type: (str) -> Tuple[float, int, int]
    state = os.stat(path)
    return state.st_mtime, state.st_size, state.st_ino


class PyPyInterpreter(Interpreter):
    """The same where ``__builtins__`` of a module is not asked for ``__import__``."""

    def _prepare(self, module):
        module.__dict__[MARK] = self
        builtins.__import__ = _asking_import


def _asking_import(name, globals=None, locals=None, fromlist=(), level=0):
    # type: (str, Any, Any, Any, int) -> Any
    """``__import__`` for the whole process, which leaves the modules of sites to their own."""
    if globals is None:         # it was called by its name, and the caller did not say where
        frame = inspect.currentframe()
        globals = None if frame is None or frame.f_back is None else frame.f_back.f_globals
    here = globals.get(MARK) if globals else None
    if here is None:
        return _import(name, globals, locals, fromlist, level)
    return here._import(name, globals, locals, fromlist, level)


def _jython_interpreter():
    # type: () -> Any
    """The class for Jython, whose imports exist on the JVM alone."""
    from org.python.core import Py, PySystemState   # type: ignore

    class StateInterpreter(Interpreter):
        """An interpreter with a PySystemState."""

        def __init__(self, name):
            # type: (str) -> None
            Interpreter.__init__(self, name)
            self._state = PySystemState()
            for known, module in list(sys.modules.items()):
                if known == 'mod_python' or known.startswith(('mod_python.', 'carryall')):
                    self._state.modules[known] = module
            self._state.path.extend(path for path in sys.path if path not in self._state.path)
            self._former = threading.local()

        def __enter__(self):
            if not hasattr(self._former, 'states'):
                self._former.states = []
            self._former.states.append(Py.getSystemState())
            Py.setSystemState(self._state)
            return Interpreter.__enter__(self)

        def __exit__(self, *_args):
            Interpreter.__exit__(self)
            Py.setSystemState(self._former.states.pop())

        def _prepare(self, module):
            path = self._state.path
            for folder in reversed(self._folders):
                if folder not in path:
                    path.insert(0, folder)
            self._state.modules[module.__name__] = module

        def new_module(self, name, path, folders=()):
            module = Interpreter.new_module(self, name, path, folders)
            del self._state.modules[name]
            return module

        def provide(self, name, module):
            Interpreter.provide(self, name, module)
            self._state.modules[name] = module

        def redirected(self, stdin, stdout, environ):
            return redirected(self._state, self._import_plain('os'), stdin, stdout, environ)

        def owns(self, name):
            if Interpreter.owns(self, name):
                return True
            # Modules that the site's own import are loaded by the state.
            path = getattr(self._state.modules.get(name), '__file__', None) or ''
            return any(path.startswith(os.path.join(folder, '')) for folder in self._folders)

        def _import_plain(self, name):
            __import__(name)        # of the state that this thread has now
            return self._state.modules[name]

    return StateInterpreter


def _kind():
    # type: () -> Any
    if ON_JYTHON:
        return _jython_interpreter()
    return Interpreter if _asks_module() else PyPyInterpreter


def _answer(*_args):
    # type: (*Any) -> bool
    return True


def _asks_module():
    # type: () -> bool
    """True if an import asks the ``__builtins__`` of its own module for ``__import__``."""
    space = {'__builtins__': {'__import__': _answer}}   # type: Dict[str, Any]
    try:
        exec('import carryall_without_a_module', space)     # pylint: disable=exec-used
    except ImportError:
        return False
    return True


class ModuleWorlds(object):
    """All interpreters of a site, made when they are first asked for."""

    def __init__(self):
        # type: () -> None
        self._make = _kind()
        self._known = {}            # type: Dict[str, Interpreter]
        self._lock = threading.Lock()

    @staticmethod
    def current():
        # type: () -> Interpreter
        """The interpreter that this thread is in.

        Raises:   RuntimeError: none.
        """
        stack = getattr(_here, 'stack', None)
        if not stack:
            raise RuntimeError('this thread is in no interpreter')
        return stack[-1]

    @staticmethod
    def new_lock():
        # type: () -> Any
        """A lock of threads."""
        return threading.Lock()

    @staticmethod
    def named_locks(time):
        # type: (Callable[[], float]) -> NamedLocks
        """Locks by name, for sessions."""
        return NamedLocks(time)

    def named(self, name):
        # type: (str) -> Interpreter
        """The interpreter of that name.

        Raises:   ValueError: there are too many.
        """
        with self._lock:
            found = self._known.get(name)
            if found is None:
                if len(self._known) >= MAX_INTERPRETERS:
                    raise ValueError('there are %d interpreters already' % MAX_INTERPRETERS)
                found = self._make(name)
                self._known[name] = found
                log.info('interpreter %s begins', name)
            return found


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple
