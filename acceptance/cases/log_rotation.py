# Copyright the carryall authors.  See LICENSE.
"""The log of twistd: rotated by size and by USR1, and opened again on HUP,
as logrotate(8) wants it."""
import os

PROVES = ['X-17']
NEEDS = []
LONG = True


def run(stage):
    """One server, and its log under several hands."""
    stage.write('site/index.html', b'x')
    stage.call('mktap', 'web', '--path', 'site', '--port', 'tcp:0:interface=127.0.0.1')
    server = stage.start('twistd', '-n', '-f', 'web.tap', '-l', 'x.log', '--log-size', '1500',
                         '--log-keep', '2')
    server.address()
    os.rename(stage.path('x.log'), stage.path('moved'))         # what logrotate does first
    server.signal('HUP')
    stage.until(lambda: os.path.exists(stage.path('x.log')) and b'reload' in stage.read('moved')
                + stage.read('x.log'),
                'a new log after HUP')
    server.signal('USR1')
    stage.until(lambda: os.path.exists(stage.path('x.log.1')), 'a rotated log after USR1')
    for _ in range(200):            # each reload is a line or more
        size = len(stage.read('x.log')) if os.path.exists(stage.path('x.log')) else 0
        server.signal('HUP')
        stage.until(lambda: not os.path.exists(stage.path('x.log'))
                    or len(stage.read('x.log')) != size, 'a line')
        if os.path.exists(stage.path('x.log.2')):
            break
    stage.demand(os.path.exists(stage.path('x.log.2')), 'it grows for ever')
    server.stop()
    logs = sorted(name for name in os.listdir(stage.folder) if name.startswith('x.log'))
    stage.demand(logs == ['x.log', 'x.log.1', 'x.log.2'], 'there are %s', logs)
    stage.demand(all(len(stage.read(name)) <= 1500 for name in logs), 'one is too long')
    stage.demand(all(os.stat(stage.path(name)).st_mode & 0o077 == 0 for name in logs),
                 'others can read one')
