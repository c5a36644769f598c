# Copyright the carryall authors.  See LICENSE.
"""The targets of postgresql: the client against the scripts of a server, and the messages."""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import UsageError
from carryall.core.future import Return, coroutine, failed
from carryall.protocols.postgresql import PostgreSQLError, Settings, connect
from carryall.protocols.postgresql.pgdriver import parse_location
from carryall.protocols.postgresql.pgvalues import READERS, read_text
from carryall.protocols.postgresql.wire import (Framing, MessageCursor, data_row, error_fields,
                                                message, row_description, word)
from tests.fuzz.target import ClientTarget, GrammarTarget

__all__ = ['ALL']

READY = message(b'Z', b'I')
LOGIN = (message(b'R', b'\0\0\0\0') + message(b'S', b'server_version\x0015.1\0')
         + message(b'K', b'\0\0\0\x07secr') + READY)
COLUMNS = message(b'T', b'\0\x01n\0' + b'\0' * 9 + b'\x17\0\x04\xff\xff\xff\xff\0\0')
ROW = message(b'D', b'\0\x01\0\0\0\x015')
DONE = message(b'C', b'SELECT 1\0')
PARSED = message(b'1', b'') + message(b'2', b'')
REFUSED = message(b'E', b'SERROR\0C42601\0Mno\0\0')
NOTICE = message(b'N', b'SNOTICE\0C00000\0Mmind\0\0')
NEWS = message(b'A', b'\0\0\0\x09news\0hi\0')
COPY_IN = message(b'G', b'\0\0\0') + message(b'C', b'COPY 1\0') + READY
COPY_OUT = (message(b'H', b'\0\0\0') + message(b'd', b'a\n') + message(b'c', b'')
            + message(b'C', b'COPY 1\0') + READY)
ANSWER = PARSED + COLUMNS + ROW + DONE + READY
TYPES = sorted(READERS) + [25]


def _said(*parts):
    # What is said at once would answer what is not asked yet.
    return [step for part in parts for step in (('say', part), ('wait', 1))]


ANSWERS = [
    _said(LOGIN, ANSWER, ANSWER, COPY_IN, COPY_OUT),
    _said(LOGIN, NOTICE, PARSED, REFUSED, READY, NEWS, ANSWER, REFUSED, READY, REFUSED, READY),
    _said(message(b'R', b'\0\0\0\x05salt'), LOGIN, ANSWER, ANSWER, COPY_OUT, COPY_IN),
    _said(message(b'R', b'\0\0\0\x0aSCRAM-SHA-256\0\0'), message(b'R', b'\0\0\0\x0br=a,s=YQ==,i=1'),
          message(b'R', b'\0\0\0\x0cv=YQ=='), LOGIN),
    _said(message(b'R', b'\0\0\0\x03')), _said(REFUSED), _said(b'E\x80\0\0\0'),
    [('wait', 700)]]
BODIES = [_said(b'\0\x01\0\0\0\x015'), _said(b'\0\x02\xff\xff\xff\xff\0\0\0\x03\\x00'),
          _said(COLUMNS[5:]), _said(REFUSED[5:]), _said(LOGIN),
          _said(b'\0\x01\0\0\0\x162024-02-29 12:00:00+01'),
          _said(b'postgresql://an%40na:s@h:1,[::1]/d?sslmode=require'),
          _said(b'postgres:///d?host=/run&port=9')]
WORDS = [READY, ROW, DONE, COLUMNS, REFUSED, NOTICE, COPY_IN[:8], b'\x80\0\0\0',
         b'\xff\xff\xff\xff', b'\0\0\0\x04', b'\0', b'R', b'T', b'D', b'C', b'Z', b'E', b'G',
         b'H', b'd', b'c', b'\\x', b'2024-', b'://', b'%', b'?']


@coroutine
def _visit(loop):
    client = yield connect(loop, '127.0.0.1', 2121, user=u'ann', password=b'secret', timeout=60.0,
                           settings=Settings(max_message=100000))
    pieces = []
    asked = [client.query(u'SELECT $1', (5,)),
             client.query_many(u'INSERT INTO t VALUES ($1)', [(1,), (2,)]),
             client.copy_in(u'COPY t FROM STDIN', [b'a\n']),
             client.copy_out(u'COPY t TO STDOUT', pieces.append)]
    found = []
    for each in asked:
        rows = yield each.then(list, _kind)
        found.append(rows)
    yield client.close()
    raise Return((found, pieces))


def _kind(exc):
    # A fault that is none of ours goes on.
    return type(exc).__name__ if hasattr(exc, 'sqlstate') else failed(exc)


def _values(data):
    head = b'\0\x01' + word(len(data))
    for kind in TYPES:
        try:
            data_row(head + data, 0, len(head + data), [READERS.get(kind, read_text)])
        except PostgreSQLError:
            continue


def _row(data):
    return data_row(data, 0, len(data), [READERS[23], read_text])


def _frames(data):
    framing = Framing(100000)
    return framing.feed(data), framing.held


def _cursor(data):
    cursor = MessageCursor(data)
    return cursor.short(), cursor.word(), cursor.text(), cursor.rest()


def _location(data):
    try:
        return parse_location(data.decode('utf-8', 'replace'))
    except UsageError:
        return None


ALL = [
    ClientTarget('postgresql', ('protocols/postgresql/',), _visit, ANSWERS, WORDS),
    GrammarTarget('postgresql-grammar', ('protocols/postgresql/',),
                  [_frames, _cursor, _row, _values, error_fields, row_description, _location],
                  BODIES + ANSWERS, WORDS),
]
