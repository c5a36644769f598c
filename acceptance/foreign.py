# Copyright the carryall authors.  See LICENSE.
"""Foreign programs that cannot simply be installed; all of them go into build/foreign.

These are packages of Python, each in a folder of its own, and unpacked Debian packages that
conflict with others that a case needs.
"""
import glob
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile

from acceptance.stage import ROOT, Missing
from admin.suite import Trouble

FOLDER = os.path.join(ROOT, 'build', 'foreign')
BENCHES = os.path.join(ROOT, 'build', 'bench-env')  # what the benches have installed serves as well
PINS = {'pyftpdlib': ('pyftpdlib==2.2.0', 'pyopenssl'), 'aiosmtpd': ('aiosmtpd==1.4.6',),
        'bottle': ('bottle==0.13.4',), 'django': ('django==5.2.9',), 'flask': ('flask==3.1.3',),
        'starlette': ('starlette==1.10.0',),
        'gunicorn': ('gunicorn==27.0.1',), 'uvicorn': ('uvicorn==0.54.0',),
        'websockets': ('websockets==15.0.1',), 'websocket': ('websocket-client==1.9.2',),
        'dbapi20': ('dbapi-compliance==1.15.0',), 'psycopg': ('psycopg[binary]==3.2.10',),
        'trio': ('trio==0.31.0',),
        'supybot': ('limnoria==2026.10.4',),
        'pydle': ('pydle==1.2.0',), 'irc': ('irc==20.5.0',),
        'exceptiongroup': ('exceptiongroup==1.3.1',), 'uvloop': ('uvloop==0.23.0',),
        'PySide6': ('PySide6-Essentials==6.8.3', 'shiboken6==6.8.3')}


# The fixtures of others, with what their own tests need; their sources have the tests.
SUITES = ('smtpdfix==0.5.3', 'pytest-localftpserver==1.6.0', 'pytest-httpserver==1.2.0')
SUITES_NEED = ('pytest==9.0.3', 'requests==2.34.2', 'pytest-asyncio==1.5.0',
               'pytest-timeout==2.4.0')


def suites():
    """The folder with the packages of SUITES, and the source of each in sources/NAME; Missing if
    they were not installed."""
    folder = os.path.join(FOLDER, 'peer-suites')
    if not os.path.isdir(os.path.join(folder, 'sources')):
        raise Missing('the test suites of other fixtures (admin/accepttests --setup)')
    return folder


def install_suites(say):
    """Installs the packages of SUITES, and unpacks their sources, unless that was done."""
    try:
        suites()
    except Missing:
        say('installing %s' % ', '.join(SUITES))
        pip = [sys.executable, '-m', 'pip', '--quiet']
        with tempfile.TemporaryDirectory() as scratch, _new_folder('peer-suites') as folder:
            _run(pip + ['install', '--target', folder] + list(SUITES + SUITES_NEED))
            _run(pip + ['download', '--no-deps', '--no-binary', ':all:', '--dest', scratch]
                 + list(SUITES))
            for pin in SUITES:
                name, _, version = pin.partition('==')
                stem = '%s-%s' % (name.replace('-', '_'), version)
                with tarfile.open(os.path.join(scratch, stem + '.tar.gz')) as archive:
                    archive.extractall(scratch, filter='data')
                shutil.copytree(os.path.join(scratch, stem), os.path.join(folder, 'sources', name))


def python_path(name):
    """The folder from which a Python package can be imported; Missing if it was not installed."""
    for folder in (os.path.join(FOLDER, name), BENCHES):
        path = os.path.join(folder, name)
        if os.path.isdir(path) or os.path.isfile(path + '.py'):
            return folder
    raise Missing('%s (admin/accepttests --setup)' % name)


def install_python(name, say):
    """Installs a package of PINS, unless that was done."""
    try:
        python_path(name)
    except Missing:
        say('installing %s' % ', '.join(PINS[name]))
        with _new_folder(name) as folder:
            _run([sys.executable, '-m', 'pip', 'install', '--quiet', '--target', folder]
                 + list(PINS[name]))


def unpacked(name):
    """The root folder of what was unpacked under this name; Missing if it was not."""
    folder = os.path.join(FOLDER, name)
    if not os.path.isdir(os.path.join(folder, 'usr')):
        raise Missing('%s (admin/accepttests --setup)' % name)
    return folder


def missing(packages):
    """The Debian packages that are not installed; none on another system than Debian."""
    return [name for name in packages if shutil.which('dpkg') and subprocess.run(
        ['dpkg', '-s', name], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                                        stderr=subprocess.DEVNULL,
        check=False).returncode]


def unpack(name, packages, say):
    """Fetches Debian packages and unpacks them, unless that was done;
    nothing of them is installed or run."""
    try:
        unpacked(name)
    except Missing:
        say('unpacking %s into build/foreign/%s' % (' '.join(packages), name))
        with tempfile.TemporaryDirectory() as scratch, _new_folder(name) as folder:
            # As root apt fetches under a user of its own, which must be able to write here.
            os.chmod(scratch, 0o777)
            try:
                _run(['apt-get', 'download'] + list(packages), cwd=scratch)
            except Trouble:
                _run(['apt-get', 'update'])
                _run(['apt-get', 'download'] + list(packages), cwd=scratch)
            for path in sorted(glob.glob(os.path.join(scratch, '*.deb'))):
                _run(['dpkg', '-x', path, folder])


def _run(argv, cwd=None):
    done = subprocess.run(argv, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        raise Trouble('%s ended with %d:\n%s' % (' '.join(argv), done.returncode,
                                                 done.stdout.decode('utf-8', 'replace')))


class _new_folder:
    """Context: a folder that takes the place of build/foreign/NAME when all went well."""

    def __init__(self, name):
        self._final = os.path.join(FOLDER, name)

    def __enter__(self):
        os.makedirs(FOLDER, exist_ok=True)
        self._folder = tempfile.mkdtemp(prefix='new-', dir=FOLDER)
        os.chmod(self._folder, 0o755)
        return self._folder

    def __exit__(self, kind, value, traceback):
        if kind is None:
            shutil.rmtree(self._final, ignore_errors=True)
            os.rename(self._folder, self._final)
        shutil.rmtree(self._folder, ignore_errors=True)
