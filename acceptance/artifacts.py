# Copyright the carryall authors.  See LICENSE.
"""The artifacts as a case meets them: each is put into a scratch folder away from the checkout, as
its user would have it.

A *side* is one artifact on one runtime.  What a case may ask of one:

    name, artifact      'jar'; 'wheel-pypy', 'wheel'; the sides of the source are called by their
                        runtime alone: 'cpython'
    kind                'cpython', 'pypy' or 'jython': which Python runs there,
                        for limits that differ
    command             words to which a script and its words are added; the script finds carryall
    program(name)       words that start the command ``carryall``, ``mktap``, ``twistd`` ..., in
                        whatever environment
    environ(home)       the whole environment of its processes
"""
import glob
import os
import shutil
import subprocess
import sys

from admin.suite.interpreters import JVM_FLAGS

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MADE = os.path.join(ROOT, 'build', 'artifacts')
INSTALL_SECONDS = 300.0

# Artifact -> (file in build/artifacts, the one runtime it has or None for all, recipes of
# admin/freeze that make it).
ARTIFACTS = {
    'source': (None, None, ()),
    'wheel': ('carryall-*.whl', None, ('wheel',)),
    'binary': ('carryall', 'cpython', ('binary',)),
    'folder': ('carryall-folder', 'cpython', ('folder',)),
    'jar': ('carryall.jar', 'jython', ('jar',)),
    'image': ('carryall-image', 'jython', ('image',)),
    'pypy': ('carryall.pyz', 'pypy', ('pypy',)),
    'deb': ('carryall_*.deb', 'cpython', ('deb',)),
}
LINKED = ('mktap', 'twistd')        # called by the name of a link where an artifact can have links


class NotMade(Exception):
    """The artifact has not been built, or cannot be used here."""


class Side:
    """One artifact on one runtime."""

    def __init__(self, artifact, kind, command, programs, name=None, variables=None, inherit=False):
        self.name = name or artifact
        self.artifact = artifact
        self.kind = kind
        self.command = command
        self._programs = programs               # name -> words
        self._variables = variables or {}
        self._inherit = inherit

    def program(self, name):
        """The words that start one of our commands."""
        return list(self._programs(name))

    def environ(self, home):
        """Of an artifact's processes: nothing but a path and a home, and what tells how to find it,
        if it needs that."""
        base = dict(os.environ) if self._inherit else {'PATH': os.environ['PATH'], 'HOME': home,
                                                       'LANG': 'C.UTF-8'}
        # So that a Python that hangs tells where, when it is sent SIGABRT.
        return dict(base, PYTHONFAULTHANDLER='1', **self._variables)

    def __repr__(self):
        return self.name


def path_of(artifact):
    """The path of the artifact; NotMade if it does not."""
    pattern, _, recipes = ARTIFACTS[artifact]
    found = sorted(glob.glob(os.path.join(MADE, pattern)), key=os.path.getmtime)
    if not found:
        raise NotMade('%s has not been made: admin/freeze %s' % (artifact, ' '.join(recipes)))
    return found[-1]


def sides(artifact, runtimes, folder):
    """The sides of one artifact on those of *runtimes* that it has;
    what has to be installed goes into *folder*."""
    _, only, _ = ARTIFACTS[artifact]
    wanted = [runtime for runtime in runtimes if only in (None, runtime.kind)]
    return [_MAKERS[artifact](runtime, folder) for runtime in wanted]


# -- one maker for each artifact -------------------------------------------------------------------


def _source(runtime, folder):
    variable = 'JYTHONPATH' if runtime.kind == 'jython' else 'PYTHONPATH'
    return Side('source', runtime.kind, list(runtime.command), lambda name: runtime.command
                + [os.path.join(ROOT, 'bin', name)],
                name=runtime.name, variables={variable: ROOT}, inherit=True)


def _wheel(runtime, folder):
    """In an environment of its own on CPython; in a folder on the path where none can be made."""
    where = os.path.join(folder, 'wheel-' + runtime.name)
    name = 'wheel-' + runtime.name
    if runtime.kind == 'cpython' and runtime.version >= (3, 8):
        _run(runtime.command + ['-m', 'venv', where])
        _run([os.path.join(where, 'bin', 'python'), '-m', 'pip', '--disable-pip-version-check',
              '--quiet', 'install', '--no-index', '--no-deps', path_of('wheel')])
        script = os.path.join(where, 'bin', 'carryall')
        return Side('wheel', runtime.kind, [os.path.join(where, 'bin', 'python')],
                    lambda name: _worded([script], name), name)
    _run([sys.executable, '-m', 'pip', '--disable-pip-version-check', '--quiet', 'install',
          '--no-index', '--no-deps', '--target', where, path_of('wheel')])
    variable = 'JYTHONPATH' if runtime.kind == 'jython' else 'PYTHONPATH'
    # The words alone suffice, whatever environment a case starts them in;
    # env(1) becomes what it starts.
    command = ['env', '%s=%s' % (variable, where)] + list(runtime.command)
    return Side('wheel', runtime.kind, command,
                lambda name: _worded(command + ['-m', 'carryall'], name), name)


def _binary(runtime, folder):
    target = _copied('binary', folder)
    return Side('binary', 'cpython', [target, 'run'], lambda name: _linked(target, name))


def _folder(runtime, folder):
    target = os.path.join(_copied('folder', folder), 'carryall')
    return Side('folder', 'cpython', [target, 'run'], lambda name: _linked(target, name))


def _jar(runtime, folder):
    """On a Java that finds no native libraries but those of the jar:
    as on a machine with nothing but Java."""
    target = _copied('jar', folder)
    java = [shutil.which('java')] + list(JVM_FLAGS) + ['-Djava.library.path=' + os.path.join(
        folder, 'none'), '-jar', target]
    return Side('jar', 'jython', java + ['run'], lambda name: _worded(java, name))


def _image(runtime, folder):
    target = os.path.join(_copied('image', folder), 'bin', 'carryall')
    return Side('image', 'jython', [target, 'run'], lambda name: _linked(target, name))


def _pypy(runtime, folder):
    target = _copied('pypy', folder)
    return Side('pypy', 'pypy', list(runtime.command), lambda name: _worded([target], name), 'pyz',
                {'PYTHONPATH': target})


def _deb(runtime, folder):
    """Unpacked, not installed: the machine stays as it is.  It runs on the system's own Python."""
    if not shutil.which('dpkg-deb') or not os.path.exists('/usr/bin/python3'):
        raise NotMade('this is not a Debian')
    root = os.path.join(folder, 'deb')
    _run(['dpkg-deb', '-x', path_of('deb'), root])
    packages = os.path.join(root, 'usr', 'lib', 'python3', 'dist-packages')
    # As py3compile does when it is installed.
    _run(['/usr/bin/python3', '-m', 'compileall', '-q', packages])
    links = os.path.join(root, 'usr', 'lib', 'carryall', 'bin')
    script = os.path.join(root, 'usr', 'bin', 'carryall')
    return Side('deb', 'cpython', ['/usr/bin/python3'],
                lambda name: [os.path.join(links, name)] if name in LINKED
                else _worded([script], name),
                variables={'PYTHONPATH': packages})


_MAKERS = {'source': _source, 'wheel': _wheel, 'binary': _binary, 'folder': _folder, 'jar': _jar,
           'image': _image, 'pypy': _pypy, 'deb': _deb}


# -- small things ----------------------------------------------------------------------------------


def _worded(words, name):
    return words if name == 'carryall' else words + [name]


def _linked(target, name):
    """By a link beside the program; by its word for a name that has no link."""
    if name not in LINKED:
        return _worded([target], name)
    link = os.path.join(os.path.dirname(target), name)
    try:
        os.symlink(os.path.basename(target), link)
    except FileExistsError:
        pass
    return [link]


def _copied(artifact, folder):
    source = path_of(artifact)
    target = os.path.join(folder, os.path.basename(source))
    if not os.path.exists(target):
        if os.path.isdir(source):
            shutil.copytree(source, target, symlinks=True)
        else:
            shutil.copy2(source, target)
    return target


def _run(command):
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=INSTALL_SECONDS, check=False,
                              cwd='/')
    except (OSError, subprocess.SubprocessError) as exc:
        raise NotMade('%s: %s' % (' '.join(command), exc))
    if done.returncode:
        raise NotMade('%s ended with status %d:\n%s' % (' '.join(command), done.returncode,
                                                        done.stdout.decode('utf-8', 'replace')))
