# Copyright the carryall authors.  See LICENSE.
"""A tap made on any runtime has the same bytes, runs on every other,
and is saved again to the same bytes there."""
import os

PROVES = ['TAP-04', 'TAP-05', 'NEW-01']
NEEDS = ['curl']
EACH_RUNTIME = False


def run(stage):
    """Makes one on each; compare; run each maker's tap on each runner;
    append to it to have it saved again."""
    stage.write('static/index.html', b'one tap, three runtimes\n')
    taps = {}
    stage.write('made/x', b'')          # all in one folder: a tap holds paths in full
    for maker in stage.others:
        stage.call('mktap', '--appname', 'web', 'web', '--path', '../static', '--port',
                   'tcp:0:interface=127.0.0.1',
                   '--index', u'\xe9.html', '--index', 'index.html', runtime=maker,
                   cwd=stage.path('made'))
        taps[maker.name] = stage.read('made/web.tap')
        os.unlink(stage.path('made', 'web.tap'))
    first = stage.others[0].name
    for name, tap in sorted(taps.items()):
        stage.demand(tap == taps[first], 'the tap made on %s differs from that of %s', name, first)
    stage.write('made/web.tap', taps[first])
    for runner in stage.others:
        server = stage.start('twistd', '-n', '-f', 'web.tap', '--pidfile=', runtime=runner,
                             cwd=stage.path('made'))
        got = stage.foreign('curl', '-sS', 'http://%s:%d/' % server.address())
        stage.demand(got == b'one tap, three runtimes\n', '%s served %r', runner.name, got)
        server.stop()
    again = {}
    for saver in stage.others:
        name = 'again-%s.tap' % saver.name
        stage.write(name, taps[first])
        stage.call('mktap', '--append', name, 'web', '--path', 'static', '--port', 'tcp:0',
                   runtime=saver)
        again[saver.name] = stage.read(name)
    for name, tap in sorted(again.items()):
        stage.demand(tap == again[first], 'saved again on %s the tap differs from that of %s',
                     name, first)
        stage.demand(tap != taps[first], 'nothing was appended on %s', name)
