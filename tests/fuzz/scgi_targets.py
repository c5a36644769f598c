# Copyright the carryall authors.  See LICENSE.
"""The targets of SCGI: an application behind a server, and the grammar."""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import RemoteProtocolError
from carryall.protocols.scgi import SCGIServer, format_head, parse_head
from carryall.protocols.http import Response
from tests.fuzz.target import GrammarTarget, ServerTarget

__all__ = ['ALL']

ASKED = format_head([(b'REQUEST_METHOD', b'POST'), (b'REQUEST_URI', b'/x?y'),
                     (b'CONTENT_LENGTH', b'5')])
SEEDS = [[('say', ASKED + b'hello')], [('say', ASKED + b'he'), ('wait', 30)], [('say', ASKED[:9])]]
WORDS = [b'CONTENT_LENGTH', b'SCGI', b'\0', b'\0\0', b'1', b',', b':', b'REQUEST_METHOD', b'\1\0']


def _echo(request):
    return request.body.read_all(1 << 16).then(lambda data: Response(200, body=data))


def _head(data):
    try:
        return parse_head(data, 1000)
    except RemoteProtocolError:
        return None


ALL = [
    ServerTarget('scgi', ('protocols/scgi/', 'protocols/cgi/'),
                 lambda run: SCGIServer(_echo, run.loop), SEEDS, WORDS),
    GrammarTarget('scgi-grammar', ('protocols/scgi/',), [_head], SEEDS, WORDS),
]
