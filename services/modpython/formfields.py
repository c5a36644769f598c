# Copyright the carryall authors.  See LICENSE.
"""FieldStorage: the fields of a request, as ``mod_python.util`` has them.

A form is read whole.  A value is a StringField: a string with ``value``, ``name`` and ``filename``.
A file is a Field with ``file``.  A name that came more than once has a list.

Limits:   FieldStorage raises FormFault, which is answered with its status.
Tests:    tests/services/modpython/test_pagepublisher.py
"""
from __future__ import absolute_import, division, print_function

import io
import tempfile
import types

from carryall.core.codec.uri import parse_query
from carryall.core.compat import PY2
from carryall.protocols.http import HTTPError
from carryall.protocols.http.forms import FormLimits, FormParser
from carryall.services.modpython.apachetable import Table
from carryall.services.modpython.apacherequest import ServerReturn

__all__ = ['Field', 'FieldList', 'FieldStorage', 'StringField', 'apply_fs_data', 'arguments_of',
           'parse_header', 'parse_qs', 'parse_qsl', 'redirect']

PIECE_BYTES = 65536
MAX_FIELDS = 1000           # of a query and a body, each
LIMITS = FormLimits(total=1 << 30, part=1 << 30, fields=16 << 20, parts=MAX_FIELDS, headers=8192)


class StringField(str):
    """A value that is a string."""

    filename = None
    type = 'text/plain'

    def __new__(cls, value, name=None):
        # type: (str, Any) -> StringField
        made = str.__new__(cls, value)
        made.name = name
        made.headers = Table()
        made.disposition = 'form-data'
        made.disposition_options = {}
        return made

    @property
    def value(self):
        # type: () -> str
        """The string."""
        return str(self)

    @property
    def file(self):
        # type: () -> Any
        """A file with the octets of the string."""
        return io.BytesIO(str(self) if PY2 else str(self).encode('utf-8'))  # type: ignore


class Field(object):
    """A file of a form.

    Attributes:
        name, filename, type: as the client says them.
        file: a temporary file, at its beginning.
        headers: Table of the part's fields.
    """

    def __init__(self, name, file=None, ctype='application/octet-stream', type_options=None,
                 disp='form-data', disp_options=None, headers=None):
        # type: (str, Any, str, Any, str, Any, Any) -> None
        self.name = name
        self.file = file
        self.type = ctype
        self.type_options = type_options or {}
        self.disposition = disp
        self.disposition_options = disp_options or {}
        self.filename = self.disposition_options.get('filename')
        self.headers = Table() if headers is None else headers

    @property
    def value(self):
        # type: () -> bytes
        """All octets of the file."""
        self.file.seek(0)
        data = self.file.read()
        self.file.seek(0)
        return data

    def __repr__(self):
        return 'Field(%r, filename=%r)' % (self.name, self.filename)


class FieldList(list):
    """The fields of a form, in their order."""

    def table(self):
        # type: () -> Dict[str, List[Any]]
        """name -> list of its fields."""
        found = {}                  # type: Dict[str, List[Any]]
        for field in self:
            found.setdefault(field.name, []).append(field)
        return found


class _Files(object):
    """Keeps the files of a form in what *make* gives for their names, or in temporary files."""

    def __init__(self, make):
        # type: (Optional[Callable[[str], Any]]) -> None
        self._make = make

    def open(self, part):
        # type: (Any) -> _Target
        """A target for one file."""
        if callable(self._make):
            return _Target(self._make(_native(part.filename)))
        return _Target(tempfile.TemporaryFile())


class _Target(object):

    def __init__(self, file):
        # type: (Any) -> None
        self._file = file

    def write(self, data):
        # type: (bytes) -> None
        """Adds *data*."""
        self._file.write(data)

    def close(self):
        # type: () -> Any
        """The file, at its beginning."""
        self._file.seek(0)
        return self._file

    def abort(self):
        # type: () -> None
        """Drops it."""
        self._file.close()


class FieldStorage(object):
    """The fields of the query and the body of *request*.

    Args:     keep_blank_values: keep fields without a value.
              file_callback:  called with a file's name, gives what the file is written to.
              field_callback: gives what a field's octets are written to, and read from.
    Raises:   ServerReturn: the form is malformed or too large.
    """

    def __init__(self, request, keep_blank_values=0, strict_parsing=0, file_callback=None,
                 field_callback=None):
        # type: (Any, Any, Any, Any, Any) -> None
        self.list = FieldList()
        self.req = request
        self._callbacks = (file_callback, field_callback)
        self._keep = keep_blank_values
        if request.args:
            for name, value in parse_qsl(request.args, keep_blank_values):
                self.list.append(StringField(value, name))
        if request.method == 'POST':
            self._read(request)

    def _read(self, request):
        # type: (Any) -> None
        kind = request.headers_in.get('Content-Type', '')
        low = kind.lower()
        if not low.startswith(('application/x-www-form-urlencoded', 'multipart/form-data')):
            if kind:
                raise ServerReturn(501)
            return
        parser = None
        try:
            parser = FormParser(kind.encode('latin-1'), _Files(self._callbacks[0]), LIMITS)
            while True:
                data = request.read(PIECE_BYTES)
                if not data:
                    break
                parser.feed(data)
            form = parser.finish()
        except HTTPError as exc:
            if parser is not None:
                parser.abort()
            raise ServerReturn(exc.reply or 400)
        for name, value in form.fields:
            if value or self._keep:
                self.list.append(StringField(self._called_back(_native(value)), _native(name)))
        for upload in form.uploads:
            kind = _native(upload.content_type or u'')
            said = {'name': _native(upload.name), 'filename': _native(upload.filename)}
            made = Field(said['name'], upload.content, kind, {}, 'form-data', said)
            made.headers['Content-Type'] = kind
            request.register_cleanup(_close, made.file)
            self.list.append(made)

    def _called_back(self, value):
        # type: (str) -> str
        """*value*, by way of what ``field_callback`` gives."""
        make = self._callbacks[1]
        if not callable(make):
            return value
        file = make()
        file.write(value if isinstance(value, bytes) else value.encode('utf-8'))
        file.seek(0)
        data = file.read()
        return data if PY2 else data.decode('utf-8', 'replace')

    def add_field(self, name, value):
        # type: (str, str) -> None
        """Adds a field."""
        self.list.append(StringField(value, name))

    def __setitem__(self, name, value):
        self.list = FieldList(field for field in self.list if field.name != name)
        self.add_field(name, value)

    def __delitem__(self, name):
        if name not in self:
            raise KeyError(name)
        self.list = FieldList(field for field in self.list if field.name != name)

    def clear(self):
        # type: () -> None
        """Removes all fields."""
        self.list = FieldList()

    def __getitem__(self, name):
        found = [field for field in self.list if field.name == name]
        if not found:
            raise KeyError(name)
        return found[0] if len(found) == 1 else found

    def get(self, name, default=None):
        # type: (str, Any) -> Any
        """The value of *name*, a list if there are more; *default* if there is none."""
        try:
            return self[name]
        except KeyError:
            return default

    def getfirst(self, name, default=None):
        # type: (str, Any) -> Any
        """The first value of *name*."""
        for field in self.list:
            if field.name == name:
                return field
        return default

    def getlist(self, name):
        # type: (str) -> List[Any]
        """All values of *name*."""
        return [field for field in self.list if field.name == name]

    def keys(self):
        # type: () -> List[str]
        """Each name once, in order."""
        found = []                  # type: List[str]
        seen = set()                # type: Set[str]
        for field in self.list:
            if field.name not in seen:
                seen.add(field.name)
                found.append(field.name)
        return found

    def values(self):
        # type: () -> List[Any]
        """The value of each name."""
        return [self[name] for name in self.keys()]

    def items(self):
        # type: () -> List[Tuple[str, Any]]
        """Each field with its name."""
        return [(field.name, field) for field in self.list]

    def has_key(self, name):
        # type: (str) -> bool
        """True if there is such a field."""
        return any(field.name == name for field in self.list)

    __contains__ = has_key

    def __iter__(self):
        return iter(self.keys())

    def __len__(self):
        return len(self.keys())

    def __bool__(self):
        return bool(self.list)

    __nonzero__ = __bool__          # py2


def _close(file):
    # type: (Any) -> None
    file.close()


def _native(text):
    # type: (Any) -> str
    if PY2:
        return text.encode('utf-8') if not isinstance(text, str) else text
    return text.decode('latin-1') if isinstance(text, bytes) else text


def parse_qsl(query, keep_blank_values=0, strict_parsing=0):
    # type: (str, Any, Any) -> List[Tuple[str, str]]
    """The (name, value) pairs of a query.

    Raises:   ServerReturn: too many.
    """
    octets = query if isinstance(query, bytes) else query.encode('utf-8', 'surrogateescape')
    pairs = parse_query(octets, MAX_FIELDS)
    if pairs is None:
        raise ServerReturn(413)
    found = []
    for name, value in pairs:
        if value or keep_blank_values:
            found.append((name, value) if PY2 else
                         (name.decode('utf-8', 'replace'), value.decode('utf-8', 'replace')))
    return found


def parse_qs(query, keep_blank_values=0, strict_parsing=0):
    # type: (str, Any, Any) -> Dict[str, List[str]]
    """name -> list of its values."""
    found = {}                      # type: Dict[str, List[str]]
    for name, value in parse_qsl(query, keep_blank_values):
        found.setdefault(name, []).append(value)
    return found


def parse_header(line):
    # type: (Any) -> Tuple[Any, Dict[Any, Any]]
    """The first word of a field such as Content-Type, and its parameters."""
    is_text = not isinstance(line, bytes)
    words = [word.strip() for word in (line.encode('latin-1') if is_text else line).split(b';')]
    parameters = {}
    for word in words[1:]:
        name, found, value = word.partition(b'=')
        value = value.strip()
        if len(value) >= 2 and value[:1] == value[-1:] == b'"':
            value = value[1:-1].replace(b'\\\\', b'\\').replace(b'\\"', b'"')
        if found:
            parameters[name.strip().lower()] = value
    kind = words[0].lower()
    if not is_text or PY2:
        return kind, parameters
    return kind.decode('latin-1'), dict((name.decode('latin-1'), value.decode('latin-1'))
                                        for name, value in parameters.items())


def arguments_of(function):
    # type: (Any) -> Tuple[Any, Sequence[str]]
    """The code of a callable, and the names of its arguments; None for one without."""
    first = 0
    if isinstance(function, type) or type(function).__name__ == 'classobj':
        function = getattr(function, '__init__', None)
        first = 1
    elif not isinstance(function, (types.FunctionType, types.MethodType)):
        function = getattr(function, '__call__', None)
    if isinstance(function, types.MethodType):
        first = 1
        function = function.__func__
    code = getattr(function, '__code__', None)
    if code is None:
        return None, ()
    count = code.co_argcount + getattr(code, 'co_kwonlyargcount', 0)
    return code, code.co_varnames[first:count]


def apply_fs_data(function, form, **args):
    # type: (Any, FieldStorage, **Any) -> Any
    """Calls *function* with the fields, and *args*, that it has arguments for."""
    given = dict((name, [value]) for name, value in args.items())   # type: Dict[str, List[Any]]
    for field in form.list:
        given.setdefault(field.name, []).append(field if field.filename else field.value)
    code, names = arguments_of(function)
    if code is None:
        return function()
    takes_all = bool(code.co_flags & 8)
    return function(**dict((name, values[0] if len(values) == 1 else values)
                           for name, values in given.items() if takes_all or name in names))


def redirect(request, location, permanent=0, text=None):
    # type: (Any, str, Any, Optional[str]) -> None
    """Answers with a redirect, and ends the handler.

    Raises:   ServerReturn, always.  IOError: the header section was sent.
    """
    if request.run.output.started:
        raise IOError('Cannot redirect after headers have already been sent.')
    request.err_headers_out['Location'] = location
    request.status = 301 if permanent else 302
    if text is None:
        request.write('<p>The document has moved <a href="%s">here</a></p>\n'
                      % location.replace('&', '&amp;').replace('"', '&quot;').replace('<', '&lt;'))
    else:
        request.write(text)
    raise ServerReturn(-2)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Sequence, Set, Tuple
