# Copyright the carryall authors.  See LICENSE.
"""A service with a store: kill -9, a full disk, a lock, and databases that are refused."""
import os
import random
import sqlite3
import threading

from acceptance.smalldisk import small_disk

PROVES = ['DBA-01', 'DBA-08']
NEEDS = []
TAKES = ['java']
PACKAGES = {'java': ('default-jre-headless', 'libxerial-sqlite-jdbc-java')}
LONG = True

SERVER = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__)))), 'doc', 'examples', 'notes_server.py')
ROUNDS = {'cpython': 15, 'pypy': 8, 'jython': 4}       # a start costs so much on each
WRITERS = 8
AT_ONCE = 20                # notes that one client asks for before it reads the answers


class Client:
    """A client of the server of notes."""

    def __init__(self, stage, address):
        self._socket = stage.connect(address)
        self._file = self._socket.makefile('rwb')

    def ask(self, *lines):
        """The answers of some commands, by the names of the notes; those that came."""
        self._file.write(b''.join(line.encode() + b'\n' for line in lines))
        self._file.flush()
        found = {}
        for _ in lines:
            line = self._file.readline().decode().strip()
            if not line:
                break
            verdict, name, *rest = line.split(' ', 2)
            found[name] = ' '.join([verdict] + rest)
        return found

    def one(self, line):
        """The answer of one command, without the name of the note."""
        return self.ask(line).popitem()[1]

    def close(self):
        """Ends it."""
        self._file.close()
        self._socket.close()


class Writer(threading.Thread):
    """Puts notes until the server dies, and remembers those that were acknowledged."""

    def __init__(self, stage, address, name):
        super().__init__(daemon=True)
        self._client = Client(stage, address)
        self._name = name
        self.taken = []

    def run(self):
        count = 0
        try:
            while True:
                lines = ['PUT %s-%d %s' % (self._name, count + each, 'x' * 100)
                         for each in range(AT_ONCE)]
                count += AT_ONCE
                found = self._client.ask(*lines)
                self.taken += [name for name, said in found.items() if said == 'OK']
                if len(found) < AT_ONCE:
                    return
        except OSError:
            pass                    # killed


def start(stage, location):
    """(the server, its address)."""
    server = stage.script(SERVER, '-p', '0', '--store', location)
    port = int(server.wait_for(r'notes on 127\.0\.0\.1:(\d+)').group(1))
    return server, ('127.0.0.1', port)


def run(stage):
    """All of it on the runtime under test."""
    refusals(stage)
    kills(stage)
    locks(stage)
    full_disk(stage)


def refused(stage, location, status, words):
    """Demands that the server does not start on *location*."""
    server = stage.script(SERVER, '-p', '0', '--store', location)
    got = server.wait()
    stage.demand(got == status and words in server.output, '%s: status %r, and not %d:\n%s',
                 location, got, status, server.output)


def refusals(stage):
    """Databases on which the server does not start."""
    path = stage.path('refused.db')
    server, _ = start(stage, 'sqlite:' + path)
    server.signal('TERM')
    stage.demand(server.wait() == 0, 'the server ended with %r', server.wait())
    other = sqlite3.connect(path, isolation_level=None)
    other.execute('PRAGMA locking_mode = EXCLUSIVE')
    other.execute('BEGIN EXCLUSIVE')
    refused(stage, 'sqlite:' + path, 1, 'locked')
    other.execute('UPDATE carryall_schema SET version = 9')
    other.execute('COMMIT')
    other.close()
    refused(stage, 'sqlite:' + path, 2, 'it was used by a newer one')
    foreign = sqlite3.connect(stage.path('foreign.db'))
    foreign.execute('CREATE TABLE people (name TEXT)')
    foreign.close()
    refused(stage, 'sqlite:' + stage.path('foreign.db'), 2, 'a database of another program')
    text = stage.write('text.db', b'no database, but a text\n' * 100)
    refused(stage, 'sqlite:' + text, 2, 'text.db')
    refused(stage, 'sqlite:' + stage.folder, 2, 'cannot be opened')
    refused(stage, 'sqlite:' + stage.path('missing', 'a.db'), 2, 'does not exist')
    refused(stage, 'postgresql://app@127.0.0.1:%d/app' % stage.free_port(), 1, 'refused')


def kills(stage):
    """kill -9 while clients write: each note that was acknowledged is there."""
    dice = random.Random(20260101)
    location = 'sqlite:' + stage.path('killed.db')
    taken = []
    for number in range(ROUNDS[stage.runtime.kind]):
        server, address = start(stage, location)
        client = Client(stage, address)
        for place in range(0, len(taken), 200):
            names = taken[place:place + 200]
            found = client.ask(*['GET ' + name for name in names])
            lost = [name for name in names if found.get(name) != 'IS ' + 'x' * 100]
            stage.demand(not lost, '%d notes were acknowledged and are lost, such as %s', len(lost),
                         lost[:3])
        writers = [Writer(stage, address, '%d-%d' % (number, each)) for each in range(WRITERS)]
        for writer in writers:
            writer.start()
        wanted = dice.randrange(1, 3000)
        stage.until(lambda: sum(len(each.taken) for each in writers) >= wanted, 'enough notes')
        server.signal('KILL')
        server.wait()
        client.close()
        for writer in writers:
            writer.join()
            taken += writer.taken
        del taken[:-6000]           # the last ones were in danger


def locks(stage):
    """Another process holds the lock: writing is refused, reading works, and it goes on."""
    path = stage.path('locked.db')
    server, address = start(stage, 'sqlite:' + path)
    client = Client(stage, address)
    stage.demand(client.one('PUT one first') == 'OK', 'the first note is refused')
    other = sqlite3.connect(path, isolation_level=None)
    other.execute('BEGIN IMMEDIATE')
    said = client.one('PUT two second')
    stage.demand(said == 'NO DatabaseLocked', 'under a lock the server says %r', said)
    said = client.one('GET one')
    stage.demand(said == 'IS first', 'under a lock a reader hears %r', said)
    other.execute('ROLLBACK')
    other.close()
    said = client.one('PUT two second')
    stage.demand(said == 'OK', 'after the lock the server says %r', said)
    server.signal('TERM')
    stage.demand(server.wait() == 0, 'the server ended with %r', server.wait())


def full_disk(stage):
    """No room: writing is refused, what was acknowledged is there, and it goes on with room."""
    disk = small_disk(stage, 'small', 'size=3m')
    filler = os.path.join(disk, 'filler')
    try:
        with open(filler, 'wb') as file:
            file.write(b'x' * 1000000)
        server, address = start(stage, 'sqlite:' + os.path.join(disk, 'notes.db'))
        client = Client(stage, address)
        taken = []
        said = {}
        count = 0
        while 'NO StorageFull' not in said.values():
            stage.demand(count < 2000, 'the disk is never full; the server says %r', said)
            said = client.ask(*['PUT %d %s' % (each, 'y' * 5000)
                                for each in range(count, count + AT_ONCE)])
            taken += [name for name, verdict in said.items() if verdict == 'OK']
            count += AT_ONCE
        odd = set(said.values()) - {'OK', 'NO StorageFull'}
        stage.demand(not odd, 'on a full disk the server says %r', odd)
        expect(stage, client, taken, 'on the full disk')
        stage.demand('cannot be kept' in server.output, 'the log does not tell of it')
        os.remove(filler)
        said = client.one('PUT after %s' % ('y' * 5000))
        stage.demand(said == 'OK', 'with room again the server says %r', said)
        server.signal('KILL')
        server.wait()
        server, address = start(stage, 'sqlite:' + os.path.join(disk, 'notes.db'))
        expect(stage, Client(stage, address), taken + ['after'], 'after a restart')
        server.signal('TERM')
        server.wait()
    finally:
        stage.foreign('umount', disk)


def expect(stage, client, taken, when):
    """Demands all notes that were acknowledged, and no other."""
    found = client.ask(*['GET ' + name for name in taken])
    lost = [name for name in taken if found.get(name) != 'IS ' + 'y' * 5000]
    stage.demand(not lost, '%s %d notes are lost: %s', when, len(lost), lost[:3])
    count = int(client.one('COUNT all').split()[1])
    stage.demand(count == len(taken), '%s there are %d notes, and %d were acknowledged', when,
                 count, len(taken))
