# Copyright the carryall authors.  See LICENSE.
"""The publisher: functions of a module as pages, as of mod_python 2.7.8.

    # PythonHandler mod_python.publisher; /say/hello?to=all calls hello of say.py
    def hello(req, to='world'):
        return 'Hello, %s!' % to

Rules:    segments of the path are attributes.  A part that begins with an underscore, a module, or
          an attribute of something built in is 404.  So is anything that a module of the site has
          imported from another: ``from os import environ`` publishes nothing.
          Fields are matched to the names of arguments, others are dropped; repeated ones are a
          list.  A false result is 500.  A class, and an object that is not callable, is its
          ``str``.
          ``PythonOption publisher.index On``: a path that ends at a module or a folder means
          ``index``, as of mod_python 3.
Log-in:   ``__auth__``, ``__access__`` and ``__auth_realm__`` of the module, and of each object on
          the way (pagerules.py).
Tests:    tests/services/modpython/test_pagepublisher.py
"""
from __future__ import absolute_import, division, print_function

import os
import types

from carryall.core.compat import PY2
from carryall.services.modpython.apacheconstants import OK
from carryall.services.modpython.formfields import FieldStorage, arguments_of
from carryall.services.modpython.apacherequest import ServerReturn
from carryall.services.modpython.pagerules import Gate, has_no_rules, is_open_to_all

__all__ = ['File', 'handler', 'publish']

MAX_PARTS = 50              # segments of a path
SUFFIXES = ('.py', '.pyp')
BUILT_IN = ('builtins', '__builtin__')
FUNCTIONS = tuple(kind for kind in (
    types.FunctionType, types.MethodType, types.BuiltinFunctionType, types.CodeType,
    types.GeneratorType, types.TracebackType, types.FrameType))
INDEX_OPTION = 'publisher.index'


class File(object):
    """A file of a form, as functions get it."""

    def __init__(self, field):
        # type: (Any) -> None
        self.filename = field.filename
        self.headers = field.headers
        self.type = field.type
        self.name = field.name
        self.file = field.file
        self.read = field.file.read
        self.readline = field.file.readline
        self.readlines = field.file.readlines
        self.seek = field.file.seek
        self.tell = field.file.tell
        self.close = field.file.close


def handler(request):
    # type: (Any) -> int
    """Publishes the function that the path names."""
    if request.method not in ('GET', 'POST', 'HEAD'):
        request.allow_methods(('GET', 'POST', 'HEAD'))
        return 405
    interpreter = request.run.interpreter
    memo = {} if request.plan is None else request.plan.memo
    place = memo.get(interpreter)
    if place is None:
        place = _Place(*_module_and_parts(request, interpreter))
        memo[interpreter] = place
    if place.module is None:
        return 404
    return publish(request, place.module, place.parts, place)


class _Place(object):
    """The module that a path names, and the rest of the path.

    Attributes:
        module:   None if there is none.
        parts:    names of attributes.
        function: a function of the module that is open to all, if the path names one.
    """

    def __init__(self, module, parts):
        # type: (Any, Sequence[str]) -> None
        self.module = module
        self.parts = parts
        self.function = None        # type: Any

    def open_function(self):
        # type: () -> Any
        """The function, as long as it is the same and no rule has come; None otherwise."""
        own = vars(self.module)
        found = self.function
        if (found is None or own.get(self.parts[0]) is not found or vars(found) or
                not has_no_rules(own)):
            return None
        return found

    def note(self, function):
        # type: (Any) -> None
        """Notes the function of the path, if there are no rules on the way."""
        if (len(self.parts) == 1 and isinstance(function, types.FunctionType) and
                not vars(function) and is_open_to_all(function)):
            self.function = function


def _module_and_parts(request, interpreter):
    # type: (Any, Any) -> Tuple[Any, Sequence[str]]
    """The module that the path names, None if there is none, and the rest of the path."""
    has_index = request.get_options().get(INDEX_OPTION, '').lower() in ('on', '1', 'true')
    folder, name = os.path.split(request.filename.rstrip('/'))
    if os.path.isdir(request.filename):
        folder = request.filename.rstrip('/')
        name = 'index'
        if not has_index:
            return None, ()
    for suffix in SUFFIXES:
        if name.endswith(suffix):
            name = name[:-len(suffix)]
    parts = [part for part in (request.path_info or '').split('/') if part]
    if not parts:
        if not has_index:
            return None, ()
        parts = ['index']
    path = _module_file(folder, name)
    if path is None:
        return None, ()
    values = request.get_config()
    return interpreter.load_file(
        name, path, [folder], values.get('PythonAutoReload', '1') == '1',
        values.get('PythonDebug', '0') == '1'), parts


def _module_file(folder, name):
    # type: (str, str) -> Optional[str]
    """The file of a module; None if there is none that is published."""
    if not name or name.startswith('_') or '.' in name:
        return None
    for part in (name + '.py', os.path.join(name, '__init__.py'), name + '.pyp'):
        path = os.path.join(folder, part)
        if os.path.isfile(path):
            return path
    return None


def publish(request, module, parts, place=None):
    # type: (Any, Any, Sequence[str], Optional[_Place]) -> int
    """Answers with the object that *parts* lead to from *module*.

    Args:     place: remembers the object.
    """
    found = None if place is None else place.open_function()
    if found is None:
        found = _walked(request, module, parts)
        if place is not None:
            place.note(found)
    result = _result(request, found)
    if not result:
        if request.bytes_sent or request.next is not None:
            return OK
        request.log_error('publisher: %s returned nothing.' % '/'.join(parts))
        return 500
    if not isinstance(result, (str, bytes)):
        result = str(result)
    if request.content_type is None:
        request.content_type = _guessed_type(result)
    request.send_http_header()
    if request.method != 'HEAD':
        request.write(result)
    return OK


def _guessed_type(result):
    # type: (Any) -> str
    start, end = (b'<html', b'</') if isinstance(result, bytes) and not PY2 else ('<html', '</')
    if result.lstrip()[:len(start)].lower() == start or end in result:
        return 'text/html'
    return 'text/plain'


def _walked(request, module, parts):
    # type: (Any, Any, Sequence[str]) -> Any
    """The object at the end of the path; each on the way may demand a log-in."""
    if len(parts) > MAX_PARTS:
        raise ServerReturn(404)
    gate = Gate(request)
    gate.check(module)
    found = module
    owns = request.run.interpreter.owns
    for part in parts:
        if part.startswith('_') or not _is_open(found, module):
            raise ServerReturn(404)
        try:
            found = getattr(found, part)
        except AttributeError:
            raise ServerReturn(404)
        if isinstance(found, types.ModuleType) or not _is_own(found, owns):
            raise ServerReturn(404)
        gate.check(found)
    return found


def _is_open(found, module):
    # type: (Any, Any) -> bool
    """True if attributes of *found* are published: of the module and of objects of classes that
    Python code defines."""
    if found is module:
        return True
    if isinstance(found, FUNCTIONS) or isinstance(found, types.ModuleType):
        return False
    kind = found if isinstance(found, type) else type(found)
    return kind.__module__ not in BUILT_IN or type(found).__name__ == 'instance'


def _is_own(found, owns):
    # type: (Any, Callable[[str], bool]) -> bool
    """True for a plain value, and for all that a module of the site has defined."""
    if isinstance(found, types.MethodType):
        found = found.__func__
    is_defined = isinstance(found, (type,) + FUNCTIONS) or type(found).__name__ == 'classobj'
    kind = found if is_defined or type(found).__name__ == 'instance' else type(found)
    home = getattr(kind, '__module__', None)
    if not is_defined and not callable(found) and home in BUILT_IN:
        return found is not os.environ      # jython: a plain dict
    return home is not None and owns(home)


def _result(request, found):
    # type: (Any, Any) -> Any
    """The result of a call, or the object as text."""
    is_class = isinstance(found, type) or type(found).__name__ == 'classobj'
    is_unbound = isinstance(found, types.MethodType) and found.__self__ is None
    if not callable(found) or is_class or is_unbound:
        return str(found)
    form = FieldStorage(request, 1)
    request.form = form
    return _call(request, found, form)


def _call(request, function, form):
    # type: (Any, Any, FieldStorage) -> Any
    fields = {}                     # type: Dict[str, Any]
    for field in form.list:
        value = File(field) if field.filename else str(field)   # type: Any
        if field.name in fields:
            former = fields[field.name]
            if isinstance(former, list):
                former.append(value)
            else:
                fields[field.name] = [former, value]
        else:
            fields[field.name] = value
    code, names = arguments_of(function)
    if code is None:
        return function()
    takes_all = bool(code.co_flags & 8)
    given = fields if takes_all else dict((name, value) for name, value in fields.items()
                                          if name in names)
    given.pop('self', None)
    given.pop('req', None)
    if 'req' in names:
        given['req'] = request
    return function(**given)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Optional, Sequence, Tuple
