# Copyright the carryall authors.  See LICENSE.
"""The page of a web server that was given nothing to serve: widgets that show what it can do
(feature WEB-16).

    /               the widgets, in one response that goes on for a second or two
    /form           POST: shows what a form has sent
    /upload         POST: the names, sizes and SHA-256 of files, which are not kept
    /events         Server-Sent Events: the time, each second
    /forget         POST: ends the session

It works without JavaScript: the widgets that take their time are filled by the response itself, in
their place.  What a visitor sends is shown to that visitor alone.

Tests:    tests/services/web/test_demopage.py
"""
from __future__ import absolute_import, division, print_function

import hashlib
import math

from carryall.core.compat import interpreter
from carryall.core.future import Return, coroutine, sleep
from carryall.protocols.http import HTTPError, Response
from carryall.protocols.http.fields import format_iso
from carryall.protocols.http.forms import FormLimits, read_form
from carryall.protocols.http.message import EventStream
from carryall.services.web.errorpage import error_response, no_method
from carryall.services.web.htmlpage import escape, html_headers, page
from carryall.services.web.origincheck import refuse_foreign
from carryall.services.web.sessions import MemoryStore, Sessions

__all__ = ['DemoPage']

# -- limits ------------------------------------------------------------------
FORM_LIMITS = FormLimits(total=8 << 20, part=4 << 20, fields=65536, parts=64, headers=8192)
MAX_EVENTS = 600            # of one stream, then the client connects again
MAX_STREAMS = 100           # at the same time
SESSIONS = 10000            # of visitors, in memory

STEPS = 5                   # of the widget that counts
STEP_SECONDS = 0.2
LATE_SECONDS = 0.5          # of the widget that is late
HEAD_METHODS = (b'GET', b'HEAD')

FORM = u'''<section id="form">
<h2>A form</h2>
<form method="post" action="/form" enctype="multipart/form-data">
<p><label>Text <input name="text" value="some text"></label>
<label>Number <input name="number" type="number" value="42"></label>
<label>Range <input name="range" type="range" min="0" max="10" value="3"></label></p>
<p><label>Date <input name="date" type="date" value="2002-07-15"></label>
<label>Colour <input name="colour" type="color" value="#2ea36a"></label>
<label>Password <input name="password" type="password" autocomplete="off"></label></p>
<p><label><input name="check" type="checkbox" checked> a check box</label>
<label><input name="radio" type="radio" value="one" checked> one</label>
<label><input name="radio" type="radio" value="two"> two</label></p>
<p><label>One of <select name="menu"><option>Python</option><option selected>Jython</option>
<option>PyPy</option></select></label>
<label>Some of <select name="list" multiple size="3"><option selected>echo</option>
<option selected>finger</option><option>gopher</option></select></label>
<label>Lines <textarea name="lines" rows="3">one
two</textarea></label></p>
<p><input name="hidden" type="hidden" value="unseen"><button>Send</button>
<button type="reset">Undo</button></p>
</form>
</section>
'''
UPLOAD = u'''<section id="upload">
<h2>Files</h2>
<form method="post" action="/upload" enctype="multipart/form-data">
<label>Some files <input name="files" type="file" multiple></label> <button>Send</button>
</form>
</section>
'''
EVENTS = u'''<section id="events">
<h2>Events</h2>
<p>A stream that goes on: <a href="/events">the time of this server, each second</a>.</p>
</section>
'''
NEXT = u'''<section id="next">
<h2>A folder of your own</h2>
<p>This page is here because the server was given nothing else.  Serve a folder:</p>
<pre>carryall web --path FOLDER</pre>
</section>
'''


class DemoPage(object):
    """The application of the page.

    Args:     loop: for time, and for the ids of sessions.
    """

    def __init__(self, loop):
        # type: (Any) -> None
        self._loop = loop
        self._streams = 0
        self._closed = False
        self._count = 0             # of visits of the page
        pages = {b'/': self._main, b'/form': self._form, b'/upload': self._upload,
                 b'/events': self._events, b'/forget': self._forget}
        self._pages = pages         # type: Dict[bytes, Callable[[Any], Any]]
        sessions = Sessions(MemoryStore(loop, SESSIONS), loop)
        self._guarded = sessions.wrap(refuse_foreign(self._ask))

    def __call__(self, request):
        # type: (Any) -> Any
        return self._guarded(request)

    def close(self):
        # type: () -> None
        """Ends the streams of events, within a second."""
        self._closed = True

    def _ask(self, request):
        # type: (Any) -> Any
        answer = self._pages.get(request.path)
        return error_response(request, 404) if answer is None else answer(request)

    # -- the page ------------------------------------------------------------------------------

    def _main(self, request):
        # type: (Any) -> Response
        if request.method not in HEAD_METHODS:
            return no_method(request, HEAD_METHODS)
        self._count += 1
        session = request.session
        session[u'visits'] = session.get(u'visits', 0) + 1
        whole = page(u'carryall', u'<main>\n<h1>carryall is running</h1>\n%s</main>\n' % MARK)
        before, after = whole.split(MARK.encode('ascii'))
        return Response(200, html_headers(forms=True) + [(b'Cache-Control', b'no-store')],
                        self._pieces(session[u'visits'], before, after))

    def _pieces(self, visits, before, after):
        # type: (int, bytes, bytes) -> Iterator[Any]
        """The page, piece by piece; those that take their time are Futures."""
        yield before
        yield self._greeting(visits).encode('utf-8')
        yield _picture(self._loop.wall()).encode('utf-8')
        yield _table().encode('utf-8')
        yield (FORM + UPLOAD + EVENTS).encode('utf-8')
        yield b'<section id="stream">\n<h2>A widget that comes bit by bit</h2>\n<ol>\n'
        for number in range(STEPS):
            yield self._later(STEP_SECONDS, u'<li>step %d of %d</li>\n' % (number + 1, STEPS))
        yield b'</ol>\n</section>\n<section id="late">\n<h2>A widget that is late</h2>\n'
        yield self._later(LATE_SECONDS, u'<p class="filled">It was filled %g seconds after the '
                                        u'page had begun.</p>\n</section>\n'
                          % (LATE_SECONDS + STEPS * STEP_SECONDS))
        yield NEXT.encode('ascii')
        yield after

    @coroutine
    def _later(self, seconds, text):
        # type: (float, Text) -> Any
        yield sleep(self._loop, seconds)
        raise Return(text.encode('utf-8'))

    def _greeting(self, visits):
        # type: (int) -> Text
        now = format_iso(self._loop.wall()).decode('ascii')
        return (u'<section id="greeting">\n<p>It is %s.  This is %s, and you are visitor %d; '
                u'you have been here <span id="visits">%d</span> times.</p>\n'
                u'<form method="post" action="/forget"><button>Forget me</button></form>\n'
                u'</section>\n' % (now, escape(interpreter()), self._count, visits))

    # -- forms ---------------------------------------------------------------------------------

    def _form(self, request):
        # type: (Any) -> Any
        if request.method != b'POST':
            return no_method(request, (b'POST',))
        return self._echo(request)

    @coroutine
    def _echo(self, request):
        # type: (Any) -> Any
        try:
            form = yield read_form(request, limits=FORM_LIMITS)
        except HTTPError as exc:
            raise Return(error_response(request, exc.reply or 400))
        rows = [(name, value if name != u'password' else u'%d characters' % len(value))
                for name, value in form.fields]
        raise Return(_answer(u'What you sent', (u'Field', u'Value'), rows))

    def _upload(self, request):
        # type: (Any) -> Any
        if request.method != b'POST':
            return no_method(request, (b'POST',))
        return self._digest(request)

    @coroutine
    def _digest(self, request):
        # type: (Any) -> Any
        try:
            form = yield read_form(request, _Digests(), FORM_LIMITS)
        except HTTPError as exc:
            raise Return(error_response(request, exc.reply or 400))
        rows = [(upload.filename, u'%d octets, SHA-256 %s' % (upload.size, upload.content))
                for upload in form.uploads]
        raise Return(_answer(u'Your files', (u'Name', u'Content'), rows))

    def _forget(self, request):
        # type: (Any) -> Response
        if request.method != b'POST':
            return no_method(request, (b'POST',))
        request.session.end()
        return Response(303, [(b'Location', b'/')])

    # -- events --------------------------------------------------------------------------------

    def _events(self, request):
        # type: (Any) -> Response
        if request.method not in HEAD_METHODS:
            return no_method(request, HEAD_METHODS)
        if self._streams >= MAX_STREAMS:
            return error_response(request, 503, [(b'Retry-After', b'10')])
        stream = EventStream(self._loop)
        self._streams += 1
        stream.lost.add_done_callback(self._stream_lost)
        self._tick(stream, 0)
        return stream.response()

    def _stream_lost(self, lost):
        # type: (Any) -> None
        self._streams -= 1

    def _tick(self, stream, number):
        # type: (EventStream, int) -> None
        if stream.closed:
            return
        stream.send(format_iso(self._loop.wall()), u'time', u'%d' % number)
        if number == MAX_EVENTS or self._closed:
            stream.end()
        else:
            self._loop.call_later(1.0, self._tick, stream, number + 1)


class _Digests(object):
    """A sink that keeps the SHA-256 of a file alone."""

    def open(self, part):
        # type: (Any) -> _Digest
        """A target for the octets of one file."""
        return _Digest()


class _Digest(object):
    """The SHA-256 of what is written."""

    def __init__(self):
        # type: () -> None
        self._hash = hashlib.sha256()

    def write(self, data):
        # type: (bytes) -> None
        """Takes *data*."""
        self._hash.update(data)

    def close(self):
        # type: () -> Text
        """The digest, in hexadecimal."""
        return u'%s' % self._hash.hexdigest()

    def abort(self):
        # type: () -> None
        """Does nothing: nothing is kept."""


MARK = u'<!-- widgets -->'


def _answer(title, columns, rows):
    # type: (Text, Tuple[Text, Text], List[Tuple[Text, Text]]) -> Response
    """A page with a table of what was sent."""
    body = [u'<main>\n<h1>%s</h1>\n<table id="sent">\n<thead><tr><th>%s</th><th>%s</th></tr>'
            u'</thead>\n<tbody>\n' % ((escape(title),) + columns)]
    body += [u'<tr><td>%s</td><td>%s</td></tr>\n' % (escape(name), escape(value))
             for name, value in rows]
    body.append(u'</tbody>\n</table>\n<p><a href="/">Back to the widgets</a></p>\n</main>\n')
    return Response(200, html_headers(forms=True) + [(b'Cache-Control', b'no-store')],
                    page(title, u''.join(body)))


def _picture(now):
    # type: (float) -> Text
    """A clock as a picture in the page (SVG 2)."""
    hands = []
    for turn, length, width in ((now / 43200.0, 22, 4), (now / 3600.0, 34, 3), (now / 60.0, 38, 1)):
        angle = 2.0 * math.pi * (turn % 1.0)
        hands.append(u'<line x1="50" y1="50" x2="%.1f" y2="%.1f" stroke="currentColor" '
                     u'stroke-width="%d" stroke-linecap="round"/>\n'
                     % (50 + length * math.sin(angle), 50 - length * math.cos(angle), width))
    return (u'<section id="picture">\n<h2>A picture</h2>\n<svg width="120" height="120" '
            u'viewBox="0 0 100 100" role="img" aria-label="a clock">\n<circle cx="50" cy="50" '
            u'r="46" fill="none" stroke="currentColor" stroke-width="3"/>\n%s</svg>\n</section>\n'
            % u''.join(hands))


def _table():
    # type: () -> Text
    """A table of powers, with a disclosure around it."""
    rows = u''.join(u'<tr><th scope="row">%d</th><td>%d</td><td>%d</td></tr>\n'
                    % (number, number ** 2, 2 ** number) for number in range(1, 9))
    return (u'<section id="table">\n<h2>A table</h2>\n<details open><summary>Powers</summary>\n'
            u'<table>\n<thead><tr><th>n</th><th>n\u00b2</th><th>2\u207f</th></tr></thead>\n'
            u'<tbody>\n%s</tbody>\n</table>\n</details>\n<p><progress value="8" max="10">8 of 10'
            u'</progress> <meter value="0.6">60 per cent</meter></p>\n</section>\n' % rows)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterator, List, Text, Tuple
