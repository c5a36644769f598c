# Copyright the carryall authors.  See LICENSE.
"""The page of a web server that was given nothing to serve (WEB-16)."""
from __future__ import absolute_import, division, print_function

import hashlib
import re

import pytest

from carryall.core.net.transport import Address
from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.protocols.http import Site
from carryall.services.web.demopage import LATE_SECONDS, STEP_SECONDS, STEPS, DemoPage

WIDGETS = [b'greeting', b'picture', b'table', b'form', b'upload', b'events', b'stream', b'late',
           b'next']
FORM = (b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n<b>\r\n'
        b'--x\r\nContent-Disposition: form-data; name="password"\r\n\r\nsecret\r\n--x--\r\n')
FILES = (b'--x\r\nContent-Disposition: form-data; name="files"; filename="a<b>.txt"\r\n\r\nhello'
         b'\r\n--x\r\nContent-Disposition: form-data; name="files"; filename="empty"\r\n\r\n\r\n'
         b'--x--\r\n')


class World(object):
    """The page, and one browser."""

    def __init__(self):
        self.loop = VirtualLoop()
        self.loop.wall = lambda: 2e9 + self.loop.now
        self.app = DemoPage(self.loop)
        self.site = Site(self.app, self.loop)
        self.cookie = b''

    def wire(self):
        """A new connection."""
        return FakeTransport(self.loop, peername=Address('127.0.0.1', 5)).connect(self.site())

    def ask(self, line, body=b'', fields=(), seconds=10.0, wire=None):
        """(status, the whole response) of a request."""
        wire = wire or self.wire()
        lines = [line + b' HTTP/1.1', b'Host: h'] + list(fields)
        if self.cookie:
            lines.append(b'Cookie: ' + self.cookie)
        if body:
            lines += [b'Content-Type: multipart/form-data; boundary=x',
                      b'Content-Length: %d' % len(body)]
        wire.feed(b'\r\n'.join(lines) + b'\r\n\r\n' + body)
        self.loop.advance(seconds)
        said = wire.take()
        found = re.search(b'Set-Cookie: ([^;]*)', said)
        if found:
            self.cookie = found.group(1)
        return int(said[9:12] or 0), said


@pytest.fixture
def world():
    """A page that no one has seen yet."""
    return World()


def test_the_page_has_each_widget(world):
    status, said = world.ask(b'GET /')
    assert status == 200
    assert re.findall(b'<section id="([a-z]+)"', said) == WIDGETS
    assert said.count(b'<section') == said.count(b'</section>')
    assert re.search(b'It is 2033-05-18T[0-9:]+Z\\.', said)
    assert said.endswith(b'</html>\n\r\n0\r\n\r\n')


def test_the_page_needs_no_script(world):
    said = world.ask(b'GET /')[1]
    assert b'<script' not in said
    assert b"default-src 'none'" in said


def test_a_widget_that_takes_its_time_fills_in_its_place(world):
    wire = world.wire()
    first = world.ask(b'GET /', seconds=0.0, wire=wire)[1]
    assert b'<section id="stream">' in first
    assert b'step 1 of' not in first
    world.loop.advance(STEP_SECONDS)
    assert b'step 1 of 5' in wire.take()
    world.loop.advance(STEP_SECONDS * (STEPS - 1) + 0.01)
    assert b'<section id="late">' in wire.take()
    world.loop.advance(LATE_SECONDS)
    assert b'class="filled"' in wire.take()


def test_a_session_counts_visits(world):
    for number in (1, 2, 3):
        assert b'<span id="visits">%d</span>' % number in world.ask(b'GET /')[1]
    assert world.ask(b'POST /forget')[0] == 303
    assert b'<span id="visits">1</span>' in world.ask(b'GET /')[1]


def test_a_form_is_shown_to_its_sender(world):
    """Escaped, and without the password."""
    status, said = world.ask(b'POST /form', FORM)
    assert status == 200
    assert b'<td>text</td><td>&lt;b&gt;</td>' in said
    assert b'secret' not in said
    assert b'6 characters' in said


def test_files_are_digested(world):
    status, said = world.ask(b'POST /upload', FILES)
    digest = hashlib.sha256(b'hello').hexdigest().encode('ascii')
    assert status == 200
    assert b'<td>a&lt;b&gt;.txt</td><td>5 octets, SHA-256 ' + digest in said
    assert b'<td>empty</td><td>0 octets' in said


def test_events_tell_the_time(world):
    wire = world.wire()
    said = world.ask(b'GET /events', seconds=2.5, wire=wire)[1]
    assert b'Content-Type: text/event-stream' in said
    assert said.count(b'event: time\n') == 3
    wire.lose()
    world.loop.advance(2.0)
    assert world.app._streams == 0


def test_streams_are_bounded(world):
    wires = [world.wire() for _ in range(100)]
    for wire in wires:
        world.ask(b'GET /events', seconds=0.0, wire=wire)
    assert world.ask(b'GET /events')[0] == 503


@pytest.mark.parametrize('line, status', [
    (b'GET /nothing', 404), (b'POST /', 405), (b'GET /form', 405), (b'GET /upload', 405),
    (b'GET /forget', 405), (b'DELETE /events', 405), (b'HEAD /', 200), (b'HEAD /events', 200)])
def test_other_requests_have_their_status(world, line, status):
    assert world.ask(line)[0] == status


@pytest.mark.parametrize('path', [b'/form', b'/upload', b'/forget'])
def test_forms_of_other_sites_are_refused(world, path):
    assert world.ask(b'POST ' + path, FORM, [b'Sec-Fetch-Site: cross-site'])[0] == 403


@pytest.mark.parametrize('path', [b'/form', b'/upload'])
def test_a_form_that_is_broken_is_refused(world, path):
    assert world.ask(b'POST ' + path, b'nothing')[0] == 400
