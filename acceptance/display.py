# Copyright the carryall authors.  See LICENSE.
"""Parts of the cases with windows: an X server for each, the Python that has Debian's toolkits,
and the contract tests under a guest."""
import os
import shutil
import subprocess

from acceptance import foreign
from acceptance.stage import ROOT, Missing
from admin.suite import ENVIRONMENTS, pins

DEBIAN_PYTHON = '/usr/bin/python3'
# The programs that such a case needs; Debian's packages of the toolkits come with the first.
NEEDS = ['Xvfb']
PACKAGES = {'Xvfb': ('xvfb', 'python3-tk', 'pypy3-tk', 'python3-gi', 'gir1.2-gtk-3.0',
                     'gir1.2-gtk-4.0', 'python3-pyqt5', 'python3-pyqt6', 'python3-wxgtk4.0')}
PYTHON = ['trio', 'exceptiongroup', 'PySide6', 'uvloop']
TESTS_SECONDS = 600.0       # of the contract under one guest, on a busy machine

WINDOWS = ('tests/runtimes/guests/test_dialogs.py', 'tests/runtimes/guests/test_toolkits.py')
HOSTED = ('tests/runtimes/guests/test_asynciohost_py3.py',)
_GTK = ('import gi; gi.require_version("Gtk", "%d.0"); from gi.repository import Gtk as m; '
        'print("GTK %%d.%%d.%%d" %% (m.get_major_version(), m.get_minor_version(), '
        'm.get_micro_version()))')
_QT = 'from %s import QtCore as m; print("Qt", m.qVersion() + ", %s")'


class Guest:
    """A backend, and how its tests are run.

    Args:   backend: its name.
            module: what must be importable; the name of the binding for Qt.
            version: Python that prints the name and version of the toolkit.
            folders: of foreign Python packages that it needs.
            display: whether it needs one.
            paths: of its tests beyond the contract.
            words: for pytest, in place of the contract under the backend.
    """

    def __init__(self, backend, module, version, folders=(), display=True, paths=WINDOWS, words=()):
        self.backend = backend
        self.module = module
        self.version = version
        self.folders = folders
        self.display = display
        self.paths = list(paths)
        self.words = list(words)
        self.name = {'PySide6': 'qt6, PySide6', 'uvloop': 'asyncio, uvloop'}.get(module, backend)
        self.variables = {'QT_API': module.lower()}


_TK = Guest('tk', 'tkinter', 'import tkinter as m; print("Tcl/Tk", m.Tcl().eval("info patch"))')
# Before Python 3.11 trio needs exceptiongroup.
_TRIO = Guest('trio', 'trio', 'import trio as m; print("trio", m.__version__)',
              ['trio', 'exceptiongroup'], display=False,
              paths=['tests/runtimes/guests/test_trio_py3.py'])
_ASYNCIO = Guest('asyncio', 'asyncio', 'print("asyncio")', display=False, paths=HOSTED)
_WIN32 = Guest('win32', 'ctypes', 'print("Windows, a fake")', display=False,
               paths=['tests/runtimes/guests/test_win32.py'],
               words=['tests/runtimes/guests/test_laws.py', '-k', 'win32'])
GUESTS = {
    'cpython': (
        _TK,
        Guest('gtk3', 'gi', _GTK % 3),
        Guest('gtk4', 'gi', _GTK % 4),
        Guest('qt5', 'PyQt5', _QT % ('PyQt5', 'PyQt5')),
        Guest('qt6', 'PyQt6', _QT % ('PyQt6', 'PyQt6')),
        Guest('qt6', 'PySide6', _QT % ('PySide6', 'PySide6'), ['PySide6']),
        Guest('wx', 'wx', 'import wx as m; print("wx", m.version())'),
        _TRIO,
        _ASYNCIO,
        Guest('asyncio', 'uvloop', 'import uvloop as m; print("uvloop", m.__version__)', ['uvloop'],
              display=False, paths=HOSTED),
        _WIN32),
    'pypy': (_TK, _TRIO, _ASYNCIO, _WIN32),
    'jython': (Guest('swing', 'javax.swing', 'from java.lang import System as m; '
                     'print("Swing of Java " + m.getProperty("java.version"))'), _WIN32),
}


def start_display(stage):
    """Starts an X server of the case's own; its name (':99')."""
    return name_of(start_screen(stage))


def start_screen(stage):
    """Starts an X server of the case's own; its process."""
    if not shutil.which('Xvfb'):
        raise Missing('Xvfb')
    # It chooses a free number, and writes it to a descriptor once it takes connections.
    return stage.launch(['sh', '-c', 'exec Xvfb -displayfd 1 -screen 0 1024x768x24 -noreset '
                                     '-nolisten tcp 2>/dev/null'], foreign=True)


def name_of(screen):
    """The name of the display of an X server: ':99'."""
    return ':' + screen.wait_for(r'(\d+)\n').group(1)


def python_of(stage):
    """The words that start the Python of the side under test that has the toolkits."""
    if stage.runtime.kind == 'cpython':
        if not os.path.exists(DEBIAN_PYTHON):
            raise Missing(DEBIAN_PYTHON)
        return [DEBIAN_PYTHON]
    return list(stage.runtime.command)


def environment(stage, display, folders=(), pytest_of=()):
    """The environment for it: the checkout and the foreign packages can be imported, and the pytest
    for an interpreter."""
    paths = [ROOT] + [foreign.python_path(name) for name in folders]
    if pytest_of:
        paths.append(_pytest_folder(list(pytest_of)))
    variables = dict(os.environ, PYTEST_DISABLE_PLUGIN_AUTOLOAD='1', PYTHONNOUSERSITE='1',
                     PYTHONDONTWRITEBYTECODE='1', DISPLAY=display)
    variables['JYTHONPATH' if stage.runtime.kind == 'jython' else 'PYTHONPATH'] = os.pathsep.join(
        paths)
    variables.pop('WAYLAND_DISPLAY', None)
    return variables


def launch(stage, display, argv, guest=None, path='', **variables):
    """Starts a program on a display, with the packages of a guest and one more folder on its path;
    its Process."""
    whole = environment(stage, display, guest.folders if guest else ())
    if guest:
        whole.update(guest.variables)
    key = 'JYTHONPATH' if stage.runtime.kind == 'jython' else 'PYTHONPATH'
    wanted = dict({'DISPLAY': display, 'WAYLAND_DISPLAY': '', 'QT_API': whole.get('QT_API', ''),
                   key: os.pathsep.join([path, whole[key]] if path else [whole[key]])}, **variables)
    before = dict(stage.variables)
    stage.variables.update(wanted)
    try:
        return stage.launch(argv, foreign=True)
    finally:
        stage.variables.clear()
        stage.variables.update(before)


def _pytest_folder(command):
    """The folder of the pytest for the Python that *command* starts."""
    version = subprocess.run(command + ['-c', 'import sys; print(sys.version_info[0], '
                                              'sys.version_info[1])'], stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, check=True).stdout.decode('ascii')
    numbers = tuple(int(word) for word in version.strip('()\r\n').replace(',', ' ').split())
    folder = os.path.join(ENVIRONMENTS, pins.pytest_for(numbers)[0])
    if not os.path.isdir(folder):
        raise Missing('pytest for %s (admin/runtests --setup)' % command[0])
    return folder


def version_of(stage, guest, display):
    """The name and version of its toolkit."""
    done = subprocess.run(python_of(stage) + ['-c', guest.version],
                          env=environment(stage, display, guest.folders), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    said = done.stdout.decode('ascii', 'replace').strip()
    stage.demand(done.returncode == 0 and said, '%s does not tell its version', guest.name)
    return said


def run_contract(stage, guest, display, results):
    """Runs the contract tests under a guest; the last line, such as '400 passed, 3 skipped'.

    Args:   results: a file, to which a line of JSON for each test is added.
    """
    words = guest.words or ['--backend', guest.backend, 'tests/contract']
    command = python_of(stage)
    variables = environment(stage, display, guest.folders, command)
    return _pytest(stage, guest.name, command, words + guest.paths + ['--results', results],
                   dict(variables, **guest.variables))


def run_tests(stage, words):
    """Runs tests on the side's own interpreter, without a display; the last line."""
    command = list(stage.runtime.command)
    return _pytest(stage, ' '.join(words), command, words, environment(stage, '', (), command))


def _pytest(stage, name, command, words, variables):
    """Runs pytest to its end, which must be a good one; the last line."""
    # PyGObject of Debian 12 has an importer of a kind that Python 3.11 warns of.
    done = subprocess.run(
        command + ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', '-rs',
                   '-W', 'ignore::ImportWarning'] + words, cwd=ROOT, env=variables,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        timeout=TESTS_SECONDS, check=False)
    said = done.stdout.decode('utf-8', 'replace')
    stage.demand(done.returncode == 0, '%s on %s: the tests ended with %d:\n%s', name, command[0],
                 done.returncode, said[-6000:])
    return said.strip().splitlines()[-1]
