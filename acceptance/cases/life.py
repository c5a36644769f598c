# Copyright the carryall authors.  See LICENSE.
"""Signals, refusals and exit statuses: TERM drains, Ctrl-C ends cleanly, a taken port and a bad
word say so in a sentence."""
PROVES = ['TAP-13', 'TAP-14', 'TAP-16', 'TAP-19', 'RT-16']
NEEDS = []


def run(stage):
    """One thing after another."""
    stage.write('site/index.html', b'x' * 100)
    where = ('--port', 'tcp:0:interface=127.0.0.1')
    server = stage.start('carryall', 'web', '--path', 'site', *where)
    host, port = server.address()
    taken = stage.call('carryall', 'web', '--path', 'site', '--port', 'tcp:%d:interface=127.0.0.1'
                       % port, status=1)
    stage.demand(str(port) in taken and 'Traceback' not in taken, 'a taken port gives: %s', taken)
    with stage.connect((host, port)) as sock:
        sock.sendall(b'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
        stage.demand(sock.recv(12) == b'HTTP/1.1 200', 'it does not serve')
        server.signal('HUP')
        sock.sendall(b'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
        while sock.recv(65536):
            pass
    server.stop()
    second = stage.start('carryall', 'web', '--path', 'site', *where)
    second.address()
    second.signal('INT')
    stage.demand(second.wait() == 0 and 'Traceback' not in second.output, 'Ctrl-C gives: %s',
                 second.output)
    for words in (('web', '--port', 'seven'), ('web', '--no-such-option'), ('nosuchtype',),
                  ('web', '--path', 'nowhere')):
        said = stage.call('carryall', *words, status=2)
        stage.demand('Traceback' not in said and said.strip(), '%s gives: %s', words, said)
    stage.demand('--path' in stage.call('carryall', 'web', '--help'), 'the help does not teach')
    stage.call('mktap', 'web', '--path', 'site', *where)
    stage.call('twistd', '--check', '-f', 'web.tap')
    stage.demand('site' in stage.call('twistd', '--dump', '-f', 'web.tap'),
                 'the dump does not show the path')
    stage.write('broken.tap', stage.read('web.tap')[:-5])
    said = stage.call('twistd', '-n', '-f', 'broken.tap', status=2)
    stage.demand('Traceback' not in said, 'a torn tap gives: %s', said)
