# Copyright the carryall authors.  See LICENSE.
"""carryall.jar: Jython, what it needs, and carryall, in one file that a Java 17 runtime starts.

    java -jar carryall.jar web --path .             the program
    java -cp carryall.jar:yours.jar YourProgram     a library: doc/examples/java
    ./carryall.sh web --path .                      the program with the JVM's options for a short
                                                    start

The launcher carryall.sh lies beside the jar.  Its start is shorter still with carryall.jsa beside
it, which ``carryall.sh --archive`` makes.

The parts of ICU that only concern languages and currencies are left out.  So are the tests of the
standard library, the grammar compiler, and what only other JDBC drivers or servlets would use.  The
driver of SQLite is there, with its native part and SQLite's library for this kind of machine.  So
a machine with nothing but Java has SQLite.  Where several jars have a file of the same name the
first wins, but the files that announce services are joined.  Signatures of the jars do not hold any
more, and are dropped.

For a short start the Python modules are classes of the class path, and
java/org/carryall/Library.java imports them.  Every class has the frames that Java's quicker
verification wants (java/Frames.java).  A second thread loads what will be needed
(java/org/carryall/Ahead.java).  It goes by the list java/ahead.txt, which ``admin/freeze --ahead``
takes down from a start.
Licences: META-INF/licenses, one for each package that the parts come from.
"""
import os
import platform
import re
import zipfile

from dist import OUT, ROOT, Trouble
from dist.archives import read_folder, read_zip, write_file, write_zip
from dist.measure import start_once
from dist.source import version
from dist.tools import clean_environment, epoch, fresh, need, run, say
from dist.wheel import contents, licence

JYTHON = '/usr/share/java/jython.jar'
COMMON_LICENCES = '/usr/share/common-licenses'

DROP = re.compile(r'''META-INF/[^/]*\.(SF|RSA|DSA|EC)$ | META-INF/INDEX\.LIST$
    | META-INF/(maven|native-image)/ | META-INF/MANIFEST\.MF$
    | (META-INF/versions/.*)?module-info\.class$ | META-INF/services/javax\.annotation\.processing
    | com/ibm/icu/impl/data/icudt\d+b/(brkitr|coll|curr|lang|rbnf|region|translit|unit|zone)/
    | com/xhaus/ | org/python/indexer/ | org/python/modules/bz2/test
    | Lib/(.*/)?(test|tests)/ | Lib/(ensurepip|lib2to3|pydoc_data|idlelib|distutils/command|modjy)/
    | Lib/pip/''', re.X)
# Jython never asks for these to run a program: they read grammars, make web pages, and talk to
# servlets and databases.
UNUSED = ('antlr3.jar', 'stringtemplate4.jar', 'servlet-api.jar', 'mariadb-java-client.jar',
          'postgresql.jar', 'jaxb-api.jar')

# The driver of SQLite, and its native parts.  The driver looks for the first of them in that folder
# of a jar; runtimes/database/sqlitelibrary.py loads the second.
SQLITE = '/usr/share/java/sqlite-jdbc.jar'
SQLITE_PACKAGE = 'libxerial-sqlite-jdbc-java'
SQLITE_NATIVE = ('/usr/lib/%s-linux-gnu/jni/libsqlitejdbc.so',
                 '/usr/lib/%s-linux-gnu/libsqlite3.so.0')
SQLITE_FOLDER = 'org/sqlite/native/Linux/%s/'
# It reads its version there.
SQLITE_VERSION = 'META-INF/maven/org.xerial/sqlite-jdbc/VERSION'
# The C part of jffi, through which Jython calls the C library: user and group, Unix datagrams,
# ctypes.  Without it these alone are missing.
NATIVE = '/usr/lib/%s-linux-gnu/jni/libjffi-1.2.so'
# Jython takes a jar with this file in it for one that has its library inside.
STANDALONE_MARK = 'Lib/os.py'
COMPILED = '$py.class'
SOURCES = os.path.join(ROOT, 'dist', 'java')
MODULES = 'org/carryall/modules'
AHEAD = 'org/carryall/ahead'
# A start loads them in nearly the same order each time, but only nearly; so the order is kept, for
# the jar to be the same bytes.
AHEAD_LIST = os.path.join(SOURCES, 'ahead.txt')
# What comes before it is needed so soon that a second thread would only be in the way.
FIRST_AHEAD = 'os$py'
INITIALIZER = 'META-INF/services/org.python.core.JythonInitializer'
MANIFEST = """Manifest-Version: 1.0
Main-Class: org.carryall.Main
Enable-Native-Access: ALL-UNNAMED
Implementation-Title: carryall
Implementation-Version: %s

"""
_made = []                  # the path, once per run of the command
LAUNCHER = os.path.join(ROOT, 'dist', 'carryall.sh')


def make():
    """Writes the jar and its launcher; the jar's path."""
    path = os.path.join(OUT, 'carryall.jar')
    if _made:
        return path
    _made.append(path)
    parts = _parts()
    parts[AHEAD] = _ahead(parts)
    _write(path, parts)
    with open(LAUNCHER, 'rb') as file:
        write_file(os.path.join(OUT, 'carryall.sh'), file.read(), True)
    return path


def _write(path, parts):
    manifest = ('META-INF/MANIFEST.MF', (MANIFEST % version()).encode('ascii'), False)
    write_zip(path, [manifest] + [(name, data, False) for name, data in sorted(parts.items())],
              epoch())


def _parts():
    """Name -> bytes of all that is in the jar but the manifest."""
    jars = _jars()
    files = _merged(jars)
    if any(name.startswith('META-INF/versions/') for name in files):
        raise Trouble('a jar has classes for some Javas alone: the manifest has to say '
                      'Multi-Release then')
    library = {name: files.pop(name) for name in list(files) if name.startswith('Lib/')}
    files = {name: _for_archive(name, data) for name, data in files.items()}
    files.update(on_class_path(_compiled(library)))
    files.update(_main_class(jars[0]))
    files.update(_with_frames(files, jars))
    files.update(_native())
    files.update(_licences(jars))
    return files


def _jars():
    """Jython's jar and those that its manifest names, less what is not needed or not installed."""
    need('jython', 'jython')
    if not os.path.exists(JYTHON):
        raise Trouble('%s is not there: the recipe knows the Jython of Debian alone' % JYTHON)
    with zipfile.ZipFile(JYTHON) as archive:
        manifest = archive.read('META-INF/MANIFEST.MF').decode('utf-8')
    manifest = manifest.replace('\r\n', '\n').replace('\n ', '')
    named = re.search(r'^Class-Path: (.*)$', manifest, re.M).group(1).split()
    jars = [jar for jar in named if os.path.basename(jar) not in UNUSED]
    missing = [jar for jar in jars if not os.path.exists(jar)]
    if missing:
        raise Trouble('%s is missing, which %s names' % (missing[0], JYTHON))
    if not os.path.exists(SQLITE):
        raise Trouble('%s is missing: install %s' % (SQLITE, SQLITE_PACKAGE))
    return [JYTHON] + jars + [SQLITE]


def _merged(jars):
    """Name -> bytes of the jars' files.

    The first of a name wins; files that announce services are joined.
    """
    files = {}
    services = {}
    for jar in jars:
        for name, data, _ in read_zip(jar):
            if DROP.match(name) and name != SQLITE_VERSION:
                continue
            if name.startswith('META-INF/services/'):
                services.setdefault(name, []).append(data.rstrip(b'\n') + b'\n')
            else:
                files.setdefault(name, data)
    files.update((name, b''.join(parts)) for name, parts in services.items())
    return files


def _for_archive(name, data):
    """A class file that a class data archive takes.

    An archive takes none of before Java 6, and half of Jython's classes say that they are of Java
    5.  They hold nothing that Java 6 reads otherwise, so they are marked as such.
    """
    if name.endswith('.class') and data[:4] == b'\xca\xfe\xba\xbe' and data[6:8] < b'\0\x32':
        return data[:6] + b'\0\x32' + data[8:]
    return data


def _compiled(library):
    """The standard library and carryall as class files.

    A module of the library that does not compile for the JVM stays source.
    """
    folder = fresh('jar')
    ours = {'Lib/' + name: data for name, data in contents() if not name.endswith('_py3.py')}
    # What Debian compiled is taken as it is, without its source: the rest of the library, and
    # ours, are compiled here.
    ready = {name: data for name, data in library.items() if name.endswith('$py.class')}
    sources = {name: data for name, data in library.items() if name not in ready
               and (name == STANDALONE_MARK or name[:-3] + '$py.class' not in ready)}
    sources.update(ours)
    for name, data in sources.items():
        path = os.path.join(folder, *name.split('/'))
        write_file(path, data)
        os.utime(path, (epoch(), epoch()))
    script = os.path.join(folder, 'compile.py')
    write_file(script, COMPILE)
    said = run(['jython', script], folder)
    os.unlink(script)
    found = dict(ready, **{name: data for name, data, _ in read_folder(folder)})
    for name in [name for name in found if name.endswith('.py')]:
        if name == STANDALONE_MARK:
            continue
        if name[:-3] + '$py.class' in found:
            del found[name]             # a class file without its source is never out of date
        elif name in ours:
            raise Trouble('%s does not compile on Jython:\n%s' % (name, said))
    return found


def on_class_path(library):
    """The library's files, the compiled modules where Java looks for classes, and their list.

    The list is for Library.java.  A package has two entries: one as the class that it is called,
    and one where Jython's own importer of the class path looks.  An interpreter state that another
    program makes has that importer alone.
    """
    found = {INITIALIZER: b'org.carryall.Start\n'}
    listed = []
    for name, data in library.items():
        if not name.endswith(COMPILED):
            found[name] = data
            continue
        path = name[len('Lib/'):-len(COMPILED)]
        if path.endswith('/__init__'):
            found[path + COMPILED] = data
            path = path[:-len('/__init__')]
            listed.append(path.replace('/', '.') + '/')
        else:
            listed.append(path.replace('/', '.'))
        found[path + COMPILED] = data
    found[MODULES] = '\n'.join(sorted(listed)).encode('ascii') + b'\n'
    return found


def _main_class(jython):
    """Name -> bytes of our own classes: that of the manifest, and those that it starts Jython with.
    """
    folder = fresh('jar-main')
    sources = os.path.join(SOURCES, 'org', 'carryall')
    run([need('javac', 'default-jdk-headless'), '-encoding', 'UTF-8', '--release', '11',
         '-Xlint:all,-options,-path', '-Werror', '-g:none', '-cp', jython, '-d', folder]
        + sorted(os.path.join(sources, name) for name in os.listdir(sources)))
    return {name: data for name, data, _ in read_folder(folder)}


def _with_frames(files, jars):
    """Name -> bytes of the classes of Java 6, with the frames that Java 6 brought."""
    folder = fresh('jar-frames')
    old = [name for name, data in files.items()
           if name.endswith('.class') and data[6:8] == b'\0\x32']
    for name in old:
        write_file(os.path.join(folder, *name.split('/')), files[name])
    said = run(['java', '-cp', os.pathsep.join(jars), os.path.join(SOURCES, 'Frames.java'),
                folder])
    if not said.endswith(' 0 left as they were\n'):
        say('      %s' % said.strip().replace('\n', '\n      '))
    return {name: data for name, data, _ in read_folder(folder)}


def _ahead(parts):
    """The classes of AHEAD_LIST that are in the jar, for Ahead.java."""
    with open(AHEAD_LIST, encoding='ascii') as file:
        names = file.read().split()
    present = [name for name in names if name.replace('.', '/') + '.class' in parts]
    return '\n'.join(present).encode('ascii') + b'\n'


def take_ahead():
    """Writes AHEAD_LIST again: the classes that a web server's start needs once Jython is up.

    They are in the order of their use.
    """
    parts = _parts()
    folder = fresh('jar-ahead')
    path = os.path.join(folder, 'carryall.jar')
    log = os.path.join(folder, 'log')
    _write(path, parts)
    start_once(['java', '-Xlog:class+load:file=' + log, '-jar', path, 'web', '--path', folder,
                '--port', 'tcp:0:interface=127.0.0.1'], clean_environment(), folder)
    with open(log, encoding='utf-8') as file:
        loaded = re.findall(r'\] (\S+) source: ', file.read())
    names = [name for name in dict.fromkeys(loaded) if name.replace('.', '/') + '.class' in parts]
    needed = names[names.index(FIRST_AHEAD):]
    write_file(AHEAD_LIST, '\n'.join(needed).encode('ascii') + b'\n')
    return AHEAD_LIST


def _native():
    """Name -> bytes of the libraries for this kind of machine, named as jffi and SQLite's driver
    want them in a jar."""
    found = {}
    for path, name in _native_files():
        with open(path, 'rb') as file:
            found[name] = file.read()
    return found


def _native_files():
    """(path, name in the jar) of the libraries that this machine has."""
    kind = platform.machine()
    wanted = [(NATIVE, 'jni/%s-Linux/' % kind)]
    wanted += [(path, SQLITE_FOLDER % kind) for path in SQLITE_NATIVE]
    return [(path % kind, folder + os.path.basename(path)) for path, folder in wanted
            if os.path.exists(path % kind)]


def _licences(jars):
    """Name -> bytes of the licences: ours, each package's, and the common ones they refer to."""
    found = {'META-INF/LICENSE': licence()}
    for part in jars + [path for path, _ in _native_files()]:
        said = run(['dpkg', '-S', os.path.realpath(part)])
        package = said.split(':')[0]
        with open('/usr/share/doc/%s/copyright' % package, 'rb') as file:
            found['META-INF/licenses/%s.txt' % package] = file.read()
    named = set(re.findall(rb'common-licenses/([A-Za-z0-9.-]*[A-Za-z0-9])',
                           b''.join(found.values())))
    for name in sorted(named):
        path = os.path.join(COMMON_LICENCES, name.decode('ascii'))
        if os.path.isfile(path):
            with open(path, 'rb') as file:
                found['META-INF/licenses/common/%s.txt' % name.decode('ascii')] = file.read()
    return found


# Run by Jython in the folder to compile.  The names that a traceback shows are those inside the
# jar.
COMPILE = b"""
import os, py_compile, sys
for folder, folders, names in os.walk('Lib'):
    for name in sorted(names):
        if name.endswith('.py'):
            path = folder + '/' + name
            try:
                py_compile.compile(path, path[:-3] + '$py.class', 'carryall.jar/' + path, True)
            except Exception, exc:
                sys.stdout.write('%s: %s\\n' % (path, exc))
"""
