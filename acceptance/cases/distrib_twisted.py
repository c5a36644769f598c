# Copyright the carryall authors.  See LICENSE.
"""Our web --user with Twisted's web --personal, and the reverse: GET, HEAD, POST, cookies, forms,
100 MiB, a lost client, a body above the limit."""
import os
import pwd
import zlib

from acceptance import twistedpeer
from acceptance.stage import Missing

PROVES = ['DIS-02', 'DIS-04', 'PB-17']
NEEDS = ['curl']
LONG = True
PORTS = ['.twistd-web-pb']  # a user has one personal server
PYTHON = ('twisted',)
HUGE = 100 << 20

RPY = b'''
from twisted.web import resource

class Page(resource.Resource):
    def render_GET(self, request):
        if b'cookies' in request.args:
            return repr([request.getCookie(name) for name in (b'a', b'b', b'c')]).encode()
        request.addCookie(b'k', b'v', path=b'/')
        request.setResponseCode(203)
        return repr(sorted(request.args.items())).encode()

    def render_POST(self, request):
        return repr((sorted(request.args.items()), len(request.content.read()))).encode()

resource = Page()
'''


def curl(stage, *args):
    """(head and body) of a request."""
    return stage.foreign('curl', '-sS', '-m', '20', '-i', *args)


def run(stage):
    """Each front end with the other's personal server,
    behind the same socket one after the other."""
    twistedpeer.command()
    user = pwd.getpwuid(os.getuid())
    sock = os.path.join(user.pw_dir, '.twistd-web-pb')
    if os.path.exists(sock):
        raise Missing('a home folder without a personal server (%s is there)' % sock)
    # Twisted goes by this; of an artifact's processes it is another.
    stage.variables['HOME'] = user.pw_dir
    big = os.urandom(3000000)
    stage.write('static/big.bin', big)
    stage.write('static/index.html', b'<p>a page</p>\n')
    stage.write('static/page.rpy', RPY)
    stage.write('large', big[:700000])
    stage.write('static/huge.bin', big[:1 << 20] * (HUGE >> 20))
    port = stage.free_port()
    try:
        theirs = twistedpeer.twistd(stage, 'personal', 'web', '--personal', '--path',
                                    stage.path('static'))
        stage.until(lambda: os.path.exists(sock), 'the socket of Twisted')
        ours = stage.start('carryall', 'web', '--user', '--port', '0')
        base = 'http://127.0.0.1:%d/%s.twistd/' % (ours.address()[1], user.pw_name)
        both(stage, base, big)
        got = curl(stage, base + 'page.rpy?a=1&a=2')
        stage.demand(b' 203 ' in got and b'k=v' in got and b"[(b'a', [b'1', b'2'])]" in got,
                     'a resource of Twisted: %r', got)
        got = curl(stage, base + 'page.rpy?cookies=1', '-H', 'Cookie: a=1; b=2,3', '-H',
                   'Cookie: c=4')
        stage.demand(b"[b'1', b'2,3', b'4']" in got, 'two lines of Cookie: %r', got)
        got = curl(stage, base + 'page.rpy', '-d', 'name=A+B')
        stage.demand(b"([(b'name', [b'A B'])], 8)" in got, 'a form: %r', got)
        got = curl(stage, base + 'page.rpy', '-F', 'f=@' + stage.path('static/index.html'))
        stage.demand(b"(b'f', [b'<p>a page</p>\\n'])" in got, 'a form with a file: %r', got)
        got = curl(stage, base + 'page.rpy', '--data-binary', '@' + stage.path('large'))
        stage.demand(b' 413 ' in got and b'655360' in got, 'a body that the wire cannot carry: %r',
                     got[:300])
        ours.stop()
        theirs.signal('TERM')
        theirs.wait()
        stage.until(lambda: not os.path.exists(sock), 'the end of the socket')

        ours = stage.start('carryall', 'web', '--personal', '--path', stage.path('static'),
                           '--port', 'unix:' + sock)
        stage.until(lambda: os.path.exists(sock), 'our socket')
        theirs = twistedpeer.twistd(stage, 'user', 'web', '--user', '--listen',
                                    'tcp:%d:interface=127.0.0.1' % port)
        theirs.wait_for('Site starting on %d' % port)
        base = 'http://127.0.0.1:%d/%s.twistd/' % (port, user.pw_name)
        both(stage, base, big)
        got = curl(stage, base, '-d', 'a=b')
        stage.demand(b' 405 ' in got, 'a method that static files do not have: %r', got)
        theirs.signal('TERM')
        theirs.wait()
        ours.stop()
    finally:
        if os.path.exists(sock):
            os.remove(sock)


def both(stage, base, big):
    """The parts that both ways have."""
    got = curl(stage, base)
    stage.demand(b' 200 ' in got and got.endswith(b'<p>a page</p>\n'), 'the front page: %r', got)
    stage.demand(stage.foreign('curl', '-sS', '-m', '30', base + 'big.bin') == big,
                 'the big file came otherwise')
    got = curl(stage, base + 'big.bin', '-I')
    stage.demand(b' 200 ' in got and b'content-length: 3000000' in got.lower(), 'HEAD: %r', got)
    stage.demand(b' 404 ' in curl(stage, base + 'nothing'), 'a page that is not there')
    stage.foreign('curl', '-sS', '-m', '25', '-o', stage.path('got'), base + 'huge.bin')
    stage.demand(checksum(stage.path('got')) == checksum(stage.path('static', 'huge.bin')),
                 '100 MiB came otherwise')
    # 28: curl's time is up, and it goes in the middle of the body.
    stage.foreign('curl', '-sS', '-m', '1', '--limit-rate', '1M', '-o', stage.path('got'),
                  base + 'huge.bin', status=28)
    for _ in range(200):
        stage.demand(stage.foreign('curl', '-sS', '-m', '20', base) == b'<p>a page</p>\n',
                     'one of many requests')


def checksum(path):
    """(octets, CRC) of a file."""
    size = 0
    crc = 0
    with open(path, 'rb') as file:
        for block in iter(lambda: file.read(1 << 20), b''):
            size = size + len(block)
            crc = zlib.crc32(block, crc)
    return size, crc
