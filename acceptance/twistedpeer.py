# Copyright the carryall authors.  See LICENSE.
"""Twisted as a foreign program: in a folder of its own, build/pb-peer,
for the Python that runs the cases."""
import os
import subprocess
import sys

from acceptance.stage import ROOT, Missing

FOLDER = os.path.join(ROOT, 'build', 'pb-peer')
PIN = 'twisted==26.10.0'


def is_there():
    """True if it was installed."""
    return os.path.isdir(os.path.join(FOLDER, 'twisted'))


def install(say):
    """Installs it, unless that was done."""
    if not is_there():
        say('installing %s' % PIN)
        subprocess.run([sys.executable, '-m', 'pip', 'install', '--quiet', '--target', FOLDER, PIN],
                       stdin=subprocess.DEVNULL, check=True)


def command(*argv):
    """The command line of a Python program that imports Twisted; Missing if it cannot."""
    if not is_there():
        raise Missing('Twisted (admin/accepttests --setup)')
    return ['env', 'PYTHONPATH=' + FOLDER, sys.executable] + [str(word) for word in argv]


def script(stage, name, *args):
    """Starts a program of acceptance/peers under Twisted."""
    return stage.launch(command(os.path.join(ROOT, 'acceptance', 'peers', name), *args),
                        foreign=True)


def twistd(stage, name, *args):
    """Starts Twisted's own twistd in the foreground."""
    return stage.launch(command(os.path.join(FOLDER, 'bin', 'twistd'), '--nodaemon',
                                '--pidfile=' + stage.path(name + '.pid'), *args),
                        foreign=True)
