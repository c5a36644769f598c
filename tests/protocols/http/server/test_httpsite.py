# Copyright the carryall authors.  See LICENSE.
"""carryall.protocols.http.server.httpsite: what connections share."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import LocalProtocolError
from carryall.core.testing import VirtualLoop
from carryall.protocols.http import Response, Site
from tests.protocols.http.stage import DATE, GET, WALL, Stage, later, ok


def test_date_moves_once_a_second():
    """Date is made again when the sweeper's second is over, not for each response."""
    asked = []
    stage = Stage()
    stage.loop.wall = lambda: asked.append(1) or WALL + stage.loop.time() - 1000.0
    assert DATE in stage.say(GET)
    assert DATE in stage.say(GET)
    assert len(asked) == 1
    stage.loop.advance(10.0)
    assert b'Date: Sun, 06 Nov 1994 08:49:47 GMT\r\n' in stage.say(GET)
    assert len(asked) == 2


def test_a_date_of_the_application():
    """Takes the place of ours (RFC 9110 section 6.6.1)."""
    date = b'Mon, 07 Nov 1994 08:49:37 GMT'
    answer = Stage(lambda request: Response(200, {b'date': date})).say(GET)
    assert answer.count(b'ate: ') == 1
    assert date in answer


def test_the_server_field_is_optional():
    """Only where it is wanted."""
    assert b'Server' not in Stage().say(GET)
    stage = Stage(server=b'carryall')
    assert stage.say(GET) == ok().replace(DATE, DATE + b'Server: carryall\r\n')
    assert b'Server: carryall\r\n' in stage.say(b'BAD\r\n')


def test_standing_fields_are_in_every_response():
    """In every response, of whatever kind, once; a field that is none is refused at once."""
    stage = Stage(lambda request: Response(200, {b'Date': b'x'}),
                  fields=[(b'Strict-Transport-Security', b'max-age=1'), (b'X-A', b'b')])
    line = b'Strict-Transport-Security: max-age=1\r\nX-A: b\r\n'
    assert stage.say(GET).count(line) == 1, 'one that the application dated'
    assert stage.say(b'BAD\r\n').count(line) == 1, 'a refusal'
    assert (line
            in Stage(fields=[(b'Strict-Transport-Security', b'max-age=1'), (b'X-A', b'b')],
                     server=b's').say(GET).replace(b'Server: s\r\n', b''))
    with pytest.raises(LocalProtocolError):
        Stage(fields=[(b'X', b'a\r\nb')])


class Log(list):
    """An access log."""

    def served(self, peer, request, status, octets, seconds):
        """Keeps it."""
        self.append((str(peer), request and request.target, status, octets, seconds))


def test_the_access_log_has_one_entry_a_response():
    """One entry for each response, however it came about."""
    log = Log()
    app, futures = later()
    stage = Stage(lambda request: app(request) if request.path == b'/later'
                  else Response(200, body=b'hello'), access_log=log)
    who = '192.0.2.1:40000'
    stage.say(GET + GET.replace(b'GET', b'HEAD'))
    assert log == [(who, b'/', 200, 5, 0.0), (who, b'/', 200, 0, 0.0)]
    del log[:]
    stage.say(GET.replace(b'/ ', b'/later '))
    stage.loop.advance(3.0)
    futures[0].set_result(Response(200, body=[b'hel', b'lo']))
    assert log == [(who, b'/later', 200, 5, 3.0)]
    del log[:]
    stage.say(b'GET /')
    stage.loop.advance(22.0)
    assert [entry[1:4] for entry in log] == [(None, 408, 20)]


@pytest.mark.parametrize('data, status',
                         [(b'\0', 400), (b'BREW' + GET[3:], 501), (b'G' * 9000, 501)])
def test_a_request_refused_at_once_took_no_time(data, status):
    """The time counts from the first octet, also behind other requests and on a clock that began
    long ago.
    """
    log = Log()
    stage = Stage(access_log=log)
    stage.loop.advance(1000.0)
    stage.wire = stage.connect()
    stage.say(data)
    assert [entry[1:3] + entry[4:] for entry in log] == [(None, status, 0.0)]
    del log[:]
    stage.wire = stage.connect()
    stage.say(GET)
    stage.loop.advance(30.0)
    stage.say(data)
    assert [entry[1:3] + entry[4:] for entry in log] == [(b'/', 200, 0.0), (None, status, 0.0)]


def test_a_request_refused_later_took_its_time():
    log = Log()
    stage = Stage(access_log=log)
    stage.say(b'GET / HT')
    stage.loop.advance(2.0)
    stage.say(b'TP/1.1\r\n\r\n')
    assert [entry[1:3] + entry[4:] for entry in log] == [(None, 400, 2.0)]


def test_an_answer_is_noted_though_the_body_of_its_request_is_refused_later():
    log = Log()
    stage = Stage(access_log=log)
    stage.say(b'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n')
    assert not log, 'request and response are not both complete'
    stage.say(b'no size\r\n')
    assert [entry[1:4] for entry in log] == [(b'/', 200, 5)]


def test_access_log_of_what_was_cut():
    """It says how much was sent."""
    log = Log()
    stage = Stage(lambda request: Response(200, body=iter([b'x' * 70000, b'y' * 70000])),
                  access_log=log)
    stage.wire.clog()
    stage.wire.feed(GET)
    stage.wire.lose()
    stage.loop.advance()
    assert [entry[1:4] for entry in log] == [(b'/', 200, 70000)]


def test_a_drained_connection_closes_at_once_if_idle_or_with_its_last_response():
    app, futures = later()
    stage = Stage(app)
    idle = stage.wire
    busy = stage.connect()
    half = stage.connect()
    busy.feed(GET)
    half.feed(GET[:20])
    stage.drain()
    stage.loop.advance()
    assert idle.closed
    assert not busy.closed
    assert not half.closed
    futures[0].set_result(Response(200, body=b'hello'))
    half.feed(GET[20:])
    futures[1].set_result(Response(200, body=b'hello'))
    last = ok(fields=b'').replace(b'Content-Length: 5\r\n',
                                  b'Content-Length: 5\r\nConnection: close\r\n')
    for wire in (busy, half):
        assert wire.take() == last
        wire.feed_eof()
    stage.loop.advance()
    assert busy.closed
    assert half.closed


def test_a_connection_that_is_drained_by_its_own_application_still_answers():
    stage = Stage(lambda request: stage.drain() or Response(200, body=b'hello'))
    assert stage.say(GET).endswith(b'Connection: close\r\n\r\nhello')
