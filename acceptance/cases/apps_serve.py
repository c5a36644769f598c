# Copyright the carryall authors.  See LICENSE.
"""carryall wsgi and carryall asgi serve applications by hand, as a tap, and again after a
change."""

PROVES = ['HTS-18', 'WEB-10']
NEEDS = ['curl']

WSGI = b'''
def application(environ, start_response):
    length = len(environ['wsgi.input'].read())
    start_response('200 OK', [('Content-Type', 'text/plain')])
    yield environ['REQUEST_METHOD'].encode('ascii')
    for piece in range(3):
        yield b' %d' % length


def shown(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [b'before']
'''
ASGI = b'''
import asyncio

seen = []


async def app(scope, receive, send):
    if scope['type'] == 'lifespan':
        while True:
            message = await receive()
            print(message['type'], flush=True)
            await send({'type': message['type'] + '.complete'})
            if message['type'] == 'lifespan.shutdown':
                return
    await asyncio.sleep(0.01)
    length = 0
    while True:
        message = await receive()
        length += len(message['body'])
        if not message['more_body']:
            break
    await send({'type': 'http.response.start', 'status': 200})
    await send({'type': 'http.response.body', 'body': b'%d' % length, 'more_body': True})
    await send({'type': 'http.response.body', 'body': b' octets'})
'''
HERE = ('-p', 'tcp:0:interface=127.0.0.1')
BODY = 300000


def run(stage):
    """WSGI everywhere, ASGI where there is Python 3."""
    stage.write('wsgiofcase.py', WSGI)
    stage.write('asgiofcase.py', ASGI)
    stage.write('body', b'x' * BODY)
    server = stage.start('carryall', 'wsgi', 'wsgiofcase', '-l', 'log', *HERE)
    posted(stage, server, b'POST' + 3 * (b' %d' % BODY))
    server.stop()
    stage.demand(b'"POST / HTTP/1.1" 200' in stage.read('log'), 'the access log lacks the request')
    stage.call('mktap', 'wsgi', 'wsgiofcase', *HERE)
    server = stage.start('twistd', '-n', '-f', 'wsgi.tap')
    posted(stage, server, b'POST' + 3 * (b' %d' % BODY))
    server.stop()
    if stage.runtime.kind != 'jython':
        server = stage.start('carryall', 'asgi', 'asgiofcase', *HERE)
        posted(stage, server, b'%d octets' % BODY)
        server.stop()
        stage.demand('lifespan.startup' in server.output, 'no startup: %s', server.output)
        stage.demand('lifespan.shutdown' in server.output, 'no shutdown: %s', server.output)
    reloaded(stage)


def posted(stage, server, body):
    """Demands the body of the answer to a POST."""
    url = 'http://%s:%d/' % server.address()
    said = stage.foreign('curl', '-sS', '--data-binary', '@' + stage.path('body'), url)
    stage.demand(said == body, 'the application said %r', said)


def reloaded(stage):
    """A server with --reload serves what is in the file."""
    stage.write('reloaded/app.py', WSGI)
    server = stage.start('carryall', 'wsgi', 'app:shown', '--reload', '--folder', 'reloaded',
                         *HERE)
    host, port = server.address()
    said = stage.foreign('curl', '-sS', 'http://%s:%d/' % (host, port))
    stage.demand(said == b'before', 'before the change: %r', said)
    stage.write('reloaded/app.py', WSGI.replace(b'before', b'after the change'))
    found = server.wait_for(r'(?s)has changed.*listening: wsgi on 127\.0\.0\.1:(\d+)')
    said = stage.foreign('curl', '-sS', 'http://127.0.0.1:%s/' % found.group(1))
    stage.demand(said == b'after the change', 'behind the change: %r', said)
    server.stop()
