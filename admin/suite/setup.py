# Copyright the carryall authors.  See LICENSE.
"""Installs missing programs: runtimes as Debian packages (as root),
pytest and the tools into private folders.

A private folder (``build/test-env/NAME``) is made next to its final place and moved there when it
is complete.  It holds the pins that it was made from, so a folder that is right is left alone.
"""
import contextlib
import fcntl
import glob
import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile

from admin.suite import ENVIRONMENTS, ROOT, Trouble
from admin.suite import classarchive, interpreters, javas, pins

PACKAGES = {'pypy': ('pypy3',), 'jython': ('jython', 'default-jre-headless')}
# The folders whose files run on each runtime.
COMPILED = ('core', 'runtimes', 'protocols', 'app', 'services', 'apps', 'commands',
            'tests')
STAMP = 'pins.txt'
# Drivers of databases for Jython: jar, and the package that has it
DRIVERS = (('/usr/share/java/sqlite-jdbc.jar', 'libxerial-sqlite-jdbc-java'),
           ('/usr/share/java/h2.jar', 'libh2-java'),
           ('/usr/share/java/postgresql.jar', 'libpostgresql-jdbc-java'))
PIP = (sys.executable, '-m', 'pip', '--disable-pip-version-check', '--quiet', '--no-input')


def folder_for(runtime):
    """The private folder with the pytest of *runtime*;
    None if that or its Java has not been made."""
    if runtime.name in javas.JAVAS and not javas.is_ready(runtime.name):
        return None
    name, wanted = pins.pytest_for(runtime.version)
    return ready(name, wanted)


def tools(name):
    """The private folder with the tools called *name*; None if it has not been made."""
    return ready(_tools_folder(name), pins.TOOLS[name])


def install_runtimes(missing, say):
    """Installs the kinds of runtimes in *missing* as Debian packages;
    returns whether anything was installed."""
    packages = [package for kind in missing for package in PACKAGES.get(kind, ())]
    if not packages or not _can_apt():
        return False
    say('installing %s' % ' '.join(packages))
    apt_install(packages)
    return True


def install_drivers(say):
    """Installs the drivers of databases that tests on Jython use, as Debian packages."""
    packages = [package for jar, package in DRIVERS if not os.path.exists(jar)]
    if packages and _can_apt():
        say('installing %s' % ' '.join(packages))
        apt_install(packages)


def install_pytest(runtime, say):
    """Makes the private folder with the pytest of *runtime*, unless it is there."""
    if runtime.name in javas.JAVAS:
        javas.install(runtime.name, _pip)
    name, wanted = pins.pytest_for(runtime.version)
    with alone(name):
        if not ready(name, wanted):
            _install_pytest(runtime, name, wanted, say)


def _install_pytest(runtime, name, wanted, say):
    say('installing %s for %s into build/test-env/%s' % (wanted[0], runtime.name, name))
    with new_folder(name, wanted) as folder:
        install_wheels(folder, runtime, False, wanted)
        if runtime.version == (2, 7):
            take_out_of_source(folder, *pins.SOURCE_2_7)


def install_wheels(folder, runtime, compiled, wanted):
    """Installs wheels for the version of *runtime*; pip need not exist for it.

    Args:     compiled: take those with compiled parts for this machine, or those without.
    """
    kind = () if compiled else ('--abi', 'none', '--platform', 'any')
    _pip('install', '--no-deps', '--only-binary=:all:', '--implementation',
         'cp' if compiled else 'py', '--python-version', '%d.%d' % runtime.version, '--target',
         folder, *(kind + tuple(wanted)))


def shorten_starts(runtime, say):
    """Prepares quick starts of Jython; returns the runtime as it is started then."""
    if runtime.name != 'jython' or not runtime.jar:
        return runtime
    with alone('jython'):
        if not classarchive.java():
            say('archiving the classes of Jython')
            classarchive.install(runtime.jar, runtime.command[1:])
    return next(each for each in interpreters.find() if each.name == 'jython')


def compile_source(runtime, say):
    """Compiles the source for *runtime*: else each of the hundreds of processes that a run starts
    would do so again.

    Python does by itself what it imports, unless the environment forbids it; several at once on
    Jython read what another has half written.
    """
    say('compiling for %s' % runtime.name)
    status, said = _run(runtime.command + ['-m', 'compileall', '-q', '-x', r'_py3\.py$']
                        + [os.path.join(ROOT, each) for each in COMPILED],
                        dict(os.environ))
    if status:
        raise Trouble('%s cannot compile the source:\n%s' % (runtime.name, said))


def install_tools(name, say):
    """Makes the private folder with the tools called *name*, unless it is there;
    returns the folder."""
    wanted = pins.TOOLS[name]
    with alone(_tools_folder(name)):
        if not tools(name):
            say('installing %s into build/test-env/%s' % (', '.join(wanted), _tools_folder(name)))
            with new_folder(_tools_folder(name), wanted) as folder:
                _pip('install', '--target', folder, *wanted)
    return tools(name)


def apt_install(packages):
    """Installs Debian packages; the package lists are fetched only if it does not work without."""
    environment = dict(os.environ, DEBIAN_FRONTEND='noninteractive')
    install = ['apt-get', 'install', '-y', '--no-install-recommends'] + list(packages)
    with alone('apt'):              # apt-get fails while another of our commands runs it
        status, said = _run(install, environment)
        if status:
            _run(['apt-get', 'update'], environment)
            status, said = _run(install, environment)
    if status:
        raise Trouble('apt-get could not install %s:\n%s' % (' '.join(packages), said))


@contextlib.contextmanager
def alone(name):
    """Waits while another of our commands is in such a context of the same *name*."""
    os.makedirs(ENVIRONMENTS, exist_ok=True)
    with open(os.path.join(ENVIRONMENTS, name + '.lock'), 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _can_apt():
    return hasattr(os, 'geteuid') and os.geteuid() == 0 and shutil.which('apt-get')


def _tools_folder(name):
    # They have compiled parts: for this Python alone.
    return 'tools-%s-%d.%d' % ((name,) + sys.version_info[:2])


def ready(name, wanted):
    """The private folder of that name, if it was made from these pins; else None."""
    folder = os.path.join(ENVIRONMENTS, name)
    try:
        with open(os.path.join(folder, STAMP)) as stamp:
            return folder if stamp.read().split() == list(wanted) else None
    except OSError:
        return None


class new_folder:
    """Context: a temporary folder that takes the place of build/test-env/NAME when all went
    well."""

    def __init__(self, name, wanted):
        self._final = os.path.join(ENVIRONMENTS, name)
        self._wanted = wanted

    def __enter__(self):
        os.makedirs(ENVIRONMENTS, exist_ok=True)
        self._folder = tempfile.mkdtemp(prefix='new-', dir=ENVIRONMENTS)
        return self._folder

    def __exit__(self, kind, value, traceback):
        if kind is None:
            with open(os.path.join(self._folder, STAMP), 'w') as stamp:
                stamp.write('\n'.join(self._wanted) + '\n')
            os.chmod(self._folder, 0o755)
            shutil.rmtree(self._final, ignore_errors=True)
            os.rename(self._folder, self._final)
        shutil.rmtree(self._folder, ignore_errors=True)


def take_out_of_source(folder, pin, member):
    """Puts *member*, a file or a folder, of the source distribution *pin* into *folder*."""
    with tempfile.TemporaryDirectory() as scratch:
        _pip('download', '--no-deps', '--no-binary=:all:', '--dest', scratch, pin)
        with tarfile.open(glob.glob(os.path.join(scratch, '*.tar.gz'))[0]) as archive:
            archive.extractall(scratch, filter='data')
        shutil.move(os.path.join(scratch, pin.replace('==', '-'), member), folder)


def _pip(*arguments):
    if importlib.util.find_spec('pip') is None:
        if not _can_apt() or not sys.executable.startswith('/usr/bin/'):
            raise Trouble('%s has no pip, which --setup needs.' % sys.executable)
        apt_install(['python3-pip', 'python3-venv'])
    status, said = _run(PIP + arguments, dict(os.environ))
    if status:
        raise Trouble('pip %s failed:\n%s' % (' '.join(arguments), said))


def _run(command, environment):
    """(exit status, all that it wrote) of a command without input."""
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.returncode, done.stdout.decode('utf-8', 'replace')
