# Copyright the carryall authors.  See LICENSE.
"""The examples of the README run as shown: both programs, and every command line."""
import os
import re

from acceptance.stage import ROOT, receive_all

PROVES = ['DOC-01', 'SMP-07', 'HTS-18']
NEEDS = ['curl', 'sh']
PORTS = [7007, 8081]        # those of the programs that it shows

# Command lines that a test elsewhere runs, and which.
ELSEWHERE = {
    'admin/runtests --setup': 'this is what .ci/run runs',
    'bin/mktap web --path static': 'web-tap', 'bin/twistd -f web.tap': 'web-tap',
    'curl http://127.0.0.1:8080/': 'web-tap', 'kill $(cat twistd.pid)': 'web-tap'}



def blocks(kind):
    """The contents of the README's fenced blocks of one kind."""
    with open(os.path.join(ROOT, 'README.md'), encoding='utf-8') as file:
        return re.findall(r'```%s\n(.*?)```' % kind, file.read(), re.S)


def named():
    """The types and commands between the README's backticks."""
    with open(os.path.join(ROOT, 'README.md'), encoding='utf-8') as file:
        return sorted(set(re.findall(r'`bin/carryall ([a-z-]+)', file.read())))


def texts_of_cases():
    """The source of each case."""
    folder = os.path.join(ROOT, 'acceptance', 'cases')
    found = []
    for name in sorted(os.listdir(folder)):
        if name.endswith('.py'):
            with open(os.path.join(folder, name), encoding='utf-8') as file:
                found.append(file.read())
    return found


def patiently(stage, program, port):
    """A connection to *port*, as soon as the program, which says nothing, listens there."""
    found = []

    def try_once():
        stage.demand(program.popen.poll() is None, 'it ended: %s', program.output)
        try:
            found.append(stage.connect(('127.0.0.1', port)))
        except ConnectionRefusedError:
            pass
        return found

    stage.until(try_once, 'a server on port %d' % port)
    return found[0]


def run(stage):
    """The two programs, then the lines."""
    echo, web = blocks('python')
    program = stage.script(stage.write('echo.py', echo.encode()))
    with patiently(stage, program, 7007) as sock:
        sock.sendall(b'five lines')
        stage.demand(sock.recv(100) == b'five lines', 'the echo server does not echo')
    program.end()
    program = stage.script(stage.write('web.py', web.encode()))
    with patiently(stage, program, 8081) as sock:
        sock.sendall(b'GET /this HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
        answer = receive_all(sock)
    stage.demand(answer.endswith(b'\r\n\r\nYou asked for /this\n'), 'the web application said %r',
                 answer)
    program.end()
    for line in '\n'.join(blocks('sh')).split('\n'):
        if line and line not in ELSEWHERE:
            stage.demand(line == 'bin/carryall web --path .', 'no test runs the README\'s line %r',
                         line)
    programs = texts_of_cases()
    for name in named():
        used = re.compile(r"'%s'|carryall %s " % (name, name))
        stage.demand(any(used.search(text) for text in programs),
                     'no case runs `bin/carryall %s`, which the README names', name)
    said = stage.call('carryall', 'types')
    stage.demand(all(name in said for name in ('web', 'ftp', 'mail')),
                 'carryall types says %r', said)
    stage.demand('threads' in stage.call('carryall', 'runtimes'),
                 'carryall runtimes names no backend')
    stage.write('index.html', b'served\n')
    server = stage.start('carryall', 'web', '--path', '.')
    got = stage.foreign('curl', '-sS', 'http://%s:%d/' % server.address())
    stage.demand(got == b'served\n', 'carryall web --path . served %r', got)
    server.stop()
