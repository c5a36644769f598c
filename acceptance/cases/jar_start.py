# Copyright the carryall authors.  See LICENSE.
"""carryall.jar by java -jar and by carryall.sh: with its archive, an old and a wrong one, twice at
once, interrupted, refused."""
import os
import re
import shutil
import zipfile

from acceptance.artifacts import MADE, NotMade, path_of
from acceptance.stage import Missing

PROVES = ['TST-08', 'NEW-02']
NEEDS = ['java', 'curl']
LONG = True
EACH_RUNTIME = False        # it is about the jar alone

FOLDER = 'there'
SPLIT = 'a folder'  # what a shell would split; Java archives no classes of a jar that lies so
ARCHIVED = 'org.python.core.PySystemState source: shared objects file (top)'
OUT_OF_DATE = 10            # one in so many modules of the start that is not loaded ahead
LATE = 'carryall.commands.main$py'      # one of the last classes before a server is made


def run(stage):
    """A start of each kind."""
    stage.write(FOLDER + '/site/index.html', b'out of a jar\n')
    try:
        jar = shutil.copy2(path_of('jar'), stage.path(FOLDER, 'carryall.jar'))
    except NotMade as exc:
        raise Missing(str(exc))
    shutil.copy2(os.path.join(MADE, 'carryall.sh'), stage.path(FOLDER))
    launcher = stage.path(FOLDER, 'carryall.sh')
    archive = stage.path(FOLDER, 'carryall.jsa')
    serve(stage, 'java', '-jar', jar)
    stage.demand(not archived(stage, launcher), 'it has an archive before there is one')
    listed(stage, jar)

    made = start(stage, launcher, '--archive')
    stage.demand(made.wait() == 0 and made.output == archive + '\n', '--archive says:\n%s',
                 made.output)
    stage.demand(sorted(os.listdir(stage.path(FOLDER))) == ['carryall.jar', 'carryall.jsa',
                                                            'carryall.sh', 'site'],
                 'it left %s', os.listdir(stage.path(FOLDER)))
    stage.demand(archived(stage, launcher), 'the archive is not used')
    first, second = (start(stage, launcher, *serving(stage)) for _ in range(2))
    fetch(stage, first)
    fetch(stage, second)

    for words in ([launcher], ['java', '-jar', jar]):
        refused = start(stage, *words + ['web', '--nonsense'])
        stage.demand(refused.wait() == 2 and re.match(r'carryall( web)?: [^\n]+\n\Z',
                                                      refused.output), 'a bad option gives:\n%s',
                     refused.output)
    interrupt(stage, launcher)
    shutil.copytree(stage.path(FOLDER), stage.path(SPLIT))
    serve(stage, stage.path(SPLIT, 'carryall.sh'))          # and its archive is another place's

    os.utime(jar)               # the archive is older than the jar then
    stage.demand(not archived(stage, launcher), 'an archive of another jar is used')
    os.unlink(archive)
    stage.write(FOLDER + '/carryall.jsa', b'no archive at all\n' * 1000)
    stage.demand(not archived(stage, launcher), 'what is no archive is used')


def serving(stage):
    """The words that start a server."""
    return 'web', '--path', stage.path(FOLDER, 'site'), '--port', 'tcp:0:interface=127.0.0.1'


def start(stage, *words, options=''):
    """Starts a program with nothing in its environment but a path; not even a home."""
    process = stage.launch(['env', '-i', 'PATH=' + os.environ['PATH'],
                            'CARRYALL_JAVA_OPTIONS=' + options] + list(words), foreign=True)
    process.seconds *= 3
    return process


def serve(stage, *words, options=''):
    """Starts a server, fetches its page, ends it."""
    fetch(stage, start(stage, *words + serving(stage), options=options))


def fetch(stage, server):
    """The page, the end with status 0, and not a word of Java's."""
    got = stage.foreign('curl', '-sS', 'http://%s:%d/' % server.address())
    stage.demand(got == b'out of a jar\n', 'it served %r', got)
    server.stop()
    odd = [line for line in server.output.split('\n') if line
           and not re.match(r'listening: |\d{4}-\d\d-\d\dT[^ ]* INFO ', line)]
    stage.demand(not odd or server.argv[4] == 'java', 'it says more than it should:\n%s',
                 server.output)


def archived(stage, launcher):
    """True if a start, which has to go well, took its classes out of the archive."""
    serve(stage, launcher, options='-Xlog:class+load:file=' + stage.path('loaded'))
    return ARCHIVED in stage.read('loaded').decode('utf-8')


def listed(stage, jar):
    """The list of classes that are loaded ahead has nearly all of our modules that the last start
    loaded."""
    with zipfile.ZipFile(jar) as archive:
        ahead = archive.read('org/carryall/ahead').decode('ascii').split()
    ours = set(re.findall(r'\] (carryall\.\S+\$py) source: file:',
                          stage.read('loaded').decode('utf-8')))
    later = sorted(ours.difference(ahead))
    stage.demand(len(later) < len(ours) / OUT_OF_DATE, 'admin/freeze --ahead: the list lacks %s',
                 later)


def interrupt(stage, launcher):
    """Ctrl-C in the midst of the start: it ends, and tells no tale."""
    stage.write('loaded', b'')
    server = start(stage, launcher, *serving(stage), options='-Xlog:class+load:file=' + stage.path(
        'loaded'))
    stage.until(lambda: LATE in stage.read('loaded').decode('utf-8'), 'the start')
    server.signal('INT')
    stage.demand(server.wait() in (0, 130) and not re.search('Traceback|Exception', server.output),
                 'Ctrl-C gives:\n%s', server.output)
