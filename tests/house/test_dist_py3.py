# Copyright the carryall authors.  See LICENSE.
"""The recipes in dist/: archives are the same bytes each time, and what is read out of the source
is what the source says."""
import gzip
import io
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import zipfile

import pytest

from carryall.commands.catalogue import TYPES, known_types
from dist import ROOT, archives, binary, deb, jar, main, measure

FILES = [('b/two.txt', b'2', False), ('a', b'1' * 1000, True)]
DATE = 1600000000


@pytest.fixture(autouse=True)
def only_once(house_runtime):
    """About the tools, not about the interpreter."""
    house_runtime()


def test_zip_is_reproducible(tmp_path):
    """The bytes are the same at any time and place. They hold modes, and a first line if the
    archive is a program."""
    for name in ('one', 'two'):
        archives.write_zip(str(tmp_path / name), FILES, DATE, b'#!/bin/x\n')
        os.utime(str(tmp_path / name), (1, 1))
    data = (tmp_path / 'one').read_bytes()
    assert data == (tmp_path / 'two').read_bytes() and data.startswith(b'#!/bin/x\n')
    assert os.access(str(tmp_path / 'one'), os.X_OK)
    with zipfile.ZipFile(str(tmp_path / 'one')) as archive:
        assert archive.read('a') == b'1' * 1000
        assert archive.getinfo('a').date_time == (2020, 9, 13, 12, 26, 40)
        assert [info.external_attr >> 16 for info in archive.infolist()] == [0o100644, 0o100755]
    assert archives.read_zip(str(tmp_path / 'one')) == sorted(FILES)


def test_zip_before_its_time(tmp_path):
    """A zip knows no date before 1980."""
    archives.write_zip(str(tmp_path / 'one'), FILES, 0)
    assert zipfile.ZipFile(str(tmp_path / 'one')).getinfo('a').date_time[0] == 1980


def test_a_tar_is_sorted_and_owned_by_root():
    """Entries are sorted, folders included, owned by root; links stay links."""
    data = archives.tar_bytes(FILES + [('b/link', 'two.txt', None)], DATE)
    assert data == archives.tar_bytes([('b/link', 'two.txt', None)] + FILES[::-1], DATE)
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        members = archive.getmembers()
        assert [member.name for member in members] == ['a', 'b', 'b/link', 'b/two.txt']
        assert {(member.uid, member.gid, member.uname, member.mtime) for member in members} \
            == {(0, 0, 'root', DATE)}
        assert [oct(member.mode) for member in members] == ['0o755', '0o755', '0o777', '0o644']
        assert members[2].issym() and members[2].linkname == 'two.txt'
    packed = archives.gzip_bytes(data, DATE)
    assert packed == archives.gzip_bytes(data, DATE) and gzip.decompress(packed) == data


def test_an_ar_has_the_form_of_a_package():
    """The form of a Debian package, odd lengths filled up."""
    data = archives.ar_bytes([('debian-binary', b'2.0\n'), ('x', b'abc')], DATE)
    assert data.startswith(b'!<arch>\ndebian-binary   1600000000  0     0     100644  4         '
                           b'`\n2.0\n')
    assert data.endswith(b'`\nabc\n') and len(data) % 2 == 0


def test_a_folder_is_read_with_its_modes(tmp_path):
    """The entries of a folder: names, bytes, the executable bit, links."""
    archives.write_file(str(tmp_path / 'sub' / 'file'), b'x', True)
    os.symlink('sub', str(tmp_path / 'link'))
    assert archives.read_folder(str(tmp_path)) == [('link', 'sub', None), ('sub/file', b'x', True)]


def test_every_server_that_is_frozen_is_a_type():
    assert set(binary.servers()) <= {name for name, _, _ in TYPES}


def test_some_servers_are_frozen():
    assert 'web' in binary.servers()


def test_each_recipe_has_a_function():
    """Each row of the command's table leads to a function."""
    for _, module, function, _ in main.RECIPES:
        assert callable(getattr(__import__(module, None, None, [function]), function))


@pytest.mark.parametrize('name, dropped', [
    ('META-INF/BC.SF', True), ('META-INF/services/x.Y', False), ('META-INF/MANIFEST.MF', True),
    ('module-info.class', True),
    ('META-INF/versions/9/module-info.class', True), ('META-INF/versions/9/a/B.class', False),
    ('com/ibm/icu/impl/data/icudt72b/coll/de.res', True),
    ('com/ibm/icu/impl/data/icudt72b/uprops.icu', False),
    ('Lib/test/x.py', True), ('Lib/email/test/y.py', True), ('Lib/email/header.py', False),
    ('Lib/unittest/case.py', False)])
def test_a_jar_leaves_signatures_and_tests_out(name, dropped):
    """Signatures and tests; never what announces a service."""
    assert bool(jar.DROP.match(name)) is dropped


def test_class_files_for_the_archive():
    """Java 5 becomes Java 6; everything else stays."""
    old = b'\xca\xfe\xba\xbe\0\0\0\x31rest'
    assert jar._for_archive('a.class', old) == b'\xca\xfe\xba\xbe\0\0\0\x32rest'
    new = b'\xca\xfe\xba\xbe\0\0\0\x3drest'
    assert jar._for_archive('a.class', new) == new
    assert jar._for_archive('a.txt', old) == old


def test_modules_on_the_class_path():
    """Each module is a class of its name; a package is also where Jython's importer of the class
    path looks; both are listed."""
    found = jar.on_class_path({'Lib/os$py.class': b'1', 'Lib/a/__init__$py.class': b'2',
                               'Lib/a/b$py.class': b'3', 'Lib/a/c.txt': b'4'})
    assert found.pop('META-INF/services/org.python.core.JythonInitializer') \
        == b'org.carryall.Start\n'
    assert found.pop('org/carryall/modules') == b'a.b\na/\nos\n'
    assert found == {'os$py.class': b'1', 'a$py.class': b'2', 'a/__init__$py.class': b'2',
                     'a/b$py.class': b'3', 'Lib/a/c.txt': b'4'}


def test_classes_that_are_loaded_ahead():
    """In the order of the list, which begins with a module and names none twice;
    only what the jar has."""
    with open(jar.AHEAD_LIST) as file:
        names = file.read().split()
    assert names[0] == jar.FIRST_AHEAD and len(names) == len(set(names)) > 1000
    three = [names[700], names[3], names[0]]
    parts = {name.replace('.', '/') + '.class': b'' for name in three}
    assert jar._ahead(parts).decode() == ''.join(name + '\n' for name in reversed(three))


def test_package_is_one_for_dpkg(tmp_path, monkeypatch):
    """dpkg-deb reads what our recipe writes."""
    if not shutil.which('dpkg-deb'):
        pytest.skip('there is no dpkg-deb')
    monkeypatch.setattr(deb, 'OUT', str(tmp_path))
    monkeypatch.setattr(deb, '_files', lambda: [('usr/bin/carryall', b'#!/bin/sh\n', True),
                                                ('usr/bin/mktap', 'carryall', None)])
    path = deb.make()
    said = subprocess.run(['dpkg-deb', '--field', path], stdout=subprocess.PIPE,
                          check=True).stdout.decode()
    assert 'Package: carryall\n' in said and 'Installed-Size: 1\n' in said
    said = subprocess.run(['dpkg-deb', '--contents', path], stdout=subprocess.PIPE,
                          check=True).stdout.decode()
    assert './usr/bin/mktap -> carryall' in said and '-rwxr-xr-x root/root' in said


# What the launcher starts in these tests: notes its words,
# and does what a Java does that is asked for an archive.
JAVA = """#!/bin/sh
printf '%s\\n' "$@" >"$CARRYALL_TEST_WORDS"
case "$1" in -XX:ArchiveClassesAtExit=*) ;; *) exit 0 ;; esac
if [ "$CARRYALL_TEST_JAVA" = old ]; then
    echo "Unrecognized VM option 'ArchiveClassesAtExit=x'"
    exit 1
fi
trap '[ "$CARRYALL_TEST_JAVA" = bare ] || echo whole >"${1#*=}"; exit 0' TERM
echo $$ >"$CARRYALL_TEST_WORDS.pid"
[ "$CARRYALL_TEST_JAVA" = slow ] || echo listening: http
while :; do sleep 0.05; done
"""


class Launcher(object):
    """carryall.sh in a folder with a space in its name, with a Java that only takes notes."""

    def __init__(self, folder):
        self.folder = folder / 'a folder'
        os.makedirs(str(self.folder))
        self.script = str(self.folder / 'carryall.sh')
        self.archive = self.folder / 'carryall.jsa'
        self.words = folder / 'words'
        shutil.copy2(jar.LAUNCHER, self.script)
        archives.write_file(str(folder / 'home' / 'bin' / 'java'), JAVA.encode('ascii'), True)
        self.variables = {'PATH': os.environ['PATH'], 'JAVA_HOME': str(folder / 'home'),
                          'CARRYALL_TEST_WORDS': str(self.words)}

    def start(self, *words, **variables):
        """The launcher's process, at the head of its own group, as a terminal starts it."""
        return subprocess.Popen([self.script] + list(words), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                env=dict(self.variables, **variables), start_new_session=True)

    def run(self, *words, **variables):
        """(status, what it said, the words that Java got)."""
        with self.start(*words, **variables) as child:
            said = child.communicate(timeout=60)[0].decode()
            return child.returncode, said, self.words.read_text().split('\n')[:-1]


def test_launcher_of_the_jar(tmp_path):
    """Java gets the jar, the words as they were, and options that any Java knows; the archive only
    where there is one."""
    launcher = Launcher(tmp_path)
    status, said, words = launcher.run('web', '--path', 'a b', CARRYALL_JAVA_OPTIONS='-Xmx1g -Da=b')
    assert (status, said) == (0, '')
    assert words[words.index('-jar'):] == ['-jar', str(launcher.folder / 'carryall.jar'), 'web',
                                           '--path', 'a b']
    assert '-Dcarryall.name=carryall' in words and '-Da=b' in words and words.index(
        '-Xmx1g') > words.index('-Xmx256m')
    assert not [word for word in words if 'SharedArchive' in word]
    launcher.archive.write_text('x')
    words = launcher.run('web')[2]
    assert '-XX:SharedArchiveFile=%s' % launcher.archive in words
    # Java 11 has no log cds+dynamic, and ends when it is asked to keep that quiet.
    assert [word for word in words if word.startswith('-Xlog')] == ['-Xlog:cds*=off']


def test_archive_of_the_jar(tmp_path):
    """The archive is put in its place whole, and nothing lies beside it;
    one that is there is replaced."""
    launcher = Launcher(tmp_path)
    launcher.archive.write_text('old')
    os.chmod(str(launcher.archive), 0o444)
    assert launcher.run('--archive')[:2] == (0, '%s\n' % launcher.archive)
    assert launcher.archive.read_text() == 'whole\n'
    assert sorted(os.listdir(str(launcher.folder))) == ['carryall.jsa', 'carryall.sh']


@pytest.mark.parametrize('java, told', [('old', 'makes no such archive; Java 13 and newer do'),
                                        ('bare', 'wrote no archive')])
def test_java_that_makes_no_archive(tmp_path, java, told):
    """One line says why; the archive that was there stays, and nothing else is left."""
    launcher = Launcher(tmp_path)
    launcher.archive.write_text('old')
    status, said, _ = launcher.run('--archive', CARRYALL_TEST_JAVA=java)
    assert status == 1 and told in said and said.count('\n') == 1
    assert launcher.archive.read_text() == 'old'
    assert sorted(os.listdir(str(launcher.folder))) == ['carryall.jsa', 'carryall.sh']


def test_archive_is_interrupted(tmp_path):
    """Ctrl-C while the archive is made: Java, which the shell starts deaf to it, is ended, and what
    was begun is removed."""
    launcher = Launcher(tmp_path)
    note = tmp_path / 'words.pid'
    with launcher.start('--archive', CARRYALL_TEST_JAVA='slow') as child:
        while not (note.exists() and note.read_text().endswith('\n')):
            assert child.poll() is None
        os.killpg(child.pid, signal.SIGINT)
        child.communicate(timeout=60)
        assert child.returncode == 1
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)
    assert os.listdir(str(launcher.folder)) == ['carryall.sh']


@pytest.mark.parametrize('name', sorted(binary.servers()))
def test_a_program_of_one_type_can_start_when_it_is_measured(tmp_path, name):
    """Its words fit the type, and name files that exist."""
    row = measure.Row(name, 0, [], {}, str(tmp_path), binary.servers()[name])
    kind = known_types().get(name)
    assert kind.check(kind.options.parse(row.command)) == []


def test_a_start_is_measured(tmp_path):
    words = [sys.executable, os.path.join(ROOT, 'bin', 'carryall')]
    row = measure.Row('web', 0, words, dict(os.environ), str(tmp_path))
    seconds, _ = measure.start_once(row, str(tmp_path))
    assert 0.0 < seconds < measure.START_SECONDS


@pytest.mark.parametrize('name', sorted(binary.servers()))
def test_a_program_of_one_type_takes_no_module_of_a_command_but_serve(monkeypatch, name):
    """A client may have the name of the type."""
    paths = ['carryall/commands/%s.py' % each for each in ('serve', name)]
    monkeypatch.setattr(binary, 'contents', lambda: [(path, b'') for path in paths])
    assert binary.modules(name) == ['carryall.commands.serve']


def test_the_measured_table_finds_its_place(tmp_path, monkeypatch):
    """Median, least and processor time; and the place in the page."""
    text = measure._table([measure.Row('jar', 25000000, [], {}, str(tmp_path))],
                          {'jar': [(3.0, 1.0), (1.0, 2.0), (2.0, 3.0)]}, 3)
    assert '| jar | 25.0 MB | 2.00 s | 1.00 s | 2.00 s |' in text
    monkeypatch.setattr(measure, 'ROOT', str(tmp_path))
    (tmp_path / 'page.md').write_text('before\n%s\nold\n%s\nafter\n' % (measure.BEGIN, measure.END))
    measure._put('page.md', 'new')
    assert (tmp_path / 'page.md').read_text() == 'before\n%s\nnew\n%s\nafter\n' \
        % (measure.BEGIN, measure.END)
