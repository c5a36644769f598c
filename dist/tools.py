# Copyright the carryall authors.  See LICENSE.
"""The tools of the recipes: a private Python with exact versions in build/, and other programs.

All files get one date.
"""
import os
import shutil
import subprocess
import sys

from admin.suite.setup import apt_install
from dist import ROOT, WORK, Trouble
from dist.archives import FIRST_ZIP_SECOND

# Exact, so that a build can be repeated.
PINS = ('setuptools==84.2.1', 'pyinstaller==6.22.3', 'pyinstaller-hooks-contrib==2026.9',
        'altgraph==0.17.5', 'packaging==26.3')
# Beginnings of variables that no build step sees.
UNWANTED = ('PYTHON', 'JYTHON', 'CARRYALL_', 'JAVA_TOOL', 'JDK_JAVA', 'PYINSTALLER', 'CLASSPATH')
STAMP = 'pins.txt'
RUN_SECONDS = 900.0


def say(text):
    """One line of progress."""
    print(text, flush=True)


def epoch():
    """The date of every file, in seconds since 1970.

    It is SOURCE_DATE_EPOCH, or else the last commit's, or else 1980.
    """
    given = os.environ.get('SOURCE_DATE_EPOCH')
    if given:
        return int(given)
    done = subprocess.run(['git', 'log', '-1', '--format=%ct'], cwd=ROOT, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return int(done.stdout) if done.returncode == 0 and done.stdout.strip() else FIRST_ZIP_SECOND


def clean_environment(**more):
    """The environment of every build step.

    It has nothing that changes what is built, and nothing of a checkout.
    """
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(UNWANTED)}
    kept.update(PYTHONHASHSEED='0', SOURCE_DATE_EPOCH=str(epoch()), LC_ALL='C.UTF-8', TZ='UTC')
    kept.update(more)
    return kept


def run(command, folder=None, status=0, **environment):
    """Runs a program to its end; what it said.  Trouble if it ends with another status."""
    try:
        done = subprocess.run(command, cwd=folder or WORK, env=clean_environment(**environment),
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=RUN_SECONDS, check=False)
    except OSError as exc:
        raise Trouble('%s cannot be started: %s' % (command[0], exc.strerror))
    except subprocess.TimeoutExpired:
        raise Trouble('%s took more than %d s' % (' '.join(command), RUN_SECONDS))
    said = done.stdout.decode('utf-8', 'replace')
    if done.returncode != status:
        raise Trouble('%s ended with status %d:\n%s' % (' '.join(command), done.returncode, said))
    return said


def need(program, package):
    """The path of a program.

    If it is missing, its Debian package is installed where that can be done.
    """
    found = shutil.which(program)
    if found is None and hasattr(os, 'geteuid') and os.geteuid() == 0 and shutil.which('apt-get'):
        say('installing %s' % package)
        apt_install([package])
        found = shutil.which(program)
    if found is None:
        raise Trouble('%s is missing; it is in the Debian package %s' % (program, package))
    return found


def python():
    """The Python that builds: an environment of its own in build/freeze, with PINS in it."""
    folder = os.path.join(WORK, 'python-%d.%d' % sys.version_info[:2])
    path = os.path.join(folder, 'bin', 'python')
    stamp = os.path.join(folder, STAMP)
    if os.path.exists(stamp):
        with open(stamp) as file:
            if file.read().split() == list(PINS):
                return path
    say('making %s with %s' % (os.path.relpath(folder, ROOT), ', '.join(PINS[:2])))
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(WORK, exist_ok=True)
    run([sys.executable, '-m', 'venv', folder])
    run([path, '-m', 'pip', '--disable-pip-version-check', '--quiet', '--no-input', 'install',
         '--no-deps'] + list(PINS))
    with open(stamp, 'w') as file:
        file.write('\n'.join(PINS) + '\n')
    return path


def fresh(*parts):
    """An empty folder in build/freeze."""
    folder = os.path.join(WORK, *parts)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    return folder
