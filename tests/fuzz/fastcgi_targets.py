# Copyright the carryall authors.  See LICENSE.
"""The targets of FastCGI: an application, a gateway, the grammar."""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import RemoteProtocolError
from carryall.protocols.fastcgi import (FastCGIServer, RecordReader, connect, format_pairs,
                                        format_record, parse_pairs)
from carryall.protocols.http import Response
from tests.fuzz.target import ClientTarget, GrammarTarget, ServerTarget

__all__ = ['ALL']

PAIRS = format_pairs([(b'REQUEST_METHOD', b'POST'), (b'REQUEST_URI', b'/x?y'),
                      (b'CONTENT_LENGTH', b'5')])
BEGIN = format_record(1, 1, b'\0\1\1\0\0\0\0\0')
ASKED = BEGIN + format_record(4, 1, PAIRS) + format_record(4, 1) + format_record(5, 1, b'hello')
SEEDS = [[('say', ASKED + format_record(5, 1))], [('say', format_record(9, 0, b'\0\0'))],
         [('say', BEGIN + format_record(2, 1))], [('say', BEGIN), ('wait', 30)]]
ANSWERS = [[('say', format_record(6, 1, b'Content-Type: a/b\n\nhello') + format_record(6, 1)
             + format_record(3, 1, b'\0' * 8))],
           [('say', format_record(7, 1, b'an error') + format_record(3, 1, b'\0\0\0\0\2\0\0\0'))]]
WORDS = [b'\1\1\0\1', b'\1\4\0\1', b'\1\5\0\1', b'\1\6\0\1', b'\1\3\0\1', b'\0\0\0\0', b'\x80',
         b'Content-Type', b'Status: 200', b'\n\n', b'REQUEST_METHOD', b'CONTENT_LENGTH']


def _echo(request):
    return request.body.read_all(1 << 16).then(lambda data: Response(200, body=data))


def _fetch(loop):
    """A client that asks once."""
    asked = connect(loop, '127.0.0.1', 2121)
    return asked.then(lambda client: client.request([(b'REQUEST_METHOD', b'GET')]))


def _records(data):
    try:
        return list(RecordReader().receive_data(data))
    except RemoteProtocolError:
        return None


def _pairs(data):
    try:
        return parse_pairs(data)
    except RemoteProtocolError:
        return None


ALL = [
    ServerTarget('fastcgi', ('protocols/fastcgi/', 'protocols/cgi/'),
                 lambda run: FastCGIServer(_echo, run.loop), SEEDS, WORDS),
    ClientTarget('fastcgi-client', ('protocols/fastcgi/', 'protocols/cgi/'), _fetch, ANSWERS,
                 WORDS),
    GrammarTarget('fastcgi-grammar', ('protocols/fastcgi/',), [_records, _pairs], SEEDS + ANSWERS,
                  WORDS),
]
