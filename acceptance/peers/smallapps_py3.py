# Copyright the carryall authors.  See LICENSE.
"""Small applications of ASGI, each behind a path of its own: `asgi` is all of them.

Their answers must not depend on the server.
"""
import asyncio
import json
import os

BIG = 300000

ASGI = {}


def asynchronous(function):
    """Names an ASGI application by its function."""
    ASGI[function.__name__[1:]] = function
    return function


async def whole(send, body, status=200, headers=((b'content-type', b'text/plain'),)):
    """Sends a response at once."""
    await send({'type': 'http.response.start', 'status': status, 'headers': list(headers)})
    await send({'type': 'http.response.body', 'body': body})


@asynchronous
async def _hello(scope, receive, send):
    await whole(send, b'hello', headers=[(b'content-type', b'text/plain'),
                                         (b'content-length', b'5')])


@asynchronous
async def _nolength(scope, receive, send):
    await whole(send, b'hello')


@asynchronous
async def _scope(scope, receive, send):
    keys = ('type', 'http_version', 'method', 'scheme', 'path', 'root_path')
    await whole(send, json.dumps([scope[key] for key in keys]
                                 + [scope['raw_path'].decode(),
                                    scope['query_string'].decode()]).encode())


@asynchronous
async def _fields(scope, receive, send):
    await whole(send, repr([pair for pair in map(tuple, scope['headers'])
                            if pair[0].startswith(b'x-')]).encode())


@asynchronous
async def _echo(scope, receive, send):
    body = b''
    while True:
        message = await receive()
        body += message.get('body', b'')
        if not message.get('more_body'):
            break
    await whole(send, body)


@asynchronous
async def _pieces(scope, receive, send):
    await send({'type': 'http.response.start', 'status': 200, 'headers': []})
    for number in range(5):
        await send({'type': 'http.response.body', 'body': b'%d ' % number, 'more_body': True})
    await send({'type': 'http.response.body', 'body': b'end'})


@asynchronous
async def _slowly(scope, receive, send):
    await send({'type': 'http.response.start', 'status': 200, 'headers': []})
    for number in range(3):
        await asyncio.sleep(0.01)
        await send({'type': 'http.response.body', 'body': b'%d ' % number, 'more_body': True})
    await send({'type': 'http.response.body'})


@asynchronous
async def _big(scope, receive, send):
    await send({'type': 'http.response.start', 'status': 200, 'headers': []})
    await send({'type': 'http.response.body', 'body': b'a' * BIG, 'more_body': True})
    await send({'type': 'http.response.body', 'body': b'b' * BIG})


@asynchronous
async def _missing(scope, receive, send):
    await whole(send, b'nothing here', 404)


@asynchronous
async def _moved(scope, receive, send):
    await whole(send, b'', 302, [(b'location', b'/elsewhere')])


@asynchronous
async def _nothing(scope, receive, send):
    await whole(send, b'', 204, [])


@asynchronous
async def _unchanged(scope, receive, send):
    await whole(send, b'', 304, [(b'etag', b'"a"')])


@asynchronous
async def _cookie(scope, receive, send):
    await whole(send, b'set', headers=[(b'set-cookie', b'a=1'), (b'set-cookie', b'b=2')])


@asynchronous
async def _fails(scope, receive, send):
    raise ValueError('on purpose')


@asynchronous
async def _gathered(scope, receive, send):
    found = await asyncio.gather(asyncio.sleep(0, 'a'), asyncio.sleep(0.01, 'b'))
    await whole(send, ''.join(found).encode())


@asynchronous
async def _timed(scope, receive, send):
    try:
        await asyncio.wait_for(asyncio.sleep(10), 0.01)
    except asyncio.TimeoutError:
        await whole(send, b'timed out')


@asynchronous
async def _threaded(scope, receive, send):
    found = await asyncio.get_running_loop().run_in_executor(None, os.getpid)
    await whole(send, b'%s' % str(found == os.getpid()).encode())


@asynchronous
async def _later(scope, receive, send):
    await whole(send, b'answered')
    await asyncio.sleep(0.01)


@asynchronous
async def _early(scope, receive, send):
    await whole(send, b'without the body')


async def asgi(scope, receive, send):
    """All of them, by the first segment of the path."""
    if scope['type'] == 'lifespan':
        while True:
            message = await receive()
            await send({'type': message['type'] + '.complete'})
            if message['type'] == 'lifespan.shutdown':
                return
    await ASGI[scope['path'].split('/')[1]](scope, receive, send)
