# Copyright the carryall authors.  See LICENSE.
"""Forms, urlencoded and multipart/form-data (WHATWG URL section 5.1, RFC 7578)."""
from __future__ import absolute_import, division, print_function

import random

import pytest

from carryall.core.errors import ConnectionLost, RemoteProtocolError
from carryall.protocols.http.message.messagebody import Body
from carryall.protocols.http.forms.formparser import (DEFAULT_LIMITS, FormParser, MemorySink,
                                                      read_form)
from carryall.protocols.http.fields.headerfields import Headers
from tests.protocols.http.ids import short

URLENCODED = b'application/x-www-form-urlencoded'
MULTIPART = b'multipart/form-data; boundary=x'


def _part(name, data, filename=None, kind=None):
    lines = [b'--x', b'Content-Disposition: form-data; name="' + name + b'"'
             + (b'; filename="' + filename + b'"' if filename is not None else b'')]
    if kind:
        lines.append(b'Content-Type: ' + kind)
    return b'\r\n'.join(lines + [b'', data, b''])


BODY = (_part(b'title', b'caf\xc3\xa9') + _part(b'file', b'one\r\n', b'a.txt', b'text/csv')
        + _part(b'empty', b'')
        + _part(b'file', b'\0' * 1000, b'na\xc3\xafve.bin') + _part(b'file', b'', b'')
        + _part(b'title', b'2') + b'--x--\r\n')


def _parsed(pieces, content_type=MULTIPART, sink=None, limits=DEFAULT_LIMITS):
    parser = FormParser(content_type, sink, limits)
    for piece in pieces:
        parser.feed(piece)
    return parser.finish()


def _chunkings(data):
    yield [data]
    for size in (1, 3):
        yield [data[at:at + size] for at in range(0, len(data), size)]
    rng = random.Random(2)
    for _ in range(5):
        points = sorted(rng.randrange(len(data) + 1) for _ in range(8))
        yield [data[a:b] for a, b in zip([0] + points, points + [len(data)])]


def test_multipart_every_chunking():
    """Fields and files, several of one name, however they are cut."""
    for pieces in _chunkings(BODY):
        form = _parsed(pieces)
        assert form.fields == [(u'title', u'caf\xe9'), (u'empty', u''), (u'title', u'2')], 'fields'
        assert ([tuple(upload) for upload in form.uploads] == [
            (u'file', u'a.txt', b'text/csv', 5, b'one\r\n'),
            (u'file', u'na\xefve.bin', b'text/plain', 1000, b'\0' * 1000),
            (u'file', u'', b'text/plain', 0, b'')]), 'files'


def test_form_fields_are_looked_up_by_name():
    """By name: the first, all, files, none."""
    form = _parsed([BODY])
    assert form.get(u'title') == u'caf\xe9', 'get'
    assert form.get(u'none') is None, 'get'
    assert form.get(u'none', 1) == 1, 'get'
    assert form.get_all(u'title') == [u'caf\xe9', u'2'], 'get_all'
    assert form.get_all(u'none') == [], 'get_all'
    assert ([upload.filename for upload in form.files(u'file')]
            == [u'a.txt', u'na\xefve.bin', u'']), 'files'
    assert form.files(u'title') == [], 'a field is no file'


def test_a_urlencoded_form_is_read_at_every_chunking():
    """However it is cut; with a charset in the type."""
    for pieces in _chunkings(b'a=1&b=caf%C3%A9+x&a=&%zz'):
        form = _parsed(pieces, URLENCODED + b'; charset=utf-8')
        assert (form.fields
                == [(u'a', u'1'), (u'b', u'caf\xe9 x'), (u'a', u''), (u'%zz', u'')]), 'fields'
        assert form.uploads == [], 'files'


@pytest.mark.parametrize('charset, octets, text', [
    (b'utf-8', b'%C3%A9', u'\xe9'), (b'ISO-8859-1', b'%E9%80', u'\xe9\u20ac'),
    (b'rot13', b'%C3%A9', u'\xe9'), (b'utf-8', b'%E9', u'\ufffd'),
    (b'unicode_escape', b'a', u'a')])
def test_a_charset_field_names_the_charset(charset, octets, text):
    """_charset_ names one of a few; what cannot be decoded is U+FFFD (RFC 7578 section 4.6)."""
    form = _parsed([b'a=' + octets + b'&_charset_=' + charset], URLENCODED)
    assert form.get(u'a') == text, charset


@pytest.mark.parametrize('content_type, octets, text', [
    (b'text/plain; charset=ISO-8859-1', b'\xe9', u'\xe9'),
    (b'TEXT/Plain; Charset="iso-8859-1"', b'\xe9', u'\xe9'),
    (b'text/plain; charset=UTF-8', b'\xc3\xa9', u'\xe9'),
    (b'text/plain', b'\xc3\xa9', u'\xe9'),
    (b'text/plain; charset=rot13', b'\xc3\xa9', u'\xe9'),
    (b'text/plain; charset="', b'\xc3\xa9', u'\xe9'),
])
def test_a_part_may_name_the_charset_of_its_text(content_type, octets, text):
    """RFC 7578 section 4.5; the Apache HttpClient says ISO-8859-1 unless it is told otherwise."""
    part = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n%s\r\n%s\r\n'
    body = (part % (b'a', b'Content-Type: ' + content_type + b'\r\n', octets) + part
            % (b'b', b'', b'\xc3\xa9') + b'--x--\r\n')
    form = _parsed([body], b'multipart/form-data; boundary=x')
    assert form.fields == [(u'a', text), (u'b', u'\xe9')]


@pytest.mark.parametrize('content_type, status', [
    (None, 415), (b'', 415), (b'text/plain', 415), (b'multipart/mixed; boundary=x', 415),
    (b'multipart/form-data', 400),
    (b'multipart/form-data; boundary="', 415), (b'multipart/form-data; boundary=a\x01', 400)])
def test_a_body_of_another_type_is_refused(content_type, status):
    """A body that is no form is refused before it is read."""
    with pytest.raises(RemoteProtocolError) as caught:
        FormParser(content_type)
    assert caught.value.reply == status, content_type


@pytest.mark.parametrize('body', [
    b'--x\r\n\r\ndata\r\n--x--', b'--x\r\nContent-Disposition: form-data\r\n\r\ndata\r\n--x--',
    b'--x\r\nContent-Disposition: attachment; name=a\r\n\r\ndata\r\n--x--', b'--x\r\n', BODY[:-10]],
                         ids=short)
def test_broken_parts_are_400(body):
    """A part without a name, or an end in the middle: 400."""
    with pytest.raises(RemoteProtocolError) as caught:
        _parsed([body])
    assert caught.value.reply == 400, body


def _limited(**limits):
    return DEFAULT_LIMITS._replace(**limits)


LIMITS = [
    ('total', len(BODY), [BODY], MULTIPART), ('part', 1000, [BODY], MULTIPART),
    ('fields', 6, [BODY], MULTIPART), ('parts', 6, [BODY], MULTIPART),
    ('headers', 85, [BODY], MULTIPART), ('fields', 7, [b'a=1&b=2'], URLENCODED),
    ('parts', 2, [b'a=1&b=2'], URLENCODED),
    ('total', 7, [b'a=1&b=2'], URLENCODED)]


@pytest.mark.parametrize('name, value, pieces, content_type', LIMITS)
def test_each_limit_is_exact(name, value, pieces, content_type):
    """The form fits exactly; with a limit of one less it is refused with 413."""
    assert _parsed(pieces, content_type, limits=_limited(**{name: value})), 'what fits'
    for cut in _chunkings(b''.join(pieces)):
        with pytest.raises(RemoteProtocolError) as caught:
            _parsed(cut, content_type, limits=_limited(**{name: value - 1}))
        assert caught.value.reply == 413, name


class Watched(MemorySink):
    """A sink that tells what happened; closing the file named *fails* fails."""

    def __init__(self, fails=None):
        self.told = []
        self.fails = fails

    def open(self, part):
        sink = self

        class Target(object):
            def write(self, data):
                sink.told.append(('write', part.filename))

            def close(self):
                sink.told.append(('close', part.filename))
                if part.filename == sink.fails:
                    raise IOError('disk full')
                return part.filename

            def abort(self):
                sink.told.append(('abort', part.filename))

        self.told.append(('open', part.filename, part.content_type,
                          part.headers.get(b'content-type')))
        return Target()

    def discard(self, content):
        self.told.append(('discard', content))


class Asked(object):
    """As much of a request as a form needs."""

    def __init__(self, content_type=MULTIPART):
        self.headers = Headers([(b'Content-Type', content_type)])
        self.body = Body()


def test_read_form_sends_files_to_the_sink():
    """From the body of a request, as it comes; files go to the sink and nowhere else."""
    sink = Watched()
    request = Asked()
    future = read_form(request, sink)
    for at in range(0, len(BODY), 50):
        request.body.feed(BODY[at:at + 50])
    assert not future.done(), 'not before the end'
    request.body.end(Headers())
    form = future.result()
    assert ([upload.content for upload in form.uploads]
            == [u'a.txt', u'na\xefve.bin', u'']), 'what the sink made of them'
    assert ('open', u'a.txt', b'text/csv', b'text/csv') in sink.told, 'it is told what comes'
    assert not [told for told in sink.told if told[0]
                in ('abort', 'discard')], 'nothing was thrown away'


def test_body_breaks_off():
    """The file that is open is aborted, those before it are discarded."""
    sink = Watched()
    request = Asked()
    future = read_form(request, sink)
    request.body.feed(BODY[:300])
    request.body.fail(ConnectionLost('gone'))
    assert isinstance(future.exception(), ConnectionLost), 'told'
    assert sink.told[-2:] == [('abort', u'na\xefve.bin'), ('discard', u'a.txt')], 'cleaned up'


def test_form_is_refused():
    """The status goes with the error; nothing is left."""
    sink = Watched()
    request = Asked()
    request.body.feed(BODY)
    future = read_form(request, sink, _limited(part=999))
    assert future.exception().reply == 413, 'status'
    assert sink.told[-2:] == [('abort', u'na\xefve.bin'), ('discard', u'a.txt')], 'cleaned up'
    assert read_form(Asked(b'text/plain')).exception().reply == 415, 'no form'


def test_a_failing_sink_is_aborted():
    """A sink that cannot be closed is aborted; the error is not taken for the peer's."""
    sink = Watched(fails=u'na\xefve.bin')
    request = Asked()
    request.body.feed(BODY)
    future = read_form(request, sink)
    assert isinstance(future.exception(), IOError), 'the error itself'
    assert sink.told[-2:] == [('abort', u'na\xefve.bin'), ('discard', u'a.txt')], 'cleaned up'


def test_a_cancelled_form_leaves_no_file():
    """A cancelled form leaves no file."""
    sink = Watched()
    request = Asked()
    future = read_form(request, sink)
    request.body.feed(BODY[:300])
    future.cancel()
    assert sink.told[-2:] == [('abort', u'na\xefve.bin'), ('discard', u'a.txt')], 'cleaned up'


def _memory(pieces):
    """Octets of memory, about, of gathered bytes on a runtime where each object costs 96."""
    return sum(len(piece) + 96 for piece in pieces._pieces)


@pytest.mark.parametrize('size', [1, 10, 1000])
def test_fields_that_come_octet_by_octet_take_little_more_than_their_octets(size):
    parser = FormParser(URLENCODED)
    for _ in range(200000 // size):
        parser.feed(b'x' * size)
    assert _memory(parser._reader._pieces) < 2 * 200000


def test_a_file_in_memory_that_comes_octet_by_octet_takes_little_more_than_its_octets():
    parser = FormParser(MULTIPART, MemorySink())
    parser.feed(_part(b'file', b'', b'a.bin')[:-2])
    for _ in range(100000):
        parser.feed(b'x')
    assert _memory(parser._reader._target._pieces) < 2 * 100000


def test_names_and_types_are_bounded_as_fields_are():
    """RFC 7578: a thousand parts without content, each with a name of some kilobytes."""
    limits = DEFAULT_LIMITS._replace(fields=100000)
    for filename in (None, b'f' * 2000):
        parser = FormParser(MULTIPART, limits=limits)
        with pytest.raises(RemoteProtocolError) as caught:
            for _ in range(60):
                parser.feed(_part(b'n' * 2000, b'', filename))
        assert caught.value.reply == 413
