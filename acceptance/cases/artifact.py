# Copyright the carryall authors.  See LICENSE.
"""An artifact away from the checkout: serves a folder, runs every other's tap, ends on TERM with 0,
refuses with one line and 2."""
import re

from acceptance.artifacts import ROOT

PROVES = ['TST-07', 'TST-08', 'TAP-05', 'TAP-19']
NEEDS = ['curl']
WHERE = b"""
import sys, carryall, carryall.core.net.loop
from carryall.commands.catalogue import TYPES
print('carryall is at %s' % (list(carryall.__path__),))
print('the path is %s' % (sys.path,))
for name, module, _ in TYPES:
    __import__(module)
print('all %d types are there' % len(TYPES))
"""
BACKENDS = {'cpython': ('epoll', 'poll', 'select', 'threads', 'asyncio'),
            'pypy': ('epoll', 'select', 'threads'), 'jython': ('nio', 'threads')}


def run(stage):
    """One after another."""
    stage.write('site/index.html', b'no checkout here\n')
    said = stage.script(stage.write('where.py', WHERE))
    stage.demand(said.wait() == 0 and 'types are there' in said.output,
                 'it cannot import all its types:\n%s', said.output)
    if stage.runtime.artifact != 'source':
        stage.demand(ROOT not in said.output, 'it reaches into the checkout:\n%s', said.output)
    where = ('--port', 'tcp:0:interface=127.0.0.1')
    for backend in BACKENDS[stage.runtime.kind]:
        server = stage.start('carryall', 'web', '--path', 'site', '--backend', backend, *where)
        fetch(stage, server)
        server.stop()
    for maker in stage.others:
        folder = stage.path('made-by-' + maker.name)
        stage.write('made-by-%s/x' % maker.name, b'')
        stage.call('mktap', 'web', '--path', '../site', *where, runtime=maker, cwd=folder)
        server = stage.start('twistd', '--nodaemon', '--file', 'web.tap', cwd=folder)
        fetch(stage, server)
        server.stop()
    for words in (('web', '--port', 'seven'), ('web', '--nonsense'), ('nonsense',)):
        refused = stage.call('carryall', *words, status=2)
        stage.demand(re.match(r'carryall( web)?: [^\n]+\n\Z', refused),
                     '%s is refused with more than a line:\n%s', words, refused)
    for name, word in (('mktap', 'mktap'), ('twistd', 'twistd')):
        stage.demand('usage: ' + word in stage.call(name, '--help'),
                     '%s --help does not show how it is used', name)


def fetch(stage, server):
    """The page as it should be."""
    got = stage.foreign('curl', '-sS', 'http://%s:%d/' % server.address())
    stage.demand(got == b'no checkout here\n', 'it served %r', got)
