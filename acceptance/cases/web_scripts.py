# Copyright the carryall authors.  See LICENSE.
"""mktap web --path static runs test.epy and test.rpy, as Twisted's README says.

The same for .wsgi and .trp, a class or a script as root, and a console beside the site."""
import socket

PROVES = ['WEB-01', 'WEB-07', 'WEB-08', 'WEB-09', 'HTS-18']
NEEDS = ['curl']

EPY = b'''request.write('<p>%s asked for %s</p>' % (request.method, request.path))
'''
RPY = b'''
class Counter:
    isLeaf = 1

    def render(self, request):
        registry.count = getattr(registry, 'count', 0) + 1
        request.write('visit ')
        return '%d' % registry.count

resource = Counter()
'''
WSGI = b'''
def application(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [environ['SCRIPT_NAME'].encode('ascii'), b' ', environ['PATH_INFO'].encode('ascii'),
            b' ', environ['wsgi.input'].read()]
'''
ASGI = b'''
async def app(scope, receive, send):
    if scope['type'] != 'http':
        raise ValueError(scope['type'])
    await send({'type': 'http.response.start', 'status': 200})
    await send({'type': 'http.response.body', 'body': scope['path'].encode()})
'''
MODULE = b'''
from carryall.services.resources import Page, Resource


class Root(Resource):
    def render_GET(self, request):
        return u'the root'

    def get_child(self, name, request):
        return Page(name)
'''
HERE = ('--port', 'tcp:0:interface=127.0.0.1')


def run(stage):
    """The lines of 2002 with a free port, then each further way in."""
    stage.write('static/index.html', b'<p>hello</p>\n')
    stage.write('docs/a.txt', b'a file of a tap')
    for name, source in (('test.epy', EPY), ('test.rpy', RPY), ('a.wsgi', WSGI), ('a.asgi', ASGI)):
        stage.write('static/' + name, source)
    stage.call('mktap', 'web', '--path', 'docs')
    stage.write('static/docs.trp', stage.read('web.tap'))
    stage.call('mktap', 'web', '--path', 'static', *HERE)
    server = stage.start('twistd', '-n', '-f', 'web.tap')
    base = 'http://%s:%d' % server.address()
    told(stage, base + '/test.epy', b'<p>GET asked for /test.epy</p>')
    told(stage, base + '/test.rpy', b'visit 1')
    told(stage, base + '/test.rpy', b'visit 2')
    told(stage, base + '/a.wsgi/x', b'/a.wsgi /x a body', '-d', 'a body')
    told(stage, base + '/docs.trp/a.txt', b'a file of a tap')
    if stage.runtime.kind != 'jython':
        told(stage, base + '/a.asgi/x', b'/a.asgi/x')
    server.stop()
    stage.write('rootofcase.py', MODULE)
    for words in (('--class', 'rootofcase.Root'), ('--resource-script', 'root.rpy')):
        stage.write('root.rpy', MODULE + b'resource = Root()\n')
        server = stage.start('carryall', 'web', *(words + HERE))
        base = 'http://%s:%d' % server.address()
        told(stage, base + '/', b'the root')
        told(stage, base + '/child', b'child')
        server.stop()
    console(stage)


def told(stage, url, body, *words):
    """Demands the body behind a URL."""
    said = stage.foreign('curl', '-sS', *(words + (url,)))
    stage.demand(said == body, '%s gave %r', url, said)


def console(stage):
    """The console of --telnet is on the loopback interface, and its password is shown."""
    server = stage.start('carryall', 'web', '--telnet', '0', *HERE)
    shown = server.wait_for(r'console: user admin, password ([a-z0-9]{16,})')
    place = server.wait_for(r'telnet on 127\.0\.0\.1:(\d+)')
    with socket.create_connection(('127.0.0.1', int(place.group(1))), 20) as client:
        greeting = client.recv(100)
    stage.demand(len(greeting) > 0, 'the console says nothing')
    stage.demand(bool(shown.group(1)), 'no password is shown')
    server.stop()
