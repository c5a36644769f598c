# Copyright the carryall authors.  See LICENSE.
"""Bots in the chat space, and the interface for those of your own.

    class Parrot(Bot):
        summary = u'repeats what it hears'

        def heard(self, message):
            self.answer(message, u'you said: ' + message.text)

A bot is a participant.  ``--bot parrot:parrot_module:Parrot`` brings it into the chat; a message to
it, or in a group where it is, reaches `heard`.  It enters groups by itself or when it is told
``join GROUP``.  A bot that fails is stopped alone, and the log has the reason.  A SIGHUP loads the
modules of the classes again.

Types:    echo, log, dice, reminder and botbot, which makes others (samplebots.py)
Tests:    tests/services/words/test_chatbots.py
"""
from __future__ import absolute_import, division, print_function

import os
import sys

from carryall.core.compat import FAILURES, native
from carryall.core.errors import UsageError
from carryall.core.future import Return, as_future, coroutine
from carryall.core.logs import escape, get_logger
from carryall.services.words.chaterrors import NotAllowedError, WordsError
from carryall.services.words.chatnames import folded
from carryall.services.words.chatspace import DIRECT, ChatSession, Participant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Tuple
    from carryall.services.words.chatspace import ChatSpace, Message

__all__ = ['Bot', 'BotHouse', 'KINDS']

# -- limits ------------------------------------------------------------------
MAX_BOTS = 50
FAULTS = 3                  # failures of a bot, after which it is stopped

# type -> module and class
KINDS = {
    u'botbot': u'carryall.services.words.samplebots:BotBot',
    u'dice': u'carryall.services.words.samplebots:DiceBot',
    u'echo': u'carryall.services.words.samplebots:EchoBot',
    u'log': u'carryall.services.words.samplebots:LogBot',
    u'reminder': u'carryall.services.words.samplebots:ReminderBot',
}

log = get_logger('words.bots')


class Bot(object):
    """The base of bots; override `heard`.

    Attributes:
        summary: a line about what it does.
        name: of its participant.
        loop: the loop, for timers.
        house: the BotHouse.
    """

    summary = u''

    def __init__(self, house, name):
        # type: (BotHouse, str) -> None
        self.house = house
        self.name = name
        self.loop = house.loop

    def started(self):
        # type: () -> Any
        """The bot is online."""

    def heard(self, message):
        # type: (Message) -> Any
        """A message of another participant to the bot, or in a group where it is."""

    def stopped(self):
        # type: () -> Any
        """The bot goes offline."""

    def answer(self, message, text, style=u''):
        # type: (Message, str, str) -> Any
        """Says something where the message came from; a Future of the Message."""
        if message.kind == DIRECT:
            return self.tell(message.sender, text, style)
        return self.say(message.place, text, style)

    def say(self, group, text, style=u''):
        # type: (str, str, str) -> Any
        """Says something in a group; a Future of the Message."""
        return self.house.say(self.name, group, text, style)

    def tell(self, name, text, style=u''):
        # type: (str, str, str) -> Any
        """Says something to a participant; a Future of the Message."""
        return self.house.tell(self.name, name, text, style)

    def join(self, group):
        # type: (str) -> None
        """Enters a group."""
        self.house.join(self.name, group)


class _Place(ChatSession):
    """The session of one bot, and what became of it."""

    protocol = u'bot'

    def __init__(self, house, participant, kind):
        # type: (BotHouse, Participant, str) -> None
        self.participant = participant
        self.kind = kind
        self.bot = None             # type: Any
        self.state = u'stopped'
        self.faults = 0
        self._house = house

    def message_came(self, message, metadata):
        if folded(message.sender) != self.participant.key:
            self._house.pass_on(self, message)

    def ended(self, reason):
        self._house.end(self, reason)


class BotHouse(object):
    """The bots of a space.

    Args:     wanted: pairs of a name and a type.
    """

    def __init__(self, space, loop, wanted=()):
        # type: (ChatSpace, Any, Any) -> None
        self.space = space
        self.loop = loop
        self._wanted = list(wanted)
        self._places = {}           # type: Dict[str, _Place]

    @coroutine
    def start(self):
        # type: () -> Any
        """Starts the bots that are wanted; a Future of None."""
        for name, kind in self._wanted:
            try:
                yield self.make(name, kind)
            except (WordsError, UsageError) as exc:
                log.error('the bot %s does not start: %s', escape(name), exc)

    def close(self):
        # type: () -> None
        """Stops all bots."""
        for place in list(self._places.values()):
            self._stop(place, u'stopped')

    def reload(self):
        # type: () -> None
        """Stops the bots, loads their modules again, and starts them."""
        running = [place for place in self._places.values() if place.bot is not None]
        for place in running:
            self._stop(place, u'stopped')
        for place in running:
            self._start(place, True)

    def names(self):
        # type: () -> List[Tuple[str, str]]
        """(name, type and state) of each bot."""
        return [(place.participant.name, u'%s, %s' % (place.kind, place.state))
                for _, place in sorted(self._places.items())]

    @coroutine
    def make(self, name, kind):
        # type: (str, str) -> Any
        """Makes a bot and starts it; a Future of None.

        Raises:   NotAllowedError: the name is that of a person, or there are too many.
                  UsageError: the class cannot be loaded.
        """
        key = folded(name)
        if key in self._places or len(self._places) >= MAX_BOTS:
            raise NotAllowedError(u'There is such a bot, or there are too many.')
        participant = self.space.participants.get(key)
        if participant is None:
            participant = Participant(name, self.loop.wall())
            yield self.space.add_participant(participant)
        elif participant.verifier is not None:
            raise NotAllowedError(u'This is the name of a person.')
        place = _Place(self, participant, kind)
        self._places[key] = place
        self._start(place)
        raise Return(None)

    def set_running(self, name, running):
        # type: (str, bool) -> None
        """Starts or stops a bot."""
        place = self._places.get(folded(name))
        if place is None:
            raise NotAllowedError(u'There is no such bot.')
        if running and place.bot is None:
            place.faults = 0
            self._start(place, True)
        elif not running and place.bot is not None:
            self._stop(place, u'stopped')

    def _start(self, place, again=False):
        # type: (_Place, bool) -> None
        try:
            place.bot = _class_of(place.kind, again)(self, place.participant.name)
        except UsageError as exc:
            place.state = u'%s' % exc
            log.error('the bot %s does not start: %s', escape(place.participant.name), exc)
            return
        place.state = u'running'
        self.space.attach(place.participant, place)
        self._call(place, place.bot.started)

    def _stop(self, place, state):
        # type: (_Place, str) -> None
        bot, place.bot = place.bot, None
        place.state = state
        self.space.detach(place.participant, place)
        if bot is not None:
            try:
                bot.stopped()
            except FAILURES:
                log.exception('the bot %s failed', escape(place.participant.name))

    def end(self, place, reason):
        # type: (_Place, str) -> None
        """Stops a bot whose participant is shut out."""
        self._stop(place, reason)

    def pass_on(self, place, message):
        # type: (_Place, Message) -> None
        """Gives a bot a message; on a later turn, so that bots cannot talk without end."""
        if message.kind == DIRECT and message.text.startswith(u'join '):
            try:
                self.space.join(place.participant, message.text[5:].strip())
            except WordsError as exc:
                log.info('%s: %s', escape(place.participant.name), exc)
            return
        sender = self._places.get(folded(message.sender))
        if sender is None:              # bots do not answer bots
            self.loop.call_soon(self._hear, place, message)

    def _hear(self, place, message):
        # type: (_Place, Message) -> None
        if place.bot is not None:
            self._call(place, place.bot.heard, message)

    def _call(self, place, method, *args):
        # type: (_Place, Any, *Any) -> None
        try:
            answer = as_future(method(*args))
        except FAILURES:
            log.exception('the bot %s failed', escape(place.participant.name))
            self._count(place)
            return

        def failed(exc):
            # type: (BaseException) -> None
            if isinstance(exc, WordsError):
                log.info('%s: %s', escape(place.participant.name), exc)
                return
            log.error('the bot %s failed: %r', escape(place.participant.name), exc)
            self._count(place)

        answer.then(None, failed)

    def _count(self, place):
        # type: (_Place) -> None
        place.faults += 1
        if place.faults >= FAULTS and place.bot is not None:
            self._stop(place, u'stopped: it failed %d times' % FAULTS)

    # -- what bots do ----------------------------------------------------------------------

    def say(self, bot, group, text, style):
        # type: (str, str, str, str) -> Any
        """Has a bot say something in a group."""
        return self.space.group_message(self.space.participant(bot), group, text, _styled(style))

    def tell(self, bot, name, text, style):
        # type: (str, str, str, str) -> Any
        """Has a bot say something to a participant."""
        return self.space.direct_message(self.space.participant(bot), name, text, _styled(style))

    def join(self, bot, group):
        # type: (str, str) -> None
        """Has a bot enter a group."""
        self.space.join(self.space.participant(bot), group)


def _styled(style):
    # type: (str) -> Dict[str, str]
    return {u'style': style} if style else {}


def _class_of(kind, again):
    # type: (str, bool) -> Any
    """The class of a type; *again*: its module is loaded once more.

    Raises:   UsageError: it cannot be loaded.
    """
    target = KINDS.get(kind, kind)
    module, colon, name = native(target).partition(':')
    if not colon or not module or not name or name.startswith('_'):
        raise UsageError(u'a bot of your own is MODULE:CLASS')
    if kind not in KINDS and os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())     # as a script finds the modules next to it
    if again and kind not in KINDS:
        sys.modules.pop(module, None)       # the file may have changed
    try:
        loaded = __import__(module, None, None, [name])
    except FAILURES as exc:
        raise UsageError(u'the module %s cannot be imported: %s' % (module, exc))
    found = vars(loaded).get(name)
    if not isinstance(found, type) or not issubclass(found, Bot):
        raise UsageError(u'%s in %s is no class of bots' % (name, module))
    return found
