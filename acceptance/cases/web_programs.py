# Copyright the carryall authors.  See LICENSE.
"""mktap web --path static runs test.cgi; git clones, fetches and pushes through its own
http-backend as a CGI program."""
import os

PROVES = ['WEB-05', 'HTS-18']
NEEDS = ['curl', 'git']

CGI = b'''#!/bin/sh
printf 'Content-Type: text/plain\\n\\n'
echo "$REQUEST_METHOD $SCRIPT_NAME $PATH_INFO $QUERY_STRING"
cat
'''
BACKEND = b'''#!/bin/sh
GIT_PROJECT_ROOT=%s
GIT_HTTP_EXPORT_ALL=1
export GIT_PROJECT_ROOT GIT_HTTP_EXPORT_ALL
exec git http-backend
'''
FILES = 40
FILE_BYTES = 50000


def run(stage):
    """The lines of 2002 with a free port; then git, both ways."""
    stage.write('static/index.html', b'<p>hello</p>\n')
    program(stage, 'static/test.cgi', CGI)
    stage.call('mktap', 'web', '--path', 'static', '--port', 'tcp:0:interface=127.0.0.1')
    server = stage.start('twistd', '-n', '-f', 'web.tap')
    base = 'http://%s:%d' % server.address()
    said = stage.foreign('curl', '-sS', '-d', 'a body', base + '/test.cgi/more?a=b')
    stage.demand(said == b'POST /test.cgi /more a=b\na body', 'test.cgi said %r', said)
    stage.demand(stage.foreign('curl', '-sS', base + '/') == b'<p>hello</p>\n', 'the page differs')
    server.stop()
    refused(stage)
    versions(stage, FILES, FILE_BYTES)


def program(stage, name, text):
    """Writes a program."""
    os.chmod(stage.write(name, text), 0o755)


def refused(stage):
    """Without programs the source is not sent."""
    server = stage.start('carryall', 'web', '--path', 'static', '--no-programs', '--port',
                         'tcp:0:interface=127.0.0.1')
    base = 'http://%s:%d' % server.address()
    said = stage.foreign('curl', '-sS', '-w', '%{http_code}', base + '/test.cgi')
    stage.demand(said.endswith(b'403'), '--no-programs gave %r', said)
    stage.demand(b'sh' not in said, 'the source was sent: %r', said)
    server.stop()


def versions(stage, files, size, *words):
    """Clones a repository, pushes to it, and fetches, through git http-backend."""
    bare = stage.path('repos', 'big.git')
    git(stage, 'init', '-q', '--bare', bare)
    for name, value in (('http.receivepack', 'true'), ('core.compression', '0'),
                        ('pack.window', '0')):
        git(stage, '-C', bare, 'config', name, value)
    work = stage.path('work')
    git(stage, 'init', '-q', work)
    for number in range(files):
        stage.write('work/%d.bin' % number, os.urandom(size))
    commit(stage, work, 'first')
    git(stage, '-C', work, 'push', '-q', bare, 'HEAD:refs/heads/main')
    program(stage, 'static/cgi-bin/git', BACKEND % stage.path('repos').encode('utf-8'))
    server = stage.start('carryall', 'web', '--path', 'static', '--port',
                         'tcp:0:interface=127.0.0.1', *words)
    url = 'http://%s:%d/cgi-bin/git/big.git' % server.address()
    clones = [stage.path('one'), stage.path('two')]
    for clone in clones:
        git(stage, 'clone', '-q', '-b', 'main', url, clone)
    same(stage, work, clones[0], files)
    stage.write('one/new.bin', os.urandom(files * size // 2))
    commit(stage, clones[0], 'second')
    git(stage, '-C', clones[0], 'push', '-q', 'origin', 'HEAD:main')
    git(stage, '-C', clones[1], 'pull', '-q', '--ff-only')
    stage.demand(stage.read('two/new.bin') == stage.read('one/new.bin'), 'the push came otherwise')
    server.stop()


def git(stage, *words):
    """Runs git with a name, and without settings of the user."""
    stage.foreign('git', '-c', 'user.name=a', '-c', 'user.email=a@example', '-c', 'gc.auto=0',
                  '-c', 'safe.directory=*', '-c', 'core.compression=0', '-c', 'pack.window=0',
                  *words)


def commit(stage, folder, text):
    """Commits all files of a folder."""
    git(stage, '-C', folder, 'add', '-A')
    git(stage, '-C', folder, 'commit', '-q', '-m', text)


def same(stage, one, other, files):
    """Demands that two folders have the same files."""
    for number in range(files):
        name = '%d.bin' % number
        first = stage.read(os.path.join(one, name))
        stage.demand(first == stage.read(os.path.join(other, name)), 'file %s differs', name)
