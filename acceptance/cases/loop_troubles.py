# Copyright the carryall authors.  See LICENSE.
"""A toolkit or display that is missing, too old, silent or dead gets a sentence; a server lives on.

So does a second toolkit in one process.
"""
import os
import signal
import urllib.request

from acceptance import display
from acceptance.stage import ROOT

PROVES = ['RT-06']
NEEDS = display.NEEDS
PACKAGES = display.PACKAGES
PYTHON = display.PYTHON
LONG = True

CARRYALL = os.path.join(ROOT, 'bin', 'carryall')
SILENT = ':9791'            # a display where nothing listens
LOOKS = 25                  # that must find a server asleep, one after the other
GONE = 'the display of %s is gone; connections are served on without windows'
# Toolkits that end the process behind the loop, and the status then.
EXITS = {'PyQt5': 1, 'PyQt6': 1}
# What each needs of a display: Tcl alone needs none, and Java serves without windows.
ALONE = ('tk', 'swing')


def run(stage):
    """Each guest with windows of this kind of runtime."""
    name = display.start_display(stage)
    guests = [guest for guest in display.GUESTS[stage.runtime.kind] if guest.display]
    for guest in guests:
        without_display(stage, guest)
        silent_display(stage, guest)
    if stage.runtime.kind == 'cpython':
        missing_toolkits(stage, name)
        old_toolkit(stage, name)
        for first, second in (('gtk3', 'gtk4'), ('qt5', 'qt6'), ('qt6', 'gtk3'), ('wx', 'tk'),
                              ('tk', 'wx')):
            two_toolkits(stage, name, first, second)
    for guest in guests:
        if guest.backend == 'swing':
            java_and_its_display(stage, guest)
        elif guest.backend != 'tk':     # without windows, which has no display
            server_outlives_display(stage, guest)
    for words, status in DEMOS[stage.runtime.kind]:
        demo_ends_with_display(stage, words, status)


def serve(stage, guest, name, python=(), path='', **variables):
    """Starts a web server under a guest."""
    stage.write('site/index.html', b'hello\n')
    words = list(python) or display.python_of(stage)
    return display.launch(stage, name, words + [CARRYALL, 'serve', 'web', '-p', 'tcp:0',
                                                '--backend', guest.backend, stage.path('site')],
                          guest, path, **variables)


def refused(stage, server, sentence):
    """It ends with status 2, and says that."""
    server.wait_for(sentence)
    status = server.wait()
    stage.demand(status == 2, 'it ended with %d and not 2:\n%s', status, server.output)
    stage.demand('Traceback' not in server.output, 'more than a sentence:\n%s', server.output)


def fetched(stage, server):
    """It serves its page."""
    url = 'http://%s:%d/' % server.address()
    with urllib.request.urlopen(url, timeout=server.seconds) as answer:
        stage.demand(answer.read() == b'hello\n', 'another page')


def ended(stage, server, status):
    """It ends by TERM with that status."""
    server.signal('TERM')
    got = server.wait()
    stage.demand(got == status, 'it ended with %r and not %r:\n%s', got, status, server.output)


def without_display(stage, guest):
    """Neither DISPLAY nor WAYLAND_DISPLAY."""
    server = serve(stage, guest, '')
    if guest.backend in ALONE:
        fetched(stage, server)
        ended(stage, server, 0)
    else:
        refused(stage, server, 'neither DISPLAY nor WAYLAND_DISPLAY is set')


def silent_display(stage, guest):
    """A display that does not answer."""
    server = serve(stage, guest, SILENT)
    if guest.backend == 'tk':
        fetched(stage, server)
        ended(stage, server, 0)
    elif guest.backend == 'swing':
        refused(stage, server, 'Swing cannot be used: .*%s' % SILENT)
    else:
        refused(stage, server, 'the display %s does not answer' % SILENT)


def missing_toolkits(stage, name):
    """Debian's Python without Debian's packages."""
    for guest in display.GUESTS['cpython']:
        if guest.module in ('gi', 'PyQt5', 'PyQt6', 'wx'):
            server = serve(stage, guest, name, python=[display.DEBIAN_PYTHON, '-S'])
            refused(stage, server, 'this Python has no module %s.*has it as' % guest.module)


def old_toolkit(stage, name):
    """A wx of long ago, as far as it says."""
    stage.write('old/wx/__init__.py', b"VERSION = (3, 0, 2, 0, '')\n__version__ = '3.0.2.0'\n")
    guest = [each for each in display.GUESTS['cpython'] if each.backend == 'wx'][0]
    server = serve(stage, guest, name, path=stage.path('old'))
    refused(stage, server, r'wx 3\.0\.2\.0 is too old: 4\.0 or later is needed')


def two_toolkits(stage, name, first, second):
    """The second is refused, and the first serves on."""
    guest = [each for each in display.GUESTS['cpython'] if each.backend == first][0]
    path = os.path.join(ROOT, 'acceptance', 'peers', 'two_toolkits.py')
    program = display.launch(stage, name, display.python_of(stage) + [path, first, second], guest)
    program.wait_for('refused: .*(is in use in this process)')
    program.wait_for('the first serves: lives')
    stage.demand(program.wait() == 0, '%s and %s:\n%s', first, second, program.output)


def asleep(pid):
    """True if all threads of a process wait."""
    tasks = '/proc/%d/task' % pid
    for task in os.listdir(tasks):
        with open(os.path.join(tasks, task, 'stat')) as file:
            if file.read().rpartition(')')[2].split()[0] == 'R':
                return False
    return True


def rests(stage, server):
    """Many looks in a row find it asleep: the dead connection does not keep it busy."""
    looks = []

    def look():
        if asleep(server.pid):
            looks.append(1)
        else:
            del looks[:]
        return len(looks) >= LOOKS

    stage.until(look, 'a server that rests; it said\n%s' % server.output)


def own_display(stage):
    """(its process, its name) of a display that will die."""
    screen = display.start_screen(stage)
    return screen, display.name_of(screen)


def kill(screen):
    """The display dies at once."""
    os.kill(screen.pid, signal.SIGKILL)
    screen.wait()


def server_outlives_display(stage, guest):
    """It says so, serves, rests, and ends by TERM."""
    screen, name = own_display(stage)
    server = serve(stage, guest, name)
    fetched(stage, server)
    kill(screen)
    server.wait_for(GONE % guest.backend)
    fetched(stage, server)
    rests(stage, server)
    fetched(stage, server)
    ended(stage, server, EXITS.get(guest.module, 0))


def java_and_its_display(stage, guest):
    """Java ends with its display, and one that is told to have none does not look at it."""
    screen, name = own_display(stage)
    server = serve(stage, guest, name)
    fetched(stage, server)
    kill(screen)
    stage.demand(server.wait() != 0, 'it ended well:\n%s', server.output)
    screen, name = own_display(stage)
    server = serve(stage, guest, name, JAVA_TOOL_OPTIONS='-Djava.awt.headless=true')
    fetched(stage, server)
    kill(screen)
    fetched(stage, server)
    ended(stage, server, 0)


# Words of each demo, and the status with which it ends when its display dies; None: another than 0.
DEMOS = {
    'cpython': ((['tkdemo.py'], 0), (['pbgtk.py', 'gtk3'], 0), (['pbgtk.py', 'gtk4'], 0),
                (['wxdemo.py'], 0), (['qtdemo.py', 'qt5'], 1), (['qtdemo.py', 'qt6'], 1)),
    'pypy': ((['tkdemo.py'], 0),),
    'jython': ((['swingdemo.py'], None),),
}


def demo_ends_with_display(stage, words, status):
    """A program that is nothing without its window ends both loops in order."""
    screen, name = own_display(stage)
    path = os.path.join(ROOT, 'doc', 'examples', words[0])
    program = display.launch(stage, name, display.python_of(stage) + [path] + words[1:])
    program.wait_for('the child ended with 0')
    kill(screen)
    got = program.wait()
    if status is None:
        stage.demand(got != 0, '%s ended well:\n%s', words, program.output)
        return
    stage.demand(got == status, '%s ended with %r:\n%s', words, got, program.output)
    stage.demand('the display of' in program.output, '%s did not tell:\n%s', words, program.output)
    if status == 0:
        stage.demand('both loops have ended' in program.output, '%s:\n%s', words, program.output)
