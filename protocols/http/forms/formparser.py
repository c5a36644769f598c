# Copyright the carryall authors.  See LICENSE.
"""HTML forms: urlencoded and multipart/form-data, read as they come (WHATWG URL section 5.1, RFC
7578).

A form is read in pieces of the body; a field goes to memory, a file to a target of the *sink*::

    class Sink(object):
        def open(self, part):           # a FilePart: name, filename, content_type, headers
            return target               # with write(data), close() -> anything, abort()

The result of ``target.close()`` is the upload's ``content``.  If the form breaks off, ``abort()``
is called instead.  For targets that were closed before, ``sink.discard(content)`` is called if the
sink has it.

Rules:    limits are checked before anything is stored.  Names and values are text, UTF-8 unless the
          form names another charset in ``_charset_`` (RFC 7578 section 4.6), or a part in its
          Content-Type (4.5).  Octets that cannot be decoded become U+FFFD.
Not here: files (services/web/uploads.py).
Tests:    tests/protocols/http/forms/test_formparser.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.buffer import Pieces
from carryall.core.compat import FAILURES
from carryall.core.future import Return, coroutine
from carryall.core.logs import get_logger
from carryall.core.records import namedtuple
from carryall.protocols.http.fields.disposition import parse_disposition
from carryall.protocols.http.forms.multipart import (MultipartParser, PartBegin, PartData,
                                                     boundary_of)
from carryall.protocols.http.fields.fieldsyntax import parse_parameters
from carryall.core.codec.uri import parse_query
from carryall.protocols.http.errors import HTTPError

__all__ = ['DEFAULT_LIMITS', 'FilePart', 'Form', 'FormLimits', 'FormParser', 'MemorySink', 'Upload',
           'read_form']

PIECE_BYTES = 65536         # octets read from the body at once

# -- limits ------------------------------------------------------------------
# All in octets, except parts, which counts fields and files together.  An excess is answered with
# 413.
FormLimits = namedtuple('FormLimits', 'total part fields parts headers')
DEFAULT_LIMITS = FormLimits(
    total=64 << 20,         # of the whole body
    part=64 << 20,          # of one file
    # Of all fields together; they are kept in memory.  Names and types may take as much again.
    fields=1 << 20,
    parts=1000,
    headers=8192)           # of the fields of one part

CHARSETS = {b'utf-8': 'utf-8', b'us-ascii': 'utf-8', b'iso-8859-1': 'cp1252',
            b'windows-1252': 'cp1252'}

log = get_logger('http')

Upload = namedtuple('Upload', 'name filename content_type size content')
FilePart = namedtuple('FilePart', 'name filename content_type headers')


class Form(object):
    """The content of a form: ``fields``, the (name, value) pairs as text, and ``uploads``, both in
    order.

    Names may repeat.  There is no dict in here: names whose hashes collide would be costly on the
    JVM.
    """

    def __init__(self, fields, uploads):
        # type: (List[Tuple[Text, Text]], List[Upload]) -> None
        self.fields = fields
        self.uploads = uploads

    def get(self, name, default=None):
        # type: (Text, Any) -> Any
        """The first value of field *name*."""
        for here, value in self.fields:
            if here == name:
                return value
        return default

    def get_all(self, name):
        # type: (Text) -> List[Text]
        """All values of field *name*."""
        return [value for here, value in self.fields if here == name]

    def files(self, name):
        # type: (Text) -> List[Upload]
        """All files that came under *name*."""
        return [upload for upload in self.uploads if upload.name == name]


class MemorySink(object):
    """Keeps files in memory, as bytes; the limits of the form bound them."""

    def open(self, part):
        # type: (FilePart) -> _InMemory
        """A target for the octets of one file."""
        return _InMemory()


class _InMemory(object):
    """Octets in memory."""

    def __init__(self):
        # type: () -> None
        self._pieces = Pieces()

    def write(self, data):
        # type: (bytes) -> None
        """Appends *data*."""
        self._pieces.append(data)

    def close(self):
        # type: () -> bytes
        """The octets of the file."""
        return self._pieces.joined()

    def abort(self):
        # type: () -> None
        """Drops the octets."""
        self._pieces.clear()


class FormParser(object):
    """Parses the octets of a body of either type into a Form.

    ``feed`` and ``finish`` raise HTTPError, with the status as ``reply``; after that, or instead of
    going on, ``abort()`` releases the files.
    """

    def __init__(self, content_type, sink=None, limits=DEFAULT_LIMITS):
        # type: (Optional[bytes], Any, FormLimits) -> None
        self._limits = limits
        self._total = 0
        parsed = parse_parameters(content_type or b'')
        kind = parsed[0].lower() if parsed else b''
        boundary = boundary_of(content_type or b'')
        if kind == b'application/x-www-form-urlencoded':
            self._reader = _Urlencoded(limits)          # type: Any
        elif kind == b'multipart/form-data' and boundary is not None:
            self._reader = _Multipart(boundary, sink if sink is not None else MemorySink(), limits)
        else:
            raise HTTPError('not a form: %r' % (kind,),
                            reply=400 if kind == b'multipart/form-data' else 415)

    def feed(self, data):
        # type: (bytes) -> None
        """Takes the next octets of the body."""
        self._total += len(data)
        if self._total > self._limits.total:
            raise HTTPError('a form of more than %d octets' % self._limits.total, reply=413)
        self._reader.feed(data)

    def finish(self):
        # type: () -> Form
        """The form, once the body is complete."""
        return self._reader.finish()

    def abort(self):
        # type: () -> None
        """Releases all files."""
        self._reader.abort()


@coroutine
def read_form(request, sink=None, limits=DEFAULT_LIMITS):
    # type: (Any, Any, FormLimits) -> Any
    """A Future of the Form in the body of *request*.

    It fails with HTTPError: 415 not a form, 400 malformed, 413 too large; or as reading the body
    does.  Then no file is left behind.
    """
    parser = FormParser(request.headers.get(b'content-type'), sink, limits)
    try:
        while True:
            data = yield request.body.read(PIECE_BYTES)
            if not data:
                raise Return(parser.finish())
            parser.feed(data)
    except Return:
        raise
    except FAILURES:
        parser.abort()
        raise


class _Urlencoded(object):
    """application/x-www-form-urlencoded; kept until it is complete."""

    def __init__(self, limits):
        # type: (FormLimits) -> None
        self._limits = limits
        self._pieces = Pieces()
        self._size = 0

    def feed(self, data):
        # type: (bytes) -> None
        """Keeps *data*."""
        self._size += len(data)
        if self._size > self._limits.fields:
            raise HTTPError('fields of more than %d octets' % self._limits.fields, reply=413)
        self._pieces.append(data)

    def finish(self):
        # type: () -> Form
        """The form."""
        pairs = parse_query(self._pieces.joined(), self._limits.parts)
        if pairs is None:
            raise HTTPError('more than %d fields' % self._limits.parts, reply=413)
        return Form(_decoded(pairs), [])

    def abort(self):
        # type: () -> None
        """Does nothing: there are no files."""


class _Multipart(object):
    """multipart/form-data."""

    def __init__(self, boundary, sink, limits):
        # type: (bytes, Any, FormLimits) -> None
        self._parser = MultipartParser(boundary, limits.parts, limits.headers)
        self._sink = sink
        self._limits = limits
        self._pairs = []            # type: List[Tuple[bytes, bytes]]
        self._charsets = []         # type: List[Optional[str]]    # of each pair, as its part says
        self._uploads = []          # type: List[Upload]
        self._part = None           # type: Optional[FilePart]
        self._target = None         # type: Any
        self._size = 0              # of this part, so far
        self._maximum = 0           # the limit of this part
        self._fields_left = limits.fields
        self._names_left = limits.fields + limits.headers

    def feed(self, data):
        # type: (bytes) -> None
        """Splits octets into parts and passes these on."""
        for event in self._parser.feed(data):
            if isinstance(event, PartData):
                self._size += len(event.data)
                if self._size > self._maximum:
                    raise HTTPError('a part goes beyond %d octets' % self._maximum, reply=413)
                self._target.write(event.data)
            elif isinstance(event, PartBegin):
                self._begin(event.headers)
            else:
                self._end()

    def finish(self):
        # type: () -> Form
        """The form."""
        self._parser.finish()
        return Form(_decoded(self._pairs, self._charsets), self._uploads)

    def abort(self):
        # type: () -> None
        """Releases the open file and the closed ones."""
        target, self._target = self._target, None
        uploads, self._uploads = self._uploads, []
        discard = getattr(self._sink, 'discard', None)
        try:
            if target is not None:
                target.abort()
            for upload in uploads:
                if discard is not None:
                    discard(upload.content)
        except FAILURES:
            log.exception('an upload could not be removed')

    def _begin(self, headers):
        # type: (Headers) -> None
        found = parse_disposition(headers.get(b'content-disposition', b''))
        if found is None or found.kind != b'form-data' or found.name is None:
            raise HTTPError('a part of a form without a name', reply=400)
        kind = headers.get(b'content-type', b'text/plain')
        self._names_left -= len(headers.get(b'content-disposition')) + len(kind)
        if self._names_left < 0:
            raise HTTPError('names of more than %d octets' % self._limits.fields, reply=413)
        self._part = FilePart(found.name, found.filename, kind, headers)
        self._size = 0
        if found.filename is None:
            self._maximum = self._fields_left
            self._target = _InMemory()
        else:
            self._maximum = self._limits.part
            self._target = self._sink.open(self._part)

    def _end(self):
        # type: () -> None
        part = self._part           # type: Any
        content = self._target.close()
        self._target = None         # not before: a target that fails to close is aborted
        if part.filename is None:
            self._fields_left -= self._size
            self._pairs.append((part.name.encode('utf-8'), content))
            self._charsets.append(_charset_of(part.content_type))
        else:
            self._uploads.append(Upload(part.name, part.filename, part.content_type, self._size,
                                        content))


def _charset_of(content_type):
    # type: (bytes) -> Optional[str]
    """The codec for the charset that *content_type* names; None if it is missing or unknown."""
    # peer: the Apache HttpClient for Java sends ISO-8859-1 with each text by default.
    parsed = parse_parameters(content_type) if b'=' in content_type else None
    for name, value in parsed[1] if parsed else ():
        if name == b'charset':
            return CHARSETS.get(value.lower())
    return None


def _decoded(pairs, charsets=None):
    # type: (List[Tuple[bytes, bytes]], Optional[List[Optional[str]]]) -> List[Tuple[Text, Text]]
    """*pairs* as text; *charsets* are those of their parts, None for a part that named none."""
    charset = 'utf-8'
    for name, value in pairs:
        if name == b'_charset_':
            charset = CHARSETS.get(value.lower(), charset)
            break
    own = charsets if charsets is not None else [None] * len(pairs)
    return [(name.decode('utf-8', 'replace'), value.decode(said or charset, 'replace'))
            for (name, value), said in zip(pairs, own)]


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Text, Tuple
    from carryall.protocols.http.fields.headerfields import Headers
