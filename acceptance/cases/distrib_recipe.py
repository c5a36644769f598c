# Copyright the carryall authors.  See LICENSE.
"""web --user and web --personal as in the README of 2002: taps, twistd, a user's page with and
without the user's server, between runtimes."""
import os
import pwd

from acceptance.stage import Missing

PROVES = ['DIS-01', 'DIS-06', 'DIS-07']
NEEDS = ['curl']
LONG = True
PORTS = ['.twistd-web-pb']  # a user has one personal server
AS_OF_OLD = 'distWebTest'


def status(stage, url, *more):
    """(status, body) of a request."""
    said = stage.foreign('curl', '-sS', '-m', '20', '-w', '\n%{http_code}', url, *more)
    body, _, code = said.rpartition(b'\n')
    return int(code), body


def run(stage):
    """The personal server on the side under test,
    the front end on that and on each of the others."""
    user = pwd.getpwuid(os.getuid())
    sock = os.path.join(user.pw_dir, '.twistd-web-pb')
    if os.path.exists(sock):
        raise Missing('a home folder without a personal server (%s is there)' % sock)
    os.environ.setdefault('HOME', user.pw_dir)
    stage.write('mine/static/index.html', b'<p>my own page</p>\n')
    stage.write('mine/static/sub/index.html', b'<p>below</p>\n')
    stage.call('mktap', 'web', '--personal', '--path', 'static', '--port', 'unix:' + sock,
               cwd=stage.path('mine'))
    personal = stage.start('twistd', '-n', '-f', 'web.tap', cwd=stage.path('mine'))
    stage.until(lambda: os.path.exists(sock), 'the socket')
    try:
        stage.demand(os.stat(sock).st_mode & 0o777 == 0o600, 'the socket has mode %o',
                     os.stat(sock).st_mode)
        fronts = []
        for side in stage.others:
            folder = stage.path('front-%s' % side.name)
            os.makedirs(folder)
            stage.call('mktap', 'web', '--user', '--port', '0', runtime=side, cwd=folder)
            fronts.append((side, stage.start('twistd', '-n', '-f', 'web.tap', runtime=side,
                                             cwd=folder)))
        for side, front in fronts:
            base = 'http://127.0.0.1:%d/' % front.address()[1]
            mine = base + user.pw_name + '.twistd/'
            listing = status(stage, base)
            stage.demand(listing[0] == 200 and b'%s.twistd/' % user.pw_name.encode() in listing[1],
                         'the list on %s: %r', side.name, listing)
            got = status(stage, mine)
            stage.demand(got == (200, b'<p>my own page</p>\n'), 'the front end on %s says %r',
                         side.name, got)
            got = status(stage, mine + 'sub', '-L')
            stage.demand(got == (200, b'<p>below</p>\n'), 'after a redirect on %s: %r',
                         side.name, got)
            got = status(stage, mine, '-I')
            stage.demand(got[0] == 200 and b'Content-Length: 19' in got[1], 'HEAD on %s: %r',
                         side.name, got)
            stage.demand(status(stage, base + 'no-such-user.twistd/')[0] == 404,
                         'a user who is not there')
        personal.stop()
        for side, front in fronts:
            got = status(stage, 'http://127.0.0.1:%d/%s.twistd/'
                         % (front.address()[1], user.pw_name))
            stage.demand(got[0] == 503, 'a personal server that is gone, on %s: %r', side.name, got)
            front.stop()
    finally:
        personal.end()
        if os.path.exists(sock):
            os.remove(sock)


def show(stage):
    """The list of users, for a browser; one user has a server."""
    user = pwd.getpwuid(os.getuid())
    sock = os.path.join(user.pw_dir, '.twistd-web-pb')
    stage.write('mine/index.html', b'<p>my own page</p>\n')
    personal = stage.start('carryall', 'web', '--personal', '--path', stage.path('mine'), '--port',
                           'unix:' + sock)
    stage.until(lambda: os.path.exists(sock), 'the socket')
    front = stage.start('carryall', 'web', '--user', '--port', 'tcp:0:interface=127.0.0.1')
    base = 'http://127.0.0.1:%d/' % front.address()[1]
    personal.wait_for('.')
    return ('%s should list the users.\n%s%s.twistd/ should say "my own page"; that of another '
            'user should say that the server of the user is not there.'
            % (base, base, user.pw_name))
