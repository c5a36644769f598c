# Copyright the carryall authors.  See LICENSE.
"""The targets of whois: server, client."""
from __future__ import absolute_import, division, print_function

from carryall.core.future import Return, coroutine
from carryall.protocols import whois
from tests.fuzz.target import ClientTarget, ServerTarget, lines

__all__ = ['ALL']

SEEDS = [lines(line) for line in (b'', b'ann', b'-h host.example ann', b'two words', b'evil')] + [
    [('say', b'ann\n')], [('say', b'ann')] + [('wait', 100)], [('say', b'ann'), ('eof', None)],
    [('clog', None)] + lines(b'big') + [('unclog', None)]]
WORDS = [b'ann', b'\r\n', b'\n', b'big', b'evil', b'\x1b[', b'\t', b'host.example']
ANSWERS = [[('say', what), ('eof', None)] for what in (
    b'No match.\r\n', b'refer: whois.example.net\nwhois: a:99\n', b'\xff\xfe\r\r\n\0', b'')] + [
    [('say', b'x'), ('lose', None)], [('wait', 200)]]


class _Records(object):
    """Some records."""

    def answer(self, text, host):
        """Text."""
        return {u'ann': u'Ann', u'big': u'x\n' * 50000,
                u'evil': u'\x1b[2J\x07\x9b\u202e\t\r'}.get(text, u'No match.')


@coroutine
def _ask(loop):
    answer = yield whois.fetch(loop, b'ann', '127.0.0.1', 43)
    raise Return((answer, whois.referral(answer)))


WHOIS = ('protocols/whois/', 'core/line/')
ALL = [
    ServerTarget('whois', WHOIS, lambda run: whois.WhoisServer(_Records(), run.loop), SEEDS, WORDS),
    ClientTarget('whois-client', WHOIS, _ask, ANSWERS, [b'refer: ', b'whois: ', b'\r\n'], (43,)),
]
