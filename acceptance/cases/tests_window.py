# Copyright the carryall authors.  See LICENSE.
"""admin/runtests --window: a run is shown, a failed test read and run again by the keyboard, on Tk
and on Swing."""
import os
import re
import shutil
import subprocess

from acceptance.stage import ROOT, Failed, Missing
from admin.window import looks

PROVES = ['TST-02']
NEEDS = ['Xvfb', 'xdotool', 'import', 'convert', 'python3']
PACKAGES = {'Xvfb': 'xvfb', 'xdotool': 'xdotool', 'import': 'imagemagick', 'convert': 'imagemagick',
            'python3': ('python3', 'python3-tk', 'pypy3-tk')}
LONG = True

LINKED = ('admin', 'core', 'runtimes', 'protocols', 'app', 'services', 'apps', 'commands')
SIZE = '1240x880'
SUITE = {
    'tests/core/test_numbers.py': '''
import pytest
@pytest.mark.parametrize('number', range(60))
def test_a_number_is_itself(number):
    assert number == number
@pytest.mark.skip(reason='not today')
def test_not_today(): pass
''',
    'tests/core/test_table.py': '''
import os
def test_the_table_is_whole():
    with open(os.path.join(os.path.dirname(__file__), 'table.txt')) as table:
        rows = table.read().split()
    expected = ['one', 'two', 'three']
    assert rows == expected, 'the table lacks a row'
''',
    'tests/protocols/http/test_verbs.py': '''
import pytest
@pytest.mark.parametrize('verb', ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'])
def test_a_verb_is_upper_case(verb):
    assert verb.isupper()
''',
    'tests/slow/test_slow.py': '''
import time
def test_it_waits(): time.sleep(300)
'''}


class Window:
    """The window of a run on a display of its own."""

    def __init__(self, stage, argv):
        self.stage = stage
        screen = stage.launch(['Xvfb', '-displayfd', '1', '-screen', '0', SIZE + 'x24', '-noreset',
                               '-nolisten', 'tcp'], foreign=True)
        stage.variables['DISPLAY'] = ':%s' % screen.wait_for(r'(?m)^(\d+)$').group(1)
        self._environ = dict(os.environ, **stage.variables)
        self._shown = ''
        self.start(argv)

    def start(self, argv):
        """Starts the program of the window, and waits until it is there."""
        self.process = self.stage.launch(argv)
        self.stage.until(self._find, 'the window')
        self.xdotool('windowsize', '--sync', self._shown, *SIZE.split('x'))
        self.xdotool('windowmove', self._shown, '0', '0')
        self.xdotool('windowfocus', self._shown)

    def _find(self):
        if self.process.popen.poll() is not None:
            raise Failed('there is no window: %s' % self.process.output)
        found = self.xdotool('search', '--onlyvisible', '--name', '^carryall tests',
                             status=None).split()
        self._shown = found[-1] if found else ''
        return bool(found)

    def xdotool(self, *words, status=0):
        """The output of xdotool."""
        done = subprocess.run(('xdotool',) + words, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=self._environ,
                              timeout=60, check=False)
        said = done.stdout.decode('utf-8', 'replace')
        if status is not None and done.returncode != status:
            raise Failed('xdotool %s: %s' % (' '.join(words), said))
        return said if done.returncode == 0 else ''

    def title(self):
        """The title of the window, which tells the result."""
        return self.xdotool('getwindowname', self._shown).strip()

    def wait_for(self, pattern):
        """Waits for a title."""
        try:
            self.stage.until(lambda: re.search(pattern, self.title()), pattern)
        except Failed as exc:
            raise Failed('%s; the title is %r; it said %r' % (exc, self.title(),
                                                              self.process.output))

    def press(self, *keys):
        """Presses keys, one after the other."""
        for key in keys:
            self.xdotool('key', '--delay', '60', key)

    def click(self, x, y):
        """Clicks there.  Swing takes keys after a click alone, as there is no window manager."""
        self.xdotool('mousemove', str(x), str(y), 'click', '1')

    def picture(self, name):
        """Takes a picture of the window; colour -> number of pixels."""
        path = self.stage.path(name + '.png')
        subprocess.run(['import', '-window', self._shown, path], stdin=subprocess.DEVNULL,
                       env=self._environ, timeout=60, check=True)
        folder = os.environ.get('CARRYALL_PICTURES')
        if folder:
            shutil.copy(path, folder)
        told = subprocess.run(['convert', path, '-depth', '8', '-alpha', 'off', '-format', '%c',
                               'histogram:info:-'], stdout=subprocess.PIPE, timeout=120, check=True)
        rows = re.findall(r'(\d+): \([^)]*\) #([0-9A-Fa-f]{6})', told.stdout.decode('ascii'))
        return {'#' + colour.lower(): int(count) for count, colour in rows}


def scratch_suite(stage):
    """A checkout whose suite is a few lines; its folder."""
    checkout = stage.path('checkout')
    os.makedirs(os.path.join(checkout, 'tests'))
    for name in LINKED:
        os.symlink(os.path.join(ROOT, name), os.path.join(checkout, name))
    shutil.copytree(os.path.join(ROOT, 'carryall'), os.path.join(checkout, 'carryall'),
                    symlinks=True, ignore=shutil.ignore_patterns('__pycache__', '*.class'))
    shutil.copytree(os.path.join(ROOT, 'tests', 'support'),
                    os.path.join(checkout, 'tests', 'support'),
                    ignore=shutil.ignore_patterns('__pycache__', '*.class'))
    for name in ('tox.ini', 'tests/__init__.py', 'tests/conftest.py'):
        shutil.copy(os.path.join(ROOT, name), os.path.join(checkout, name))
    os.makedirs(os.path.join(checkout, 'build'))
    os.symlink(os.path.join(ROOT, 'build', 'test-env'),
               os.path.join(checkout, 'build', 'test-env'))
    for path, text in SUITE.items():
        stage.write(os.path.join('checkout', path), text.encode('ascii'))
    stage.write('checkout/tests/core/table.txt', b'one two')
    return checkout


def interpreter(stage):
    """The words that start the side's interpreter, one with Tk."""
    if stage.runtime.artifact != 'source':
        raise Missing('the source, of which the window is a part,')
    command = list(stage.runtime.command)
    if stage.runtime.kind == 'jython':
        return command
    for words in (command, ['/usr/bin/python3'] if stage.runtime.kind == 'cpython' else command):
        probe = subprocess.run(words + ['-c', 'import tkinter'], stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        if probe.returncode == 0:
            return words
    raise Missing('Tk for %s' % stage.runtime.name)


def run(stage):
    """Looks at a run, runs two failed tests again, stops another run, and leaves nothing."""
    checkout = scratch_suite(stage)
    start = interpreter(stage) + [os.path.join(checkout, 'admin', 'runtests'), '--window',
                                  '--runtime', 'cpython', '--runtime', 'pypy']
    quick = start + ['tests/core', 'tests/protocols']
    window = Window(stage, quick)
    window.wait_for('tests: 132 passed, 2 failed, 2 skipped')
    failed = window.picture('window-%s-failed' % stage.runtime.name)
    stage.demand(failed.get(looks.LIGHT['failed_tint'], 0) > 200, 'no cell tells a failure: %r',
                 sorted(failed.items(), key=lambda each: -each[1])[:20])
    stage.demand(failed.get(looks.LIGHT['passed_bar'], 0) > 2000, 'the bar has no green')
    stage.write('checkout/tests/core/table.txt', b'one two three')
    window.click(760, 252)          # the first failure
    window.press('Return')
    window.wait_for('133 passed, 1 failed')
    window.press('Down', 'r')
    window.wait_for('134 passed, 0 failed, 2 skipped')
    stage.until(lambda: looks.LIGHT['failed_tint'] not in window.picture(
        'window-%s-mended' % stage.runtime.name), 'a matrix without a failure')
    window.press('t')
    stage.until(lambda: looks.DARK['page'] in window.picture('window-%s-dark' % stage.runtime.name),
                'the dark colours')
    window.press('p')
    plain = window.picture('window-%s-plain' % stage.runtime.name)
    stage.demand(looks.DARK['passed_bar'] not in plain, 'plain text has a bar')
    window.press('ctrl+q')
    stage.demand(window.process.wait() == 0, 'it ended with another status: %s',
                 window.process.output)
    stop_and_kill(stage, window, start + ['tests/slow'])


def stop_and_kill(stage, window, argv):
    """Escape ends the children; so does the end of the window, however it ends."""
    window.start(argv)
    children(stage, window)
    window.click(760, 600)
    window.press('Escape')
    stage.until(lambda: len(window.process.family()) == 1, 'the end of what Escape stops')
    window.wait_for('tests: 0 passed')
    window.press('F5')
    pids = children(stage, window)
    window.process.popen.kill()
    window.process.popen.wait()
    stage.until(lambda: not any(os.path.exists('/proc/%d' % pid) for pid in pids),
                'the end of the children of a window that was killed')


def children(stage, window):
    """The pids below the window, once a test runs on both runtimes."""
    stage.until(lambda: len([pid for pid in window.process.family() if runs_pytest(pid)]) == 2,
                'a run on both runtimes')
    return window.process.family()[1:]


def runs_pytest(pid):
    """True if that process is a pytest."""
    try:
        with open('/proc/%d/cmdline' % pid, 'rb') as file:
            return b'--results=' in file.read()
    except OSError:
        return False

