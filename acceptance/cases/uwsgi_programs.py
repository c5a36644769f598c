# Copyright the carryall authors.  See LICENSE.
"""The web server before uWSGI, an application server of Debian: by uwsgi, SCGI and FastCGI."""
import hashlib
import os

PROVES = ['SCG-01', 'UWS-01', 'FCG-01']
NEEDS = ['curl', 'uwsgi-core']
PACKAGES = {'uwsgi-core': ('uwsgi-core', 'uwsgi-plugin-python3')}

LENGTH = 3000000
APP = b'''import hashlib


def application(environ, start_response):
    place = environ['SCRIPT_NAME'] + ' ' + environ.get('PATH_INFO', '')
    if environ['QUERY_STRING'] == 'fail':
        raise ValueError('asked to fail')
    if environ['QUERY_STRING'] == 'long':
        start_response('200 OK', [('Content-Type', 'application/octet-stream')])
        return (bytes([number]) * 30000 for number in range(100))
    seen = hashlib.sha256()
    while True:
        piece = environ['wsgi.input'].read(65536)
        if not piece:
            break
        seen.update(piece)
    words = [environ['REQUEST_METHOD'], place, environ['QUERY_STRING'], seen.hexdigest(),
             environ.get('HTTP_X_ONE', '-'), environ['SERVER_PROTOCOL']]
    start_response('201 Made', [('Content-Type', 'text/plain'), ('X-Two', 'b')])
    return [' '.join(words).encode('latin-1')]
'''
SOCKETS = [('uwsgi', '--uwsgi-socket', '--uwsgi'), ('scgi', '--scgi-socket', '--scgi'),
           ('fcgi', '--fastcgi-socket', '--fastcgi')]


def run(stage):
    """One application server with three sockets, and one web server before them."""
    stage.write('application.py', APP)
    words = ['--path', 'static', '--port', 'tcp:0:interface=127.0.0.1']
    theirs = []
    for name, socket, option in SOCKETS:
        path = stage.path(name + '.sock')
        stage.write('static/any.' + name, b'')
        theirs += [socket, path]
        words += [option, '.%s=unix:%s' % (name, path)]
    application = stage.launch(
        ['uwsgi-core', '--plugin', 'python3', '--wsgi-file', stage.path('application.py'),
         '--master', '--processes', '2', '--die-on-term'] + theirs, foreign=True)
    stage.until(lambda: all(os.path.exists(stage.path(name + '.sock')) for name, _, _ in SOCKETS),
                'the sockets of uWSGI')
    server = stage.start('carryall', 'web', *words)
    for name, _, _ in SOCKETS:
        look(stage, 'http://%s:%d/any.%s' % (server.address() + (name,)), name)
    server.stop()
    application.stop()


def look(stage, url, name):
    """Asks in several ways, more than once, as a connection of FastCGI is kept."""
    def curl(*words):
        return stage.foreign('curl', '-sS', *words)

    body = os.urandom(LENGTH)
    digest = hashlib.sha256(body).hexdigest()
    nothing = hashlib.sha256(b'').hexdigest()
    stage.write('body', body)
    for _ in range(2):
        said = curl('-i', '-H', 'X-One: a', url + '/x%20y/z?c=d').decode('latin-1')
        head, _, text = said.partition('\r\n\r\n')
        stage.demand(head.startswith('HTTP/1.1 201 '), 'the head is %r', head)
        stage.demand('x-two: b' in head.lower(), 'the head is %r', head)
        wanted = 'GET /any.%s /x y/z c=d %s a HTTP/1.1' % (name, nothing)
        stage.demand(text == wanted, 'it said %r and not %r', text, wanted)
        for more in ((), ('-H', 'Transfer-Encoding: chunked')):
            text = curl('--data-binary', '@body', *more, url).decode('latin-1')
            stage.demand(digest in text, 'the body came otherwise: %r', text)
        got = curl(url + '?long')
        stage.demand(len(got) == 100 * 30000 and got[-30000:] == b'\x63' * 30000,
                     'the long answer has %d octets', len(got))
        stage.demand(curl('-o', '/dev/null', '-w', '%{http_code}', url + '?fail')
                     in (b'500', b'502'), 'a failure is not told')
