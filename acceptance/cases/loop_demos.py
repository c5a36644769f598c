# Copyright the carryall authors.  See LICENSE.
"""Each toolkit's demo has a window with an HTTPS server and a child program in it, until the window
is closed."""
import os
import shutil
import ssl
import sys
import urllib.request

from acceptance import display
from acceptance.stage import ROOT, Missing

PROVES = ['RT-06']
NEEDS = display.NEEDS + ['xdotool']
PACKAGES = dict(display.PACKAGES, xdotool='xdotool')
PYTHON = display.PYTHON
LONG = True
AS_OF_OLD = 'GUITest'

# The words of each demo.
DEMOS = {
    'cpython': (['tkdemo.py'], ['pbgtk.py', 'gtk3', 'PORT'], ['pbgtk.py', 'gtk4', 'PORT'],
                ['qtdemo.py', 'qt5'], ['qtdemo.py', 'qt6'], ['wxdemo.py']),
    'pypy': (['tkdemo.py'],),
    'jython': (['swingdemo.py'],),
}
TYPED = 'typed in a window'


def run(stage):
    """One demo after the other, on a display of this case."""
    name = display.start_display(stage)
    for words in DEMOS[stage.runtime.kind]:
        demo(stage, name, words)


def show(stage):
    """The demos that need no server of their own, on the display of a person."""
    name = os.environ.get('DISPLAY')
    if not name:
        raise Missing('a display (DISPLAY)')
    titles = []
    for words in DEMOS[stage.runtime.kind]:
        if 'PORT' not in words:
            launch(stage, name, words)
            titles.append(words[0].partition('.')[0])
    return ('There should be a window of each of these: %s.\nEach tells that its server answers '
            'and what its child program said.' % ', '.join(titles))


def launch(stage, name, words):
    """Starts a demo on a display; its process."""
    path = os.path.join(ROOT, 'doc', 'examples', words[0])
    return display.launch(stage, name, display.python_of(stage) + [path] + words[1:])


def demo(stage, name, words):
    """Starts it, asks its server, hears its child, closes its window."""
    server = None
    if 'PORT' in words:
        server = stage.script(os.path.join(ROOT, 'doc', 'examples', 'pb', 'pbsimple_server.py'), 0)
        words = [str(server.address()[1]) if word == 'PORT' else word for word in words]
    program = launch(stage, name, words)
    if stage.runtime.kind == 'jython':
        program.seconds *= 3
    url = program.wait_for(r'https://127\.0\.0\.1:\d+/').group()
    trusting = ssl.create_default_context()
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    with urllib.request.urlopen(url, timeout=program.seconds, context=trusting) as answer:
        page = answer.read()
    stage.demand(page == b'hello from a window\n', '%s answered %r', words, page)
    program.wait_for('child: line 3')
    program.wait_for('the child ended with 0')
    window = window_of(stage, name, words[0].partition('.')[0])
    if server is not None:
        xdotool(stage, name, 'windowfocus', window, 'type', '--delay', '20', TYPED)
        xdotool(stage, name, 'key', 'Return')
        program.wait_for('the server said: ' + TYPED)
    closing = display.launch(stage, name, [sys.executable, os.path.join(
        ROOT, 'acceptance', 'closewindow.py'), window])
    stage.demand(closing.wait() == 0, 'the window could not be asked to close:\n%s', closing.output)
    stage.demand(program.wait() == 0, '%s ended badly:\n%s', words, program.output)
    stage.demand('both loops have ended' in program.output, '%s ended too soon:\n%s', words,
                 program.output)
    if server is not None:
        server.signal('TERM')


def window_of(stage, name, title):
    """The number of the window with this title, once it is there."""
    found = []

    def look():
        found[:] = xdotool(stage, name, 'search', '--name', '^%s$' % title, status=None).split()
        return found

    stage.until(look, 'a window called %s' % title)
    return found[0]


def xdotool(stage, name, *words, status=0):
    """Runs xdotool on the display; its output."""
    if not shutil.which('xdotool'):
        raise Missing('xdotool')
    return stage.foreign('env', 'DISPLAY=' + name, 'xdotool', *words, status=status).decode('ascii')
