# Copyright the carryall authors.  See LICENSE.
"""mktap web --path static runs test.php by php-cgi; php-fpm answers by FastCGI."""
import os
import shutil

PROVES = ['WEB-06']
NEEDS = ['curl', 'php-cgi', 'php-fpm8.2']
PACKAGES = {'php-cgi': 'php-cgi', 'php-fpm8.2': 'php-fpm'}

PAGE = b'''<?php
header("X-Own: yes");
echo $_SERVER["REQUEST_METHOD"], " ", $_SERVER["SCRIPT_NAME"], " ", $_SERVER["PATH_INFO"] ?? "",
    " ", $_SERVER["QUERY_STRING"], " ", strlen(file_get_contents("php://input")), "\\n";
?>'''
MOVED = b'<?php header("Location: /test.php"); ?>'
POOL = '''[global]
error_log = %(folder)s/fpm.log
daemonize = no
[www]
listen = %(listen)s
pm = ondemand
pm.max_children = 2
%(user)s
'''


def run(stage):
    """The same page by both, and a file that is missing."""
    stage.write('static/test.php', PAGE)
    stage.write('static/moved.php', MOVED)
    stage.call('mktap', 'web', '--path', 'static', '--port', 'tcp:0:interface=127.0.0.1')
    server = stage.start('twistd', '-n', '-f', 'web.tap')
    look(stage, server)
    server.stop()
    for listen in (stage.path('fpm.sock'), '127.0.0.1:%d' % stage.free_port()):
        fpm = start_fpm(stage, listen)
        place = 'unix:' + listen if listen.startswith('/') else 'tcp:%s' % listen.rpartition(':')[2]
        server = stage.start('carryall', 'web', '--path', 'static', '--fastcgi', '.php=' + place,
                             '--port', 'tcp:0:interface=127.0.0.1')
        look(stage, server)
        server.stop()
        # Killed, it might leave a child that it has just started.
        fpm.stop()


def start_fpm(stage, listen):
    """php-fpm, as this user."""
    root = os.getuid() == 0
    stage.write('fpm.conf', (POOL % {'folder': stage.folder, 'listen': listen,
                                     'user': 'user = root' if root else ''}).encode('ascii'))
    words = [shutil.which('php-fpm8.2'), '-F', '-y', stage.path('fpm.conf')]
    process = stage.launch(words + (['-R'] if root else []), foreign=True)

    def ready():
        with open(stage.path('fpm.log'), 'rb') as log:
            return b'ready to handle' in log.read()

    stage.until(lambda: os.path.exists(stage.path('fpm.log')), 'the log of php-fpm')
    stage.until(ready, 'php-fpm')
    os.unlink(stage.path('fpm.log'))
    return process


def look(stage, server):
    """Asks for the page in several ways."""
    base = 'http://%s:%d' % server.address()

    def curl(*words):
        return stage.foreign('curl', '-sS', *words)

    for _ in range(3):
        said = curl(base + '/test.php/a/b?c=d')
        stage.demand(said == b'GET /test.php /a/b c=d 0\n', 'the page said %r', said)
    data = b'x' * 300000
    for more in ((), ('-H', 'Transfer-Encoding: chunked')):
        stage.write('body', data)
        said = curl('--data-binary', '@' + stage.path('body'), *more, base + '/test.php')
        stage.demand(said == b'POST /test.php   300000\n', 'a body (%s) gave %r', more, said)
    said = curl('-i', base + '/moved.php')
    stage.demand(b' 302 ' in said, 'a redirect of PHP gave %r', said)
    said = curl('-I', base + '/test.php')
    stage.demand(b'X-Own: yes' in said, 'HEAD gave %r', said)
    said = curl('-w', '%{http_code}', '-o', '/dev/null', base + '/missing.php')
    stage.demand(said == b'404', 'a missing page gave %r', said)
