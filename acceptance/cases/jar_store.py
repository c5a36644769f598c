# Copyright the carryall authors.  See LICENSE.
"""java -jar carryall.jar with a store, where there is nothing but Java: SQLite out of the jar.

The server is killed, and has its accounts again.  A jar without SQLite's native part names H2,
which then keeps the accounts.
"""
import os
import shutil
import sqlite3
import zipfile

from acceptance.artifacts import NotMade, path_of
from acceptance.stage import Missing

PROVES = ['DBA-04', 'TST-08']
NEEDS = ['java']
TAKES = ['h2']
PACKAGES = {'java': 'default-jre-headless', 'h2': 'libh2-java'}
LONG = True
EACH_RUNTIME = False        # it is about the jar alone

H2 = '/usr/share/java/h2.jar'
NATIVE = 'org/sqlite/native/'


def run(stage):
    """SQLite, and then H2 where SQLite's native part is missing."""
    try:
        jar = shutil.copy2(path_of('jar'), stage.folder)
    except NotMade as exc:
        raise Missing(str(exc))
    path = stage.path('words.db')
    said = keeps(stage, jar, 'sqlite:' + path)
    stage.demand('WARNING' not in said, 'Java warns:\n%s', said)
    found = sqlite3.connect(path).execute('SELECT version FROM carryall_schema').fetchall()
    stage.demand(found, 'the file has no version')
    left = [name for name in os.listdir(stage.path('tmp')) if name.endswith('libsqlite3.so.0')]
    stage.demand(not left, 'it leaves libraries: %s', left)

    bare = stage.path('bare.jar')
    with zipfile.ZipFile(jar) as source, zipfile.ZipFile(bare, 'w') as target:
        for entry in source.infolist():
            if not entry.filename.startswith(NATIVE):
                target.writestr(entry, source.read(entry))
    refused = start(stage, bare, 'sqlite:' + path)
    status = refused.wait()
    lines = [line for line in refused.output.split('\n') if line]
    stage.demand(status == 1 and len(lines) == 1 and 'native part' in lines[0]
                 and 'jdbc:h2:PATH' in lines[0], 'without a native part: %r, and\n%s', status,
                 refused.output)
    if not os.path.exists(H2):
        raise Missing('the driver of H2')
    keeps(stage, bare, 'jdbc:h2:' + stage.path('words'), '-Dcarryall.jdbc=' + H2)


def start(stage, jar, location, *words):
    """A server of chat, whose Java finds no libraries of the machine but those of the system."""
    os.makedirs(stage.path('tmp'), exist_ok=True)
    options = [word for word in words if word.startswith('-D')]
    server = stage.launch(['env', '-i', 'PATH=' + os.environ['PATH'], 'java',
                           '-Djava.library.path=' + stage.path('none'),
                           '-Djava.io.tmpdir=' + stage.path('tmp')] + options
                          + ['-jar', jar, 'words', '-p', '0', '-i', '0', '-w', '0', '--store',
                             location] + [word for word in words if word not in options],
                          foreign=True)
    server.seconds *= 6
    return server


def keeps(stage, jar, location, *words):
    """Makes an account, kills the server, starts it again: the password still works.

    Gives the output of the second server.
    """
    first = start(stage, jar, location, '--user', 'dan=battery-staple', *words)
    log_in(stage, first)
    first.signal('KILL')
    first.wait()
    second = start(stage, jar, location, *words)
    log_in(stage, second)
    second.signal('TERM')
    stage.demand(second.wait() == 0 and 'Traceback' not in second.output, 'it ends with %r:\n%s',
                 second.wait(), second.output)
    return second.output


def log_in(stage, server):
    """Is welcomed by IRC, with the password of the account."""
    port = int(server.wait_for(r'words-irc on 127\.0\.0\.1:(\d+)').group(1))
    with stage.connect(('127.0.0.1', port)) as client:
        client.sendall(b'PASS :battery-staple\r\nNICK dan\r\nUSER d 0 * :D\r\n')
        lines = client.makefile('rb')
        while True:
            line = lines.readline()
            stage.demand(line, 'the login is refused:\n%s', server.output)
            if b' 001 dan ' in line:
                return
