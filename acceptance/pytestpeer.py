# Copyright the carryall authors.  See LICENSE.
"""pytest of several generations as a foreign program, each in a folder of its own,
build/pytest-peer-N, with pytest-xdist, for the Python that runs the cases."""
import os
import subprocess
import sys

from acceptance.stage import ROOT, Missing

PINS = {7: ('pytest==7.4.4', 'pytest-xdist==3.6.1'),
        8: ('pytest==8.4.2', 'pytest-xdist==3.8.0'),
        9: ('pytest==9.0.3', 'pytest-xdist==3.8.0')}


def folder_of(version):
    """The folder of that version."""
    return os.path.join(ROOT, 'build', 'pytest-peer-%d' % version)


def is_there(version):
    """True if it was installed."""
    return os.path.isdir(os.path.join(folder_of(version), 'xdist'))


def install(say):
    """Installs those that are missing."""
    for version, pins in sorted(PINS.items()):
        if not is_there(version):
            say('installing %s' % ' '.join(pins))
            subprocess.run([sys.executable, '-m', 'pip', 'install', '--quiet', '--target',
                            folder_of(version)] + list(pins), stdin=subprocess.DEVNULL, check=True)


def command(version, *argv):
    """The command line of pytest, which imports this carryall and its plug-in; Missing if it is
    not there."""
    if not is_there(version):
        raise Missing('pytest %d (admin/accepttests --setup)' % version)
    path = os.pathsep.join([folder_of(version), ROOT])
    # Other plug-ins may be installed beside the Python that runs the cases.
    return ['env', 'PYTHONPATH=' + path, 'PYTHONDONTWRITEBYTECODE=1',
            'PYTEST_DISABLE_PLUGIN_AUTOLOAD=1', sys.executable, '-m', 'pytest', '-q', '-p', 'xdist',
            '-p', 'carryall.pytest_plugin', '-p', 'no:cacheprovider'] + [
                str(word) for word in argv]
