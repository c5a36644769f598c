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
PYTHON = ['trio', 'PySide6']
TESTS_SECONDS = 600.0       # of the contract under one guest, on a busy machine


class Guest:
    """A backend, and how its tests are run.

    Args:   backend: its name.
            module: what must be importable; the name of the binding for Qt.
            folders: of foreign Python packages that it needs.
            display: whether it needs one.
    """

    def __init__(self, backend, module, folders=(), display=True):
        self.backend = backend
        self.module = module
        self.folders = folders
        self.display = display
        self.name = backend if module != 'PySide6' else backend + ', PySide6'
        self.variables = {'QT_API': module.lower()}


GUESTS = {
    'cpython': (Guest('tk', 'tkinter'), Guest('gtk3', 'gi'), Guest('gtk4', 'gi'),
                Guest('qt5', 'PyQt5'), Guest('qt6', 'PyQt6'), Guest('qt6', 'PySide6', ['PySide6']),
                Guest('wx', 'wx'), Guest('trio', 'trio', ['trio'], display=False),
                Guest('asyncio', 'asyncio', display=False)),
    'pypy': (Guest('tk', 'tkinter'), Guest('trio', 'trio', ['trio'], display=False),
             Guest('asyncio', 'asyncio', display=False)),
    'jython': (Guest('swing', 'javax.swing'),),
}


def start_display(stage):
    """Starts an X server of the case's own; its name (':99')."""
    if not shutil.which('Xvfb'):
        raise Missing('Xvfb')
    # It chooses a free number, and writes it to a descriptor once it takes connections.
    server = stage.launch(['sh', '-c', 'exec Xvfb -displayfd 1 -screen 0 1024x768x24 -noreset '
                                       '-nolisten tcp 2>/dev/null'], foreign=True)
    return ':' + server.wait_for(r'(\d+)\n').group(1)


def python_of(stage):
    """The words that start the Python of the side under test that has the toolkits."""
    if stage.runtime.kind == 'cpython':
        if not os.path.exists(DEBIAN_PYTHON):
            raise Missing(DEBIAN_PYTHON)
        return [DEBIAN_PYTHON]
    return list(stage.runtime.command)


def environment(stage, display, folders=(), pytest=False):
    """The environment for it: the checkout, the foreign packages, and pytest, can be imported."""
    command = python_of(stage)
    paths = [ROOT] + [foreign.python_path(name) for name in folders]
    if pytest:
        paths.append(_pytest_folder(command))
    variables = dict(os.environ, PYTEST_DISABLE_PLUGIN_AUTOLOAD='1', PYTHONNOUSERSITE='1',
                     PYTHONDONTWRITEBYTECODE='1', DISPLAY=display)
    variables['JYTHONPATH' if stage.runtime.kind == 'jython' else 'PYTHONPATH'] = os.pathsep.join(
        paths)
    variables.pop('WAYLAND_DISPLAY', None)
    return variables


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


def run_contract(stage, guest, display, paths=('tests/contract',), words=()):
    """Runs the contract tests under a guest; the last line, such as '400 passed, 3 skipped'."""
    # PyGObject of Debian 12 has an importer of a kind that Python 3.11 warns of.
    command = python_of(stage) + ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', '-rs',
                                  '-W', 'ignore::ImportWarning']
    done = subprocess.run(
        command + ['--backend', guest.backend] + list(words) + list(paths), cwd=ROOT,
        env=dict(environment(stage, display, guest.folders, pytest=True), **guest.variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TESTS_SECONDS, check=False)
    said = done.stdout.decode('utf-8', 'replace')
    stage.demand(done.returncode == 0, '%s on %s: the tests ended with %d:\n%s', guest.name,
                 command[0], done.returncode, said[-6000:])
    return said.strip().splitlines()[-1]
