# Copyright the carryall authors.  See LICENSE.
"""A server that keeps notes in a store, as doc/howto/stores.md says.

    python doc/examples/notes_server.py -p 7000 --store sqlite:notes.db

    PUT milk two litres         OK milk, when the note is on the disk
    GET milk                    IS milk two litres
    COUNT all                   IS all 1
    anything that fails         NO milk UniqueViolation
"""
import sys

from carryall.app.datastore import StoreSchema, Table
from carryall.app.listeningoptions import ListeningOptions
from carryall.app.options import Schema
from carryall.app.service import OneServer
from carryall.app.servicetypes import ServerType
from carryall.app.storeoptions import StoreOptions
from carryall.commands import serve
from carryall.core.database import Error
from carryall.core.future import Return, coroutine
from carryall.core.line.framing import LineProtocol

STORE = StoreSchema('notes', [Table('notes', ['name', 'body'], ['name'])], [
    [u'CREATE TABLE notes (name {key} PRIMARY KEY, body {text} NOT NULL)'],
])
STORES = StoreOptions(STORE, default='sqlite:notes.db')
LISTENING = ListeningOptions('port', 'tcp:7000', interface='', connections=1000)
MOST = 500                      # commands of one client that wait for the disk


class NotesProtocol(LineProtocol):
    """One client; its commands may be answered in another order."""

    separator = b'\n'

    def __init__(self, store):
        LineProtocol.__init__(self)
        self._store = store
        self._asked = 0

    def line_received(self, line):
        verb, name, body = (line.decode('utf-8', 'replace').strip() + u'  ').split(u' ', 2)
        self._asked += 1
        if self._asked >= MOST:
            self.hold()

        def answer(result):
            self.send_line((u'%s %s %s' % (result[0], name, result[1])).encode('utf-8').strip())
            self._asked -= 1
            if self._asked == MOST - 1:
                self.unpause()

        def refuse(exc):
            if not isinstance(exc, Error):
                raise exc
            answer((u'NO', type(exc).__name__))

        self._do(verb.upper(), name, body.strip()).then(answer, refuse)

    @coroutine
    def _do(self, verb, name, body):
        if verb == u'PUT':
            yield self._store.write(u'INSERT INTO notes (name, body) VALUES (?, ?)', (name, body))
            raise Return((u'OK', u''))
        if verb == u'COUNT':
            rows = yield self._store.query(u'SELECT count(*) FROM notes')
        elif verb == u'GET':
            rows = yield self._store.query(u'SELECT body FROM notes WHERE name = ?', (name,))
        else:
            raise Return((u'NO', u'command'))
        raise Return((u'IS', rows[0][0]) if rows else (u'NO', u'note'))


class NotesService(OneServer):
    """The server, and its store."""

    def __init__(self, options):
        OneServer.__init__(self, 'notes')
        self._options = options
        self._store = STORES.store(options)

    def start(self, loop):
        self._store.start(loop)
        self.serve(loop, LISTENING.server('notes', self._options,
                                          lambda: NotesProtocol(self._store)))

    def release(self):
        return self._store.close()


class NotesType(ServerType):
    """The type of service; a project of its own names it in an entry point."""

    name = 'notes'
    summary = 'keeps notes'
    options = Schema([LISTENING, STORES])
    service = NotesService
    listening = LISTENING


if __name__ == '__main__':
    sys.exit(serve.run_type(u'notes_server.py', NotesType(), sys.argv[1:],
                            serve.SCHEMA.parse_head([u'notes'])[0]))
