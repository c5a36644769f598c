# Copyright the carryall authors.  See LICENSE.
"""The targets of ident: server, client, grammar."""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import RemoteProtocolError
from carryall.protocols.ident import IdentServer, Lookup, ask, parse_query, parse_reply
from tests.fuzz.target import ClientTarget, GrammarTarget, ServerTarget, lines

__all__ = ['ALL']

SEEDS = [lines(b'6193, 23', b'1,2', b'x'), [('wait', 70)]]
ANSWERS = [lines(b'6193, 23 : USERID : UNIX : ann'), lines(b'6193, 23 : ERROR : NO-USER'),
           lines(b'x')]
WORDS = [b'6193', b'23', b', ', b' : ', b'USERID', b'ERROR', b'UNIX', b'\r\n', b'\n', b'0']


class Owners(Lookup):
    """One owner."""

    def lookup(self, ours, theirs):
        return u'ann'


def _reply(data):
    try:
        return parse_reply(data)
    except RemoteProtocolError:
        return None


ALL = [
    ServerTarget('ident', ('protocols/ident/',), lambda run: IdentServer(Owners(), run.loop),
                 SEEDS, WORDS),
    ClientTarget('ident-client', ('protocols/ident/',),
                 lambda loop: ask(loop, '127.0.0.1', 6193, 23, port=2121), ANSWERS, WORDS),
    GrammarTarget('ident-grammar', ('protocols/ident/',), [parse_query, _reply],
                  ANSWERS + SEEDS[:1], WORDS),
]
