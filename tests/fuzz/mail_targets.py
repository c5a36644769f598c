# Copyright the carryall authors.  See LICENSE.
"""The target of the mail service: aliases and headers."""
from __future__ import absolute_import, division, print_function

from carryall.services.mail import aliases, mailheaders
from tests.fuzz.target import GrammarTarget

__all__ = ['ALL']

def _parse_aliases(data):
    aliases.parse_aliases(data, u'x')


def _read_headers(data):
    head = mailheaders.head_of(mailheaders.with_header(data))
    mailheaders.count_received(head)
    mailheaders.submitted(data, b'a@b', b'mx', 'x', 0.0)
    mailheaders.stored(data, b'', b'c@d')


SEEDS = [[('say', what)] for what in (
    b'a: b, c@d\n  e\nowner-a: :include:/x\n"q q": z', b'Received: x\r\nDate: y\r\n\r\nbody')]
WORDS = [b': ', b', ', b'\n', b'\r\n', b':include:', b'"', b'|', b'@', b'owner-', b'Received: ']


ALL = [
    GrammarTarget('mail-grammar', ('services/mail/',), [_parse_aliases, _read_headers], SEEDS,
                  WORDS),
]
