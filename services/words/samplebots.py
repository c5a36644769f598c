# Copyright the carryall authors.  See LICENSE.
"""Bots that come with the chat space.

    echo        repeats what it hears
    log         writes what it hears into the log of the server
    dice        roll 2d6
    reminder    remind 10m tea
    botbot      tlist, list, new NAME TYPE, rebuild: makes other bots, for administrators

Tests:    tests/services/words/test_chatbots.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.numbers import decimal_text
from carryall.core.crypto import crypto_of
from carryall.core.errors import UsageError
from carryall.core.future import Return, coroutine
from carryall.core.logs import escape, get_logger
from carryall.core.patterns import Pattern
from carryall.services.words.chatbots import KINDS, Bot
from carryall.services.words.chaterrors import WordsError
from carryall.services.words.chatspace import DIRECT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List

__all__ = ['BotBot', 'DiceBot', 'EchoBot', 'LogBot', 'ReminderBot']

# -- limits ------------------------------------------------------------------
MAX_DICE = 20
MAX_SIDES = 1000
MAX_REMINDERS = 1000
MAX_SECONDS = 7 * 86400

_ROLL = Pattern(u'roll ([0-9]{1,3})d([0-9]{1,4})\\Z')
_REMIND = Pattern(u'remind ([0-9]{1,6})([smhd]) (.+)\\Z')
_UNITS = {u's': 1, u'm': 60, u'h': 3600, u'd': 86400}

log = get_logger('words.bots')


class EchoBot(Bot):
    """Says what it hears."""

    summary = u'repeats each message'

    def heard(self, message):
        return self.answer(message, message.text, message.style)


class LogBot(Bot):
    """Writes what it hears into the log."""

    summary = u'writes messages into the log of the server'

    def heard(self, message):
        log.info('%s <%s> %s', escape(message.place), escape(message.sender), escape(message.text))


class DiceBot(Bot):
    """Rolls dice."""

    summary = u'roll 2d6'

    def heard(self, message):
        found = _ROLL.match(message.text)
        if found is None:
            return None
        count = decimal_text(found.group(1), MAX_DICE)
        sides = decimal_text(found.group(2), MAX_SIDES)
        if not count or not sides:
            return None
        rolled = [self._roll(sides) for _ in range(count)]
        return self.answer(message, u'%s rolled %s: %d' % (
            message.sender, u' + '.join(u'%d' % each for each in rolled), sum(rolled)))

    def _roll(self, sides):
        # type: (int) -> int
        octets = bytearray(crypto_of(self.loop).random(4))
        number = octets[0] << 24 | octets[1] << 16 | octets[2] << 8 | octets[3]
        return number % sides + 1


class ReminderBot(Bot):
    """Reminds participants."""

    summary = u'remind 10m TEXT'

    def __init__(self, house, name):
        Bot.__init__(self, house, name)
        self._timers = []           # type: List[Any]

    def heard(self, message):
        found = _REMIND.match(message.text)
        if found is None:
            return None
        seconds = (decimal_text(found.group(1), MAX_SECONDS) or 0) * _UNITS[found.group(2)]
        self._timers = [timer for timer in self._timers if timer.when > self.loop.time()]
        if not 0 < seconds <= MAX_SECONDS or len(self._timers) >= MAX_REMINDERS:
            return self.answer(message, u'I cannot remind you then.')
        self._timers.append(self.loop.call_later(seconds, self._remind, message, found.group(3)))
        return self.answer(message, u'I will remind you, %s.' % message.sender)

    def _remind(self, message, text):
        # type: (Any, str) -> None
        try:
            self.answer(message, u'%s: %s' % (message.sender, text)).then(None, _log_refusal)
        except WordsError as exc:
            _log_refusal(exc)

    def stopped(self):
        for timer in self._timers:
            timer.cancel()


class BotBot(Bot):
    """Makes other bots."""

    summary = u'tlist, list, new NAME TYPE, rebuild; for administrators'

    @coroutine
    def heard(self, message):
        if message.kind != DIRECT:
            return
        lines = yield self._obey(message)
        for line in lines:
            yield self.answer(message, line)

    @coroutine
    def _obey(self, message):
        # type: (Any) -> Any
        """A Future of the lines that answer a command."""
        words = message.text.split()
        if not self.house.space.participant(message.sender).is_admin:
            raise Return([u'Only administrators make bots.'])
        if words == [u'tlist']:
            raise Return([u', '.join(sorted(KINDS))])
        if words == [u'list']:
            raise Return([u'%s: %s' % row for row in self.house.names()])
        if words == [u'rebuild']:
            self.loop.call_soon(self.house.reload)
            raise Return([u'All bots are made again.'])
        if len(words) == 3 and words[0] == u'new' and words[2] in KINDS:
            try:
                yield self.house.make(words[1], words[2])
            except (WordsError, UsageError) as exc:
                raise Return([u'%s' % exc])
            raise Return([u'%s is there.' % words[1]])
        raise Return([u'I know: tlist, list, new NAME TYPE, rebuild.'])


def _log_refusal(exc):
    # type: (BaseException) -> None
    log.info('a reminder was refused: %s', exc)
