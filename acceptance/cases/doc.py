# Copyright the carryall authors.  See LICENSE.
"""The commands of doc/https.md run as shown, in order,
and each line of the other pages is run by a case."""
import os
import pty
import re
import select
import shlex
import subprocess

from acceptance.stage import ROOT

PROVES = ['DOC-01', 'HTS-18']
NEEDS = ['curl']
PORTS = [8080, 8443, 9443]
LONG = True

SECRET = 'Tr0ub4dor-and-3'

# Lines of ours that another case runs, in its own words, and which.
ELSEWHERE = {
    'carryall mktap --appname site web --path /srv/site --port tcp:8080': 'web-tap',
    'carryall web --user --port 80 --interface 0.0.0.0': 'distrib-recipe',
    'carryall distrib --mount anna=unix:/srv/anna/pb --mount ben=unix:/srv/ben/pb': 'distrib-users',
    'carryall web --personal --path ~/site': 'distrib-recipe',
    'jython bin/carryall web --personal --path ~/site': 'distrib-recipe',
    'pypy3 bin/carryall web --personal --path ~/site': 'distrib-recipe',
    'carryall web --personal --path ~/site --port unix:/home/anna/.twistd-web-pb:mode=660':
        'distrib-recipe',
    'mktap web --personal --path ~/site && twistd -f web.tap': 'distrib-recipe',
    'mktap web --path site': 'metrics',
    'mktap --append web.tap metrics': 'metrics',
    'twistd -f web.tap': 'metrics',
    'curl http://127.0.0.1:9100/metrics': 'metrics',
    'twistd --uid www-data -f web.tap': 'rights',
    'twistd --chroot /srv/jail --uid www-data -f web.tap': 'rights'}

# Those of doc/distrib.md that this one runs: the machines are one here.
PERSONAL = ('carryall web --personal --path site --port '
            'tls:9443:certificate=inner.pem:key=inner.key:clients=required:trust=ca.pem')
FRONT = ("carryall distrib --mount 'shop=tls:inner.example:9443' --trust ca.pem --certificate "
         "front.pem --key front.key")


def lines_of(name):
    """The command lines in the blocks of a page: ours, and curl's."""
    with open(os.path.join(ROOT, 'doc', name), encoding='utf-8') as file:
        text = file.read().replace('\\\n', ' ')
    blocks = re.findall(r'^```(?:sh)?\n(.*?)^```', text, re.S | re.M) + re.findall(
        r'(?:^    .*\n)+', text, re.M)
    lines = [re.sub(r' +# .*', '', line).strip() for block in blocks for line in block.split('\n')]
    return [re.sub(r' +', ' ', line) for line in lines
            if re.match(r'(?:\S+ bin/)?(?:carryall|mktap|twistd|curl) ', line)]


def run(stage):
    """The page, then the others."""
    cases = os.path.join(ROOT, 'acceptance', 'cases')
    for page in sorted(os.listdir(os.path.join(ROOT, 'doc'))):
        if page.endswith('.md') and page not in ('design.md', 'https.md'):
            for line in lines_of(page):
                stage.demand(line in ELSEWHERE or line in (PERSONAL, FRONT),
                             'nothing runs the line %r of doc/%s', line, page)
    for case in ELSEWHERE.values():
        stage.demand(os.path.exists(os.path.join(cases, case.replace('-', '_') + '.py')),
                     'there is no case %s', case)
    https(stage)
    other_machines(stage)


def other_machines(stage):
    """A personal server behind TLS, and a front end that shows it a certificate."""
    stage.demand(PERSONAL in lines_of('distrib.md') and FRONT in lines_of('distrib.md'),
                 'the page says something else')
    for name, host in (('inner', 'localhost'), ('front', 'front.example')):
        stage.call('carryall', 'cert', 'make', '--ca', 'ca.pem', '-o', name + '.pem', host)
    personal = stage.start(*shlex.split(PERSONAL))
    personal.wait_for('listening: personal on ')
    front = stage.start(*shlex.split(FRONT.replace('inner.example', 'localhost')))
    got = stage.foreign('curl', '-sS', 'http://%s:%d/shop/' % front.address())
    stage.demand(got == b'site\n', 'the front end shows %r', got)
    front.stop()
    personal.stop()


def https(stage):
    """Line for line; each server serves until the next begins, and is asked in between."""
    for folder in ('site', 'site/staff', 'site/members', 'blog', 'wiki', 'other'):
        stage.write(folder + '/index.html', folder.encode() + b'\n')
    served = None
    for line in lines_of('https.md'):
        words = shlex.split(line)
        name = words[1] if words[0] == 'carryall' else words[0]
        if name == 'web':
            if served is not None:
                served.stop()
            if '443' in words:
                prepare_hosts(stage)
            served = stage.start(*words)
            served.wait_for('listening: https on ')
            judge(stage, words)
        elif name == 'passwd':
            typed(stage, words)
        elif name == 'curl':
            stage.demand(stage.foreign(*words) == b'site\n', '%r got something else', line)
        elif name == 'get':
            got = stage.call(*words)
            stage.demand(got.endswith('site\n'), '%r got %r', line, got)
        else:
            stage.demand(name == 'cert', 'nothing runs the line %r', line)
            stage.call(*words)
    served.stop()


def prepare_hosts(stage):
    """The certificates that the page takes for granted."""
    stage.call('carryall', 'cert', 'make', '--ca', 'ca.pem', '-o', 'main.pem', 'localhost',
               '127.0.0.1')
    stage.call('carryall', 'cert', 'make', '--ca', 'ca.pem', '-o', 'blog.pem', 'blog.example')


def judge(stage, words):
    """True if the server does what the page says of it."""
    def status(url, *more):
        return stage.foreign('curl', '-sS', '--cacert', 'ca.pem', '-o', '/dev/null', '-w',
                             '%{http_code}', *more, url, status=None)

    if '--vhost' in words:
        for host, expected in (('blog.example', b'blog\n'), ('a.wiki.example', b'wiki\n'),
                               ('else.example', b'other\n')):
            got = stage.foreign('curl', '-sS', '-H', 'Host: ' + host, 'http://127.0.0.1/')
            stage.demand(got == expected, '%s shows %r', host, got)
        got = stage.foreign('curl', '-sS', '--cacert', 'ca.pem', '--resolve',
                            'blog.example:443:127.0.0.1', 'https://blog.example/')
        stage.demand(got == b'blog\n', 'with its own certificate: %r', got)
        stage.until(lambda: b'"GET / HTTP/' in stage.read('blog.log'), 'its own log')
    elif '--auth' in words:
        inside = 'https://localhost:8443/' + ('staff/' if '--auth-path' in words else '')
        stage.demand(status(inside) == b'401' and status(inside, '-u', 'anna:' + SECRET) == b'200',
                     'the door of %s', inside)
        stage.demand(status('https://localhost:8443/') == (b'200' if '--auth-path' in words
                                                           else b'401'), 'what is guarded')
    elif '--client-certificates' in words:
        stage.demand(status('https://localhost:8443/') == b'000',
                     'it lets in who has no certificate')


def typed(stage, words):
    """Runs a command at a terminal, and type the password as often as it asks for it."""
    ours, theirs = pty.openpty()
    asked = subprocess.Popen(stage.command(*words), cwd=stage.folder, stdin=theirs, stdout=theirs,
                             stderr=theirs, start_new_session=True,
                             env=stage.runtime.environ(stage.folder))
    os.close(theirs)
    said = b''

    def ended():
        nonlocal said
        if select.select([ours], [], [], 0.0)[0]:
            try:
                said += os.read(ours, 1000)
            except OSError:  # what a terminal says when no one has its other end any more
                return asked.wait(60) is not None
            if said.endswith(b': '):
                os.write(ours, SECRET.encode() + b'\n')
        return asked.poll() is not None

    try:
        stage.until(ended, 'the end of %s, which said %r' % (words, said))
        stage.demand(asked.returncode == 0 and SECRET.encode() not in said,
                     'it ended with %s and said %r', asked.returncode, said)
    finally:
        if asked.poll() is None:
            asked.kill()
        os.close(ours)
