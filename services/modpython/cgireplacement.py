# Copyright the carryall authors.  See LICENSE.
"""The module ``cgi`` for scripts: its forms and functions, which Python 3.13 has no more.

    module = cgi_module(body, stdout, environ, files.append)    # for one run
    form = module.FieldStorage()
    form.getfirst('name', '')

Source:   the documentation of the module ``cgi``, Python 3.12.
Limits:   those of carryall.protocols.http.forms; a form beyond them is a ValueError.
Tests:    tests/services/modpython/test_cgiscripts.py
"""
from __future__ import absolute_import, division, print_function

import io
import tempfile
import types

from carryall.core.codec.uri import parse_query
from carryall.core.compat import PY2
from carryall.protocols.http import HTTPError
from carryall.protocols.http.forms import FormLimits, FormParser
from carryall.services.modpython.formfields import parse_header
from carryall.services.modpython.pagesource import escaped

__all__ = ['FieldStorage', 'FormPart', 'MiniFieldStorage', 'cgi_module']

PIECE_BYTES = 65536
MAX_FIELDS = 1000           # of a query and a body, each
MAX_BODY = 1 << 30          # octets
URLENCODED = 'application/x-www-form-urlencoded'
LIMITS = FormLimits(total=MAX_BODY, part=MAX_BODY, fields=16 << 20, parts=MAX_FIELDS, headers=8192)


class MiniFieldStorage(object):
    """A field of a query or of an urlencoded body."""

    filename = None
    list = None
    type = None
    file = None
    type_options = {}           # type: Dict[str, str]
    disposition = None
    disposition_options = {}    # type: Dict[str, str]
    headers = {}                # type: Dict[str, str]

    def __init__(self, name, value):
        # type: (str, str) -> None
        self.name = name
        self.value = value

    def __repr__(self):
        return 'MiniFieldStorage(%r, %r)' % (self.name, self.value)


class FormPart(object):
    """A part of a multipart body.

    Attributes:
        file: an open file at its beginning.
    """

    list = None
    done = 0

    def __init__(self, name, filename, kind, content):
        # type: (str, Optional[str], str, Any) -> None
        self.name = name
        self.filename = filename
        self.type, self.type_options = parse_header(kind)
        self.disposition = 'form-data'
        self.disposition_options = {'name': name}   # type: Dict[str, Any]
        if filename is not None:
            self.disposition_options['filename'] = filename
        self.headers = {'content-type': kind}
        self.file = content

    @property
    def value(self):
        # type: () -> Any
        """All of it: bytes of a file, text of another field."""
        self.file.seek(0)
        data = self.file.read()
        self.file.seek(0)
        return data if PY2 or self.filename is not None else data.decode('utf-8', 'replace')

    def __repr__(self):
        return 'FieldStorage(%r, %r)' % (self.name, self.filename)


class _Sink(object):
    """Keeps the files of a form in files that *make* opens."""

    def __init__(self, make):
        # type: (Callable[[], Any]) -> None
        self._make = make

    def open(self, _part):
        # type: (Any) -> _Target
        """A target for one file."""
        return _Target(self._make())


class _Target(object):

    def __init__(self, file):
        # type: (Any) -> None
        self._file = file
        self.write = self._file.write
        self.abort = self._file.close

    def close(self):
        # type: () -> Any
        """The file, at its beginning."""
        self._file.seek(0)
        return self._file


class FieldStorage(object):
    """The form that a script was sent.

    Args:     fp: the body as octets.
              environ: with REQUEST_METHOD, QUERY_STRING, CONTENT_TYPE.
              keep_blank_values: keep fields without a value.
    Raises:   ValueError: the form is malformed or too large.
    """

    name = None                     # type: Optional[str]
    filename = None                 # type: Optional[str]
    make_file = staticmethod(tempfile.TemporaryFile)

    def __init__(self, fp=None, headers=None, outerboundary=b'', environ=None,
                 keep_blank_values=0, strict_parsing=0, **_options):
        # type: (Any, Any, bytes, Any, Any, Any, **Any) -> None
        environ = environ or {}
        method = environ.get('REQUEST_METHOD', 'GET').upper()
        self.list = []              # type: Any
        self.file = None            # type: Any
        self._keep = keep_blank_values
        kind = environ.get('CONTENT_TYPE', '')
        if headers is not None:
            kind = headers.get('content-type', kind)
        self.headers = {'content-type': kind}
        self.type, self.type_options = parse_header(kind)
        if method not in ('GET', 'HEAD') and fp is not None:
            self._read(fp, kind)
        if self.list is not None:
            self._take_query(environ.get('QUERY_STRING', ''))

    def _take_query(self, query):
        # type: (str) -> None
        for name, value in _pairs(query):
            if value or self._keep:
                self.list.append(MiniFieldStorage(name, value))

    def _read(self, file, kind):
        # type: (Any, str) -> None
        if kind and self.type not in (URLENCODED, 'multipart/form-data'):
            self.list = None        # a body of some other type: ``file`` has it
            self.file = self.make_file()
            _copied(file, self.file.write)
            self.file.seek(0)
            return
        parser = None
        try:
            parser = FormParser((kind or URLENCODED).encode('latin-1'), _Sink(self.make_file),
                                LIMITS)
            _copied(file, parser.feed)
            form = parser.finish()
        except HTTPError as exc:
            if parser is not None:
                parser.abort()
            raise ValueError('the form cannot be read: %s' % exc)
        for name, value in form.fields:
            if not value and not self._keep:
                continue
            if self.type == 'multipart/form-data':
                octets = value if isinstance(value, bytes) else value.encode('utf-8')
                self.list.append(FormPart(_native(name), None, 'text/plain', io.BytesIO(octets)))
            else:
                self.list.append(MiniFieldStorage(_native(name), _native(value)))
        for upload in form.uploads:
            self.list.append(FormPart(_native(upload.name), _native(upload.filename),
                                      _native(upload.content_type or u''), upload.content))

    @property
    def value(self):
        # type: () -> Any
        """The fields; the octets of a body of some other type."""
        if self.list is not None:
            return self.list
        self.file.seek(0)
        data = self.file.read()
        self.file.seek(0)
        return data

    def _fields(self):
        # type: () -> Any
        if self.list is None:
            raise TypeError('not indexable')
        return self.list

    def __getitem__(self, name):
        found = [field for field in self._fields() if field.name == name]
        if not found:
            raise KeyError(name)
        return found[0] if len(found) == 1 else found

    def getvalue(self, name, default=None):
        # type: (str, Any) -> Any
        """The value of *name*, a list if there are more; *default* if there is none."""
        values = self.getlist(name)
        if not values:
            return default
        return values[0] if len(values) == 1 else values

    def getfirst(self, name, default=None):
        # type: (str, Any) -> Any
        """The first value of *name*."""
        values = self.getlist(name)
        return values[0] if values else default

    def getlist(self, name):
        # type: (str) -> List[Any]
        """All values of *name*."""
        return [field.value for field in self._fields() if field.name == name]

    def keys(self):
        # type: () -> List[str]
        """Each name once."""
        found = []                  # type: List[str]
        seen = set()                # type: Set[str]
        for field in self._fields():
            if field.name not in seen:
                seen.add(field.name)
                found.append(field.name)
        return found

    def __contains__(self, name):
        return any(field.name == name for field in self._fields())

    has_key = __contains__

    def __iter__(self):
        return iter(self.keys())

    def __len__(self):
        return len(self.keys())

    def __bool__(self):
        return bool(self._fields())

    __nonzero__ = __bool__          # py2

    def __repr__(self):
        return 'FieldStorage(None, None, %r)' % (self.list,)


def _copied(file, write):
    # type: (Any, Callable[[bytes], Any]) -> None
    total = 0
    while True:
        data = file.read(PIECE_BYTES)
        if not data:
            return
        total += len(data)
        if total > MAX_BODY:
            raise ValueError('the body is larger than %d octets' % MAX_BODY)
        write(data)


def _native(text):
    # type: (Any) -> str
    if PY2:
        return text.encode('utf-8') if not isinstance(text, str) else text
    return text.decode('utf-8', 'replace') if isinstance(text, bytes) else text


def _pairs(query):
    # type: (str) -> List[Tuple[str, str]]
    octets = query if isinstance(query, bytes) else query.encode('utf-8', 'surrogateescape')
    pairs = parse_query(octets, MAX_FIELDS)
    if pairs is None:
        raise ValueError('Max number of fields exceeded')
    return [(_native(name), _native(value)) for name, value in pairs]


def _parse_qsl(query, keep_blank_values=0, strict_parsing=0):
    # type: (str, Any, Any) -> List[Tuple[str, str]]
    return [pair for pair in _pairs(query) if pair[1] or keep_blank_values]


def _parse_qs(query, keep_blank_values=0, strict_parsing=0):
    # type: (str, Any, Any) -> Dict[str, List[str]]
    found = {}                      # type: Dict[str, List[str]]
    for name, value in _parse_qsl(query, keep_blank_values):
        found.setdefault(name, []).append(value)
    return found


def _escape(text, quote=None):
    # type: (str, Any) -> str
    if quote:
        return escaped(text)
    return text.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')


def cgi_module(stdin, stdout, environ, opened):
    # type: (Any, Any, Dict[str, str], Callable[[Any], None]) -> Any
    """A module ``cgi`` for one run of a script.

    Args:     stdin:  the body, with ``read`` of octets.
              stdout: takes text.
              opened: called with each temporary file.
    """
    module = types.ModuleType('cgi')    # type: Any

    def make_file():
        # type: () -> Any
        """A temporary file."""
        file = tempfile.TemporaryFile()
        opened(file)
        return file

    class Form(FieldStorage):
        """The form of this run."""

        def __init__(self, fp=None, headers=None, outerboundary=b'', environ=environ,
                     keep_blank_values=0, strict_parsing=0, **options):
            # type: (Any, Any, bytes, Any, Any, Any, **Any) -> None
            FieldStorage.__init__(self, getattr(fp, 'buffer', fp) or stdin, headers, outerboundary,
                                  environ, keep_blank_values, strict_parsing, **options)

    def parse(fp=None, environ=environ, keep_blank_values=0, strict_parsing=0, separator='&'):
        # type: (Any, Any, Any, Any, str) -> Dict[str, List[Any]]
        """name -> list of values of the form."""
        form = Form(fp, environ=environ, keep_blank_values=keep_blank_values)
        return dict((name, form.getlist(name)) for name in form.keys())

    def print_environ(environ=environ):
        # type: (Any) -> None
        """Writes the environment as HTML."""
        stdout.write('<dl>\n%s</dl>\n' % ''.join(
            '<dt>%s</dt><dd>%s</dd>\n' % (escaped(name), escaped(environ[name]))
            for name in sorted(environ)))

    def print_form(form):
        # type: (Any) -> None
        """Writes a form as HTML."""
        stdout.write('<dl>\n%s</dl>\n' % ''.join(
            '<dt>%s</dt><dd>%s</dd>\n' % (escaped(name), escaped(repr(form[name])))
            for name in sorted(form.keys())))

    Form.__name__ = 'FieldStorage'
    Form.make_file = staticmethod(make_file)    # type: ignore
    vars(module).update(
        FieldStorage=Form, MiniFieldStorage=MiniFieldStorage, parse=parse,
        parse_header=parse_header, parse_qs=_parse_qs, parse_qsl=_parse_qsl, escape=_escape,
        print_environ=print_environ, print_form=print_form, maxlen=0)
    return module


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Set, Tuple
