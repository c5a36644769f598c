# Copyright the carryall authors.  See LICENSE.
"""The targets of CGI: what a program may say, and the variables that another server may give."""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import RemoteProtocolError
from carryall.protocols.cgi import AnswerReader, request_of
from tests.fuzz.target import GrammarTarget

__all__ = ['ALL']

ANSWERS = [b'Content-Type: text/plain\n\nhello', b'Status: 302 Found\r\nLocation: /x\r\n\r\n',
           b'Location: /x?y\n\n', b'HTTP/1.1 200 OK\r\nX: y\r\n\r\nbody']
VARIABLES = [b'REQUEST_METHOD=GET\0REQUEST_URI=/x?y\0HTTP_HOST=h:1\0REMOTE_ADDR=::1\0REMOTE_PORT=1',
             b'REQUEST_METHOD=POST\0SCRIPT_NAME=/a b\0CONTENT_LENGTH=5\0HTTPS=on\0SERVER_PORT=1']
WORDS = [b'Content-Type', b': ', b'\n', b'\r\n', b'\n\n', b'Status', b'Location', b'200', b'\0',
         b'=', b'REQUEST_METHOD', b'REQUEST_URI', b'CONTENT_LENGTH', b'HTTP_', b'%2f', b'//']


def _said(seeds):
    return [[('say', seed)] for seed in seeds]


def _answer(data):
    """The head and the body of an answer; the same in one piece and octet by octet."""
    found = []
    for step in (len(data) or 1, 1):
        reader = AnswerReader(1000, 20)
        body = b''
        try:
            for place in range(0, len(data), step):
                body += reader.receive_data(data[place:place + step])
            reader.receive_eof()
        except RemoteProtocolError:
            found.append(None)
        else:
            head = reader.head
            found.append((head.kind, head.status, list(head.headers), head.location, body))
    assert found[0] == found[1]
    return found[0]


def _request(data):
    """A request, with all that an application may ask of it."""
    variables = dict(pair.partition(b'=')[::2] for pair in data.split(b'\0'))
    try:
        request = request_of(variables)
    except RemoteProtocolError:
        return None
    return (request.method, request.path, request.query, list(request.headers), request.host,
            request.peer, request.here, request.scheme, request.length)


ALL = [
    GrammarTarget('cgi-answer', ('protocols/cgi/',), [_answer], _said(ANSWERS), WORDS),
    GrammarTarget('cgi-request', ('protocols/cgi/',), [_request], _said(VARIABLES), WORDS),
]
