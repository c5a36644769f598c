# Copyright the carryall authors.  See LICENSE.
"""The processor time of a page of mod_python, beside Apache with Debian's mod_python and a CGI.

    python3 -m bench.modpython [--runtime NAME] [--rounds 7] [--count 2000] [KIND ...]

Kinds: plain (a handler that writes hello), publisher (a function with an argument, by GET), and
cgi.  The last is the same page by a Python program in Apache's mod_cgi, compared with our plain
handler.  Linux only; apache2 and libapache2-mod-python must be installed.

Method: both servers run at the same time, on one core, with the same configuration file and the
same modules.  Apache is one process (``-X``, mpm_prefork), which is the cheapest of its models.
Ours is as a user starts it.  A client on another core keeps --connections connections busy, one
request on each; Apache's one process takes one connection, so it is asked over one.  The servers
take turns, round by round.  The figure is processor time of the server and of the programs that it
has started, for each answer; the median of the rounds.
"""
from __future__ import absolute_import, division, print_function

import argparse
import os
import re
import shutil
import tempfile

from bench import process, programs, sides, stats

WARM = {'cpython': 2000, 'pypy': 60000, 'jython': 60000}
KINDS = ('plain', 'publisher', 'cgi')
PATHS = {'plain': '/plain/', 'publisher': '/pages/pages/greet?to=hello', 'cgi': '/page.cgi'}
HANDLER = '''from mod_python import apache

def handler(req):
    req.content_type = 'text/plain'
    req.write('hello')
    return apache.OK
'''
PAGES = '''
def greet(req, to='all'):
    req.content_type = 'text/plain'
    return 'hello'
'''
PROGRAM = '''#!/usr/bin/python3
print("Content-Type: text/plain")
print()
print("hello", end="")
'''
MODULES = ('mpm_prefork', 'authz_core', 'alias', 'mime', 'python', 'cgi')
CONFIG = '''ServerName localhost
ServerRoot "%(folder)s"
PidFile %(folder)s/apache.pid
ErrorLog %(folder)s/apache.log
Listen 127.0.0.1:%(port)d
%(modules)s
%(user)s
KeepAlive On
MaxKeepAliveRequests 0
KeepAliveTimeout 600
TypesConfig /etc/mime.types
DocumentRoot %(folder)s/site
<Directory %(folder)s/site>
    Require all granted
</Directory>
<Directory %(folder)s/site/plain>
    SetHandler mod_python
    PythonHandler plainpage
    PythonPath "sys.path + ['%(folder)s/site/plain']"
</Directory>
<Directory %(folder)s/site/pages>
    AddHandler mod_python .py
    SetHandler mod_python
    PythonHandler mod_python.publisher
</Directory>
<IfDefine APACHE>
    ScriptAlias /page.cgi %(folder)s/page.cgi
    <Directory %(folder)s>
        Require all granted
    </Directory>
</IfDefine>
'''
FILES = (('site/plain/plainpage.py', HANDLER), ('site/pages/pages.py', PAGES),
         ('page.cgi', PROGRAM))


def prepared(folder):
    """The configuration's name and Apache's port."""
    for name, text in FILES:
        path = os.path.join(folder, name)
        if not os.path.isdir(os.path.dirname(path)):
            os.makedirs(os.path.dirname(path))
        with open(path, 'w') as file:
            file.write(text)
        os.chmod(path, 0o755)
    os.chmod(folder, 0o755)
    modules = '\n'.join('LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so' % (name, name)
                        for name in MODULES)
    port = programs.free_port()
    conf = os.path.join(folder, 'httpd.conf')
    with open(conf, 'w') as file:
        file.write(CONFIG % {
            'folder': folder, 'port': port, 'modules': modules,
            'user': 'User www-data\nGroup www-data' if os.getuid() == 0 else ''})
    return conf, port


def measure(kinds, runtime, rounds, count, options):
    """For each kind, (microseconds of Apache, of ours), each a list of the rounds."""
    folder = tempfile.mkdtemp(prefix='carryall-modpython-')
    servers = []
    try:
        conf, port = prepared(folder)
        # Its Python looks for its library beside the first python3 of PATH, which must be Debian's
        apache = ['env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', shutil.which('apache2'), '-X',
                  '-D', 'APACHE', '-f', conf]
        theirs = programs.Server(apache, folder, port)
        servers.append(theirs)
        carryall = sides.interpreter(runtime) + [os.path.join(sides.ROOT, 'bin', 'carryall')]
        ours = programs.Server(carryall + ['modpython', '-f', conf, '-p', '0'] + options, folder)
        servers.append(ours)
        found = []
        for kind in kinds:
            mine = PATHS['plain' if kind == 'cgi' else kind]
            number = max(10, count // 40) if kind == 'cgi' else count
            found.append(alternate(theirs, ours, PATHS[kind], mine, rounds, number, count,
                                   WARM[runtime]))
        return found
    finally:
        for server in reversed(servers):
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def alternate(theirs, ours, their_path, our_path, rounds, number, count, warm):
    """The costs of an answer, round by round."""
    sides_of = [(theirs, programs.Client(theirs.port, their_path), number, []),
                (ours, programs.Client(ours.port, our_path), count, [])]
    sides_of[0][1].ask(min(number, 500))
    sides_of[1][1].ask(warm)
    for _ in range(rounds):
        for server, client, asked, found in sides_of:
            before = server.cpu()
            client.ask(asked)
            found.append((server.cpu() - before) / asked * 1e6)
    return [found for _, _, _, found in sides_of]


def main():
    """Measures and prints a line for each kind."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--runtime', default='cpython', choices=sorted(WARM))
    parser.add_argument('--rounds', type=int, default=7)
    parser.add_argument('--count', type=int, default=2000)
    parser.add_argument('--option', action='append', default=[],
                        help='a further word for carryall modpython')
    parser.add_argument('kinds', nargs='*', metavar='KIND')
    given = parser.parse_args()
    os.sched_setaffinity(0, [process.CLIENT_CORE])
    kinds = given.kinds or KINDS
    results = measure(kinds, given.runtime, given.rounds, given.count, given.option)
    for kind, (theirs, ours) in zip(kinds, results):
        print('%-9s %-8s Apache %7.1f us  carryall %6.1f us  ratio %.2f (%.2f..%.2f)' % (
            (kind, given.runtime, stats.median(theirs), stats.median(ours),
             stats.median(theirs) / stats.median(ours)) + extremes(theirs, ours)))


def extremes(theirs, ours):
    """The lowest and the highest ratio of a round."""
    ratios = [one / other for one, other in zip(theirs, ours)]
    return min(ratios), max(ratios)


if __name__ == '__main__':
    main()
