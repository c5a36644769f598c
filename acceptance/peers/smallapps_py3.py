# Copyright the carryall authors.  See LICENSE.
"""Small applications, each behind a path of its own: `wsgi` and `asgi` are all of them.

Their answers must not depend on the server.
"""
import asyncio
import io
import json
import os
import sys
import tempfile

PLAIN = [('Content-Type', 'text/plain')]
BIG = 300000

WSGI = {}
ASGI = {}


# -- WSGI ------------------------------------------------------------------------------------------
def app(function):
    """Names a WSGI application by its function."""
    WSGI[function.__name__] = function
    return function


def tell(keys):
    """An application that tells values of its environ."""
    def told(environ, start):
        start('200 OK', PLAIN)
        return [json.dumps([[key, environ.get(key)] for key in keys]).encode()]
    return told


WSGI['variables'] = tell(['REQUEST_METHOD', 'SCRIPT_NAME', 'PATH_INFO', 'QUERY_STRING',
                          'SERVER_PROTOCOL', 'CONTENT_TYPE', 'CONTENT_LENGTH'])
WSGI['host'] = tell(['HTTP_ACCEPT', 'HTTP_USER_AGENT', 'wsgi.url_scheme', 'wsgi.run_once'])
WSGI['cookies'] = tell(['HTTP_COOKIE'])
WSGI['names'] = tell(['HTTP_X_A', 'HTTP_X_B'])


@app
def hello(environ, start):
    """A list of one, with its length."""
    start('200 OK', PLAIN + [('Content-Length', '5')])
    return [b'hello']


@app
def nolength(environ, start):
    """A list of one, without its length."""
    start('200 OK', PLAIN)
    return [b'hello']


@app
def pieces(environ, start):
    """A generator."""
    start('200 OK', PLAIN)
    for number in range(5):
        yield b'%d ' % number


@app
def empty(environ, start):
    """No octets."""
    start('200 OK', PLAIN)
    return []


@app
def big(environ, start):
    """Many octets."""
    start('200 OK', PLAIN)
    yield b'a' * BIG
    yield b'b' * BIG


@app
def written(environ, start):
    """write(), and then a list."""
    write = start('200 OK', PLAIN)
    write(b'written ')
    return [b'returned']


@app
def echo(environ, start):
    """The body of the request."""
    size = int(environ.get('CONTENT_LENGTH') or 0)
    start('200 OK', PLAIN)
    return [environ['wsgi.input'].read(size)]


@app
def lines(environ, start):
    """The lines of the body."""
    start('200 OK', PLAIN)
    return [b'%d:%s' % (number, line) for number, line in enumerate(environ['wsgi.input'])]


@app
def missing(environ, start):
    """404 with a body."""
    start('404 Not Found', PLAIN)
    return [b'nothing here']


@app
def moved(environ, start):
    """A redirect."""
    start('302 Found', [('Location', '/elsewhere?a=b')])
    return [b'']


@app
def nothing(environ, start):
    """204."""
    start('204 No Content', [])
    return []


@app
def unchanged(environ, start):
    """304 with a tag."""
    start('304 Not Modified', [('ETag', '"a"')])
    return []


@app
def cookie(environ, start):
    """Two fields of one name."""
    start('200 OK', PLAIN + [('Set-Cookie', 'a=1'), ('Set-Cookie', 'b=2')])
    return [b'set']


@app
def fails(environ, start):
    """Raises before anything."""
    raise ValueError('on purpose')


@app
def replaced(environ, start):
    """Another start with exc_info."""
    start('200 OK', [('X-First', '1')])
    try:
        raise ValueError('known')
    except ValueError:
        start('409 Conflict', PLAIN, sys.exc_info())
    return [b'replaced']


@app
def file(environ, start):
    """A file through the wrapper."""
    source = tempfile.TemporaryFile()
    source.write(b'file ' * 10000)
    source.seek(5)
    start('200 OK', PLAIN + [('Content-Length', '49995')])
    return environ['wsgi.file_wrapper'](source._file if hasattr(source, '_file') else source, 8192)


@app
def memoryfile(environ, start):
    """A file in memory through the wrapper."""
    start('200 OK', PLAIN + [('Content-Length', '6')])
    return environ['wsgi.file_wrapper'](io.BytesIO(b'memory'), 4)


def wsgi(environ, start):
    """All of them, by the first segment of the path."""
    name = environ['PATH_INFO'].split('/')[1]
    return WSGI[name](environ, start)


# -- ASGI ------------------------------------------------------------------------------------------
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
