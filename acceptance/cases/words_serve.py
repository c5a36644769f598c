# Copyright the carryall authors.  See LICENSE.
"""mktap words, twistd -f words.tap: an account by the web page, logins by NickServ, PASS and SASL.

A client of Perspective Broker is in the same room; then the server is killed, and starts again.
"""
import http.cookiejar
import re
import urllib.parse
import urllib.request

from acceptance.stage import Failed

PROVES = ['WRD-01', 'WRD-02', 'WRD-03', 'WRD-05', 'WRD-08']
NEEDS = []
EACH_RUNTIME = False

PASSWORD = 'battery staple'


def run(stage):
    """The walk of the README on the server of each runtime."""
    for serving in stage.others:
        walk(stage, serving, stage.path(serving.name))


def walk(stage, serving, folder):
    """The walk on one runtime."""
    stage.write('%s/here' % serving.name, b'')
    ports = [stage.free_port() for _ in range(3)]
    stage.call('mktap', 'words', '-p', ports[0], '-i', ports[1], '-w', ports[2], '--user',
               'dan=' + PASSWORD.replace(' ', '-'), runtime=serving, cwd=folder)
    server = serve(stage, serving, folder, ports)
    create(ports[2])
    lines = log_in(stage, ports[1], ['NICK carol', 'USER c 0 * :C'],
                   ['PRIVMSG NickServ :' + PASSWORD, 'JOIN #tea', 'TOPIC #tea :green'])
    stage.demand('Password?' in lines, 'NickServ does not ask: %s', lines)
    stage.demand('TOPIC #tea' in lines, 'no topic: %s', lines)
    lines = log_in(stage, ports[1], ['PASS :' + PASSWORD, 'NICK carol', 'USER c 0 * :C'],
                   ['JOIN #tea'])
    stage.demand(' 001 carol ' in lines, 'PASS does not log in: %s', lines)
    stage.demand('332 carol #tea :green' in lines, 'no topic: %s', lines)
    room = stage.peer('words_room.py', ports[0], ports[1], 'carol', PASSWORD, 'dan',
                      PASSWORD.replace(' ', '-'), 100000, runtime=serving)
    room.wait_for('met')
    room.wait_for('kept 20\\.')
    server.signal('KILL')
    server.wait()
    room.wait()
    kept = int(re.findall(r'kept (\d+)\.', room.output)[-1])
    server = serve(stage, serving, folder, ports)
    lines = log_in(stage, ports[1], ['PASS :' + PASSWORD, 'NICK carol', 'USER c 0 * :C'],
                   ['JOIN #tea', 'PRIVMSG MemoServ :HISTORY #tea 200'], 'number %d.' % kept)
    stage.demand('332 carol #tea :green' in lines, 'the topic is gone: %s', lines)
    for number in range(max(0, kept - 100), kept + 1):
        stage.demand('number %d.' % number in lines, '%s: message %d was acknowledged and is gone',
                     serving.name, number)
    server.stop()


def serve(stage, serving, folder, ports):
    """The server, once it listens."""
    server = stage.start('twistd', '-n', '-f', 'words.tap', runtime=serving, cwd=folder)
    server.wait_for('words-web on 127.0.0.1:%d' % ports[2])
    return server


def create(port):
    """Makes the account carol by the form of the web page."""
    opener = urllib.request.build_opener(
        urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    url = 'http://127.0.0.1:%d/create' % port
    page = opener.open(url, timeout=60).read().decode()
    token = re.search('name="token" value="([^"]+)"', page).group(1)
    form = dict(token=token, name='carol', password=PASSWORD, again=PASSWORD)
    answer = opener.open(url, urllib.parse.urlencode(form).encode(), timeout=60).read().decode()
    if 'The account <b>carol</b> is there.' not in answer:
        raise Failed('no account was made: %s' % answer)


def log_in(stage, port, before, after, until=''):
    """The lines that a client gets that says *before*, and then *after*."""
    sock = stage.connect(('127.0.0.1', port))
    sock.sendall(''.join(line + '\r\n' for line in before).encode())
    asked = before[0].startswith('NICK')
    lines = _read(sock, ['Password?'] if asked else [' 422 ', 'ERROR'])
    sock.sendall(''.join(line + '\r\n' for line in after + ['PING over']).encode())
    lines += _read(sock, ['PONG', 'ERROR'])
    while until and until not in lines:
        lines += _read(sock, [until, 'ERROR'])
    sock.close()
    return lines


def _read(sock, ends):
    """The text that comes, up to one of the words."""
    lines = ''
    while not any(end in lines for end in ends):
        data = sock.recv(65536)
        if not data:
            raise Failed('the server has closed: %s' % lines)
        lines += data.decode('utf-8', 'replace')
    return lines
