# Copyright the carryall authors.  See LICENSE.
"""Applications in the syntax of 3.x: coroutines and asynchronous generators."""
from __future__ import absolute_import, division, print_function

from carryall.core.future import sleep
from carryall.protocols.http import Response
from tests.protocols.http.stage import DATE, GET, Stage, ok

POST = b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n'


def test_a_coroutine_awaits_the_body():
    """It awaits the body of the request."""
    async def app(request):
        return Response(200, body=await request.body.read_all(10))
    stage = Stage(app)
    assert stage.say(POST + b'hel') == b''
    assert stage.say(b'lo') == ok()


def test_an_asynchronous_generator_is_a_body():
    """As a body: a piece at a time, with a pause between; closed when the client goes."""
    states = []

    async def pieces():
        try:
            yield b'a'
            await sleep(stage.loop, 1.0)
            yield b'b'
            await sleep(stage.loop, 1.0)
        finally:
            states.append('closed')
    stage = Stage(lambda request: Response(200, body=pieces()))
    head = b'HTTP/1.1 200 OK\r\n' + DATE + b'Transfer-Encoding: chunked\r\n\r\n'
    assert stage.say(GET) == head + b'1\r\na\r\n'
    stage.loop.advance(3.0)
    assert stage.hear() == b'1\r\nb\r\n0\r\n\r\n'
    assert states == ['closed']
    stage.say(GET)
    stage.wire.lose()
    stage.loop.advance(3.0)
    assert states == ['closed'] * 2
