# Copyright the carryall authors.  See LICENSE.
"""Names of every kind, in every locale: listed, looked at, opened, made and removed."""
from __future__ import absolute_import, division, print_function

import os
import stat
import subprocess
import sys

import pytest

from carryall import runtimes  # noqa: F401  provides the JVM's way
from carryall.core.files import octetpaths
from carryall.core.compat import to_bytes
from carryall.core.files.plainfile import NotPlain, opened

NAMES = [b'plain.txt', b'gr\xc3\xbcn.txt', b'caf\xe9.txt', b'\xff\xfe', b'a b%41+c.txt',
         b'\xf0\x9f\x98\x80']
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

# Makes each name, serves it from a tree, and tells what it saw.
SCRIPT = '''\
import sys
from carryall import runtimes
from carryall.core.compat import to_bytes
from carryall.services.web.tree import FileTree

root = to_bytes(sys.argv[1])
tree = FileTree(root, symlinks=sys.argv[2])
names = sorted(name for name, _ in tree.entries([])[0])
for name in names:
    before = tree.locate([name])
    source, located = tree.open(before)
    assert source.read(100) == name, name
    assert located.identity == before.identity, name
    source.close()
sys.stdout.write('%d names\\n' % len(names))
'''


@pytest.fixture
def folder(tmpdir):
    """A folder with a file of each name, whose content is its name."""
    tmpdir.mkdir('site')
    made = subprocess.Popen(['sh', '-c', 'cd "$0" && for name; do printf "$name" > "$(printf '
                                         '"$name")"; done', str(tmpdir.join('site'))]
                            + [''.join('\\%03o' % value for value in bytearray(name))
                               for name in NAMES])
    assert made.wait() == 0
    return to_bytes(str(tmpdir.join('site')))


def test_all_names_are_listed(folder):
    assert sorted(octetpaths.system.listdir(folder)) == sorted(NAMES)


@pytest.mark.parametrize('name', NAMES)
def test_a_name_is_looked_at_opened_and_removed(folder, name):
    path = folder + b'/' + name
    assert stat.S_ISREG(octetpaths.system.lstat(path).st_mode)
    source, status = opened(path)
    with source:
        assert source.read() == name
        assert status.st_size == len(name)
        assert status.st_mtime == octetpaths.system.stat(path).st_mtime
        source.seek(1)
        assert source.read(1) == name[1:2]
    octetpaths.system.rename(path, path + b'.new')
    octetpaths.system.chmod(path + b'.new', 0o640)
    octetpaths.system.utime(path + b'.new', (1000000000, 1000000000))
    status = octetpaths.system.stat(path + b'.new')
    assert (stat.S_IMODE(status.st_mode), int(status.st_mtime)) == (0o640, 1000000000)
    octetpaths.system.unlink(path + b'.new')
    assert name not in octetpaths.system.listdir(folder)


@pytest.mark.parametrize('name', NAMES)
def test_a_folder_of_any_name_is_made_entered_and_removed(tmpdir, name):
    path = to_bytes(str(tmpdir)) + b'/' + name
    octetpaths.system.mkdir(path, 0o755)
    assert octetpaths.system.listdir(path) == []
    with pytest.raises(NotPlain):
        opened(path)
    octetpaths.system.rmdir(path)
    with pytest.raises(OSError):
        octetpaths.system.stat(path)


@pytest.mark.parametrize('target', [b'plain.txt', b'caf\xe9.txt', b'/gr\xc3\xbcn', b'../x'])
def test_the_text_of_a_link_is_exact(tmpdir, target):
    path = os.path.join(str(tmpdir), 'link')
    made = subprocess.Popen(['sh', '-c', 'ln -s "$(printf "$1")" "$0"', path,
                             ''.join('\\%03o' % value for value in bytearray(target))])
    assert made.wait() == 0
    assert octetpaths.system.readlink(to_bytes(path)) == target


@pytest.mark.limit(60)
@pytest.mark.parametrize('locale', ['C', 'POSIX', 'C.UTF-8'])
@pytest.mark.parametrize('symlinks', ['follow', 'owner'])
def test_a_tree_has_every_name_in_every_locale(folder, tmpdir, locale, symlinks):
    script = tmpdir.mkdir('program').join('script.py')
    script.write(SCRIPT)
    environment = dict(os.environ, LC_ALL=locale, PYTHONPATH=ROOT, JYTHONPATH=ROOT)
    child = subprocess.Popen([sys.executable, str(script), str(tmpdir.join('site')), symlinks],
                             env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    output, errors = child.communicate()
    assert (child.returncode, output) == (0, b'%d names\n' % len(NAMES)), errors
