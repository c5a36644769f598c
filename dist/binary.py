# Copyright the carryall authors.  See LICENSE.
"""The frozen programs, made by PyInstaller from the installed wheel.

They are carryall, carryall-folder/, and one program for each type of server that wants it.

Which modules go in is read from the wheel and from carryall's own tables, never guessed at when the
program runs.  One file unpacks itself into a temporary folder at each start and removes that at its
end; the folder starts at once.  Needed where it runs: a Linux with the C library of the machine it
was built on, or a newer one.
"""
import os
import re
import shutil

from admin.catalogue import manifests
from carryall.commands.catalogue import TYPES
from dist import OUT, ROOT
from dist.archives import write_file
from dist.tools import fresh, need, python, run
from dist.wheel import contents, make as make_wheel

SPEC = os.path.join(ROOT, 'dist', 'carryall.spec')

# Nothing here imports it, but programs of `carryall run` do (doc/examples/pb/sqlite_server.py).
FOR_PROGRAMS = ('sqlite3',)
# Beginnings of the names of modules: those that run nowhere here, and those of every program.
NOT_FROZEN = ('carryall.runtimes.jvm', 'carryall.core.testing', 'carryall.pytest_plugin')
IN_EACH = ('carryall.app', 'carryall.core', 'carryall.runtimes')

MAIN = """# Copyright the carryall authors.  See LICENSE.
import os
import sys

if os.environ.get('PYTHONFAULTHANDLER'):        # a frozen Python heeds no such variable by itself
    import faulthandler
    faulthandler.enable()

# What the start of a frozen program leaves behind is not for the programs that it starts (CGI
# scripts, a daemon): the path of the libraries in here, and that a second start of the same file
# may use this one's unpacked files.
if 'LD_LIBRARY_PATH_ORIG' in os.environ:
    os.environ['LD_LIBRARY_PATH'] = os.environ.pop('LD_LIBRARY_PATH_ORIG')
else:
    os.environ.pop('LD_LIBRARY_PATH', None)
os.environ['PYINSTALLER_RESET_ENVIRONMENT'] = '1'

from carryall.commands.main import main, words_of
from carryall.runtimes.host.daemon import end_with_loader

end_with_loader()
if __name__ == '__main__':
    sys.exit(main(%s))
"""


def make():
    """carryall, one file with every type; its path."""
    return _freeze('carryall', MAIN % 'words_of(sys.argv)', modules(), True)


def make_folder():
    """carryall-folder/carryall, the same unpacked; the folder's path."""
    return _freeze('carryall', MAIN % 'words_of(sys.argv)', modules(), False)


def make_servers():
    """A program for each type that a manifest wants frozen; their paths."""
    return [_freeze('carryall-' + name, MAIN % ("['serve', '%s'] + sys.argv[1:]" % name),
                    modules(name), True)
            for name in sorted(servers())]


def modules(only=None):
    """The modules to take: all that can run here.

    Args:     only: the one type of service to take; None for all.
    """
    names = []
    for path, data in contents():
        if not path.endswith('.py'):
            continue
        name = re.sub(r'(/__init__)?\.py$', '', path).replace('/', '.')
        if not name.startswith(NOT_FROZEN):
            names.append(name)
    if only is None:
        return names + list(FOR_PROGRAMS)
    # The protocols and services that one type uses are found by following its own imports.
    type_module = dict((row[0], row[1]) for row in TYPES)[only]
    wanted = (type_module, 'carryall.commands.serve')
    return [name for name in names if name.startswith(IN_EACH) or name in wanted]


def servers():
    """Name of a type to BinaryEntry, for each program of its own that a manifest wants."""
    return {entry.type: entry for _, manifest in manifests.read() for entry in manifest.binaries}


def _freeze(name, main, names, one_file):
    build = python()
    need('objdump', 'binutils')
    run([build, '-m', 'pip', '--disable-pip-version-check', '--quiet', 'install', '--no-deps',
         '--no-index', '--force-reinstall', make_wheel()])
    folder = fresh('binary', name if one_file else name + '-folder')
    entry = os.path.join(folder, 'main.py')
    write_file(entry, main.encode('utf-8'))
    run([build, '-m', 'PyInstaller', '--noconfirm', '--log-level', 'WARN',
         '--distpath', os.path.join(folder, 'out'), '--workpath', os.path.join(folder, 'work'),
         SPEC], folder,
        CARRYALL_ENTRY=entry, CARRYALL_NAME=name,
        CARRYALL_MODULES=' '.join(names), CARRYALL_ONE_FILE='1' if one_file else '0',
        PYINSTALLER_CONFIG_DIR=os.path.join(folder, 'config'))
    made = name if one_file else name + '-folder'
    target = os.path.join(OUT, made)
    if os.path.isdir(target):
        shutil.rmtree(target)
    os.replace(os.path.join(folder, 'out', made), target)
    # That a module is missing shows here, and not at a user's.
    run([target if one_file else os.path.join(target, name), '--help'], folder)
    return target
