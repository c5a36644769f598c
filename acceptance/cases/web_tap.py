# Copyright the carryall authors.  See LICENSE.
"""mktap web --path static, twistd -f web.tap, curl, kill $(cat twistd.pid): the lines of 2002,
word for word."""
import os

PROVES = ['TAP-02', 'TAP-12', 'TAP-13', 'WEB-04']
NEEDS = ['curl']
PORTS = [8080]


def run(stage):
    """Makes, serves as a daemon, fetches, stops."""
    stage.write('static/index.html', b'<p>hello from a tap</p>\n')
    stage.call('mktap', 'web', '--path', 'static')
    stage.call('twistd', '-f', 'web.tap')
    pid = int(stage.read('twistd.pid'))
    try:
        # twistd has returned, so the port is bound: no retry.
        got = stage.foreign('curl', '-sS', 'http://127.0.0.1:8080/')
        stage.demand(got == b'<p>hello from a tap</p>\n', 'curl got %r', got)
        stage.demand(os.path.exists(stage.path('twistd.log')), 'there is no twistd.log')
        again = stage.start('twistd', '-f', 'web.tap')
        stage.demand(again.wait() == 1, 'a second twistd in the same folder did not refuse: %s',
                     again.output)
    finally:
        stage.foreign('sh', '-c', 'kill $(cat twistd.pid)')
        stage.until(lambda: not os.path.exists('/proc/%d' % pid) or _is_zombie(pid),
                    'the end of the daemon')
    stage.demand(not os.path.exists(stage.path('twistd.pid')), 'twistd.pid is still there')


def _is_zombie(pid):
    try:
        with open('/proc/%d/stat' % pid) as file:
            return file.read().rpartition(')')[2].split()[0] == 'Z'
    except OSError:
        return True
