# Copyright the carryall authors.  See LICENSE.
"""The targets of finger: server, client."""
from __future__ import absolute_import, division, print_function

from carryall.core.future import Return, coroutine
from carryall.protocols import finger
from tests.fuzz.target import ClientTarget, ServerTarget, lines

__all__ = ['ALL']

FINGER_SEEDS = [lines(line) for line in (b'', b'ann', b'/W ann', b'ann@host.example', b'/W @a@b',
                                         b'two words', b'evil')] + [
    [('say', b'ann\n')], [('say', b'ann')] + [('wait', 100)], [('say', b'ann'), ('eof', None)],
    [('clog', None)] + lines(b'big') + [('unclog', None)]]
FINGER_WORDS = [b'/W ', b'@', b'ann', b'\r\n', b'\n', b'big', b'evil', b'\x1b[', b'\t',
                b'host.example']


class _People(finger.Directory):
    """Some answers."""

    def answer(self, user, verbose, host):
        """Text."""
        return {u'ann': u'Ann\nlong' if verbose else u'Ann', u'big': u'x\n' * 50000,
                u'evil': u'\x1b[2J\x07\x9b\u202e\t\r'}.get(user, u'who?')


@coroutine
def _ask(loop):
    answer = yield finger.fetch(loop, finger.Query(b'ann', (), True), '127.0.0.1', 79)
    shown = finger.clean(answer.decode('utf-8', 'replace'))
    if any(ord(char) < 32 and char not in u'\n\t' or 0x7f <= ord(char) < 0xa0 for char in shown):
        raise ValueError('it shows %r' % shown)
    raise Return(shown)


FINGER_CLIENT_SEEDS = [[('say', what), ('eof', None)] for what in (
    b'Login: ann\r\nPlan:\r\n\x1b[31mred\r\n', b'refer: whois.example.net\nwhois: a:99\n',
    b'\xff\xfe\r\r\n\0', b'')] + [[('say', b'x'), ('lose', None)], [('wait', 200)]]


FINGER = ('protocols/finger/', 'core/line/')
ALL = [
    ServerTarget('finger', FINGER, lambda run: finger.FingerServer(_People(), run.loop),
                 FINGER_SEEDS, FINGER_WORDS),
    ClientTarget('finger-client', FINGER, _ask, FINGER_CLIENT_SEEDS,
                 [b'\x1b', b'\r\n', b'\x9b', b'\xc2\x9b', b'\xe2\x80\xae'], (79,)),
]
