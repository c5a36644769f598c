# Copyright the carryall authors.  See LICENSE.
"""mktap web --path static, twistd -f web.tap, curl, kill $(cat twistd.pid): the lines of 2002,
word for word.  The example bugs.tac is a program that its own first line runs."""
import os
import shlex
import shutil

PROVES = ['TAP-02', 'TAP-12', 'TAP-13', 'WEB-01', 'WEB-04']
NEEDS = ['curl']
PORTS = [8080]

EXAMPLES = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__)))), 'doc', 'examples')


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
    run_example(stage)


def run_example(stage):
    """Starts bugs.tac as a program, and reports a bug."""
    command = ' '.join(shlex.quote(word) for word in stage.command('twistd'))
    stage.write('bin/twistd', b'#!/bin/sh\nexec %s "$@"\n' % command.encode('utf-8'))
    os.chmod(stage.path('bin', 'twistd'), 0o755)
    shutil.copy(os.path.join(EXAMPLES, 'bugs.tac'), stage.path('bugs.tac'))
    stage.variables.update(PATH=stage.path('bin') + os.pathsep + os.environ['PATH'], BUGS_PORT='0')
    server = stage.launch([stage.path('bugs.tac')])
    port = server.wait_for(r'listening: bugs on 127\.0\.0\.1:(\d+)').group(1)
    page = stage.foreign('curl', '-sS', '-d', 'title=it hangs', 'http://127.0.0.1:%s/' % port)
    stage.demand(b'<h1>1 bugs</h1><ol><li>it hangs</ol>' in page, 'curl got %r', page)
    server.stop()


def _is_zombie(pid):
    try:
        with open('/proc/%d/stat' % pid) as file:
            return file.read().rpartition(')')[2].split()[0] == 'Z'
    except OSError:
        return True
