# Copyright the carryall authors.  See LICENSE.
"""mktap web --path static, as in 2002: the index, test.cgi and test.rpy, and an unchanged file is
not sent again."""
import os

PROVES = ['WEB-01', 'WEB-05', 'TAP-02']
NEEDS = ['curl']
AS_OF_OLD = 'staticWebTest'

CGI = b'''#!/bin/sh
echo "Content-Type: text/plain"
echo
echo "CGI: $REQUEST_METHOD $QUERY_STRING"
'''
RPY = b'''class Hello:
    isLeaf = 1
    def render(self, request):
        return 'RPY: hello\\n'

resource = Hello()
'''


def write_site(stage):
    """The folder of 2002."""
    stage.write('static/index.html', b'<h1>index</h1>\n')
    os.chmod(stage.write('static/test.cgi', CGI), 0o755)
    stage.write('static/test.rpy', RPY)


def run(stage):
    """Each of the three, then the index once more."""
    write_site(stage)
    stage.call('mktap', 'web', '--path', 'static', '--port', 'tcp:0:interface=127.0.0.1')
    server = stage.start('twistd', '-n', '-f', 'web.tap', '--pidfile=')
    base = 'http://%s:%d' % server.address()
    for path, expected in (('/', b'<h1>index</h1>\n'), ('/test.cgi?a=b', b'CGI: GET a=b\n'),
                           ('/test.rpy', b'RPY: hello\n')):
        said = stage.foreign('curl', '-sS', base + path)
        stage.demand(said == expected, '%s gave %r', path, said)
    head = stage.foreign('curl', '-sSI', base + '/').decode('latin-1')
    changed = [line[len('Last-Modified: '):].strip() for line in head.splitlines()
               if line.startswith('Last-Modified: ')]
    stage.demand(len(changed) == 1, 'the index has no time:\n%s', head)
    status = stage.foreign('curl', '-sS', '-o', '/dev/null', '-w', '%{http_code}', '-H',
                           'If-Modified-Since: ' + changed[0], base + '/')
    stage.demand(status == b'304', 'an unchanged file was sent again: %s', status)
    server.stop()


def show(stage):
    """The folder, for a browser."""
    write_site(stage)
    server = stage.start('carryall', 'web', '--path', 'static', '--port',
                         'tcp:0:interface=127.0.0.1')
    base = 'http://%s:%d' % server.address()
    return ('%s/ should say "index", %s/test.cgi?a=b "CGI: GET a=b", and %s/test.rpy "RPY: hello".'
            % (base, base, base))
