# Copyright the carryall authors.  See LICENSE.
"""Modes and lists of the channel of a group, as a text that outlives the channel.

    rules = rules_of(channel)               # u'' for the usual
    obey(channel, rules, now)

Tests:    tests/services/words/test_channelrules.py
"""
from __future__ import absolute_import, division, print_function

import json

from carryall.core.logs import get_logger
from carryall.protocols.irc import Entry
from carryall.services.words.chatnames import fold_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from carryall.protocols.irc import Channel

__all__ = ['USUAL', 'obey', 'rules_of']

USUAL = {b'n': b''}         # every member may set the topic, as elsewhere in a chat space

log = get_logger('words')


def rules_of(channel):
    # type: (Channel) -> str
    """The text; u'' if the channel has no modes and lists but the usual."""
    lists = dict((_text(letter), [[_text(entry.mask), _text(entry.setter), entry.at]
                                  for entry in entries])
                 for letter, entries in channel.lists.items() if entries)
    if channel.modes == USUAL and not lists:
        return u''
    modes = dict((_text(letter), _text(value)) for letter, value in channel.modes.items())
    return json.dumps({u'modes': modes, u'lists': lists}, sort_keys=True)


def obey(channel, rules, now):
    # type: (Channel, str, float) -> None
    """Gives a new channel the modes and lists of that text, but entries that have ended."""
    channel.modes = dict(USUAL)
    if not rules:
        return
    try:
        found = json.loads(rules)
        modes = dict((_octets(letter), _octets(value))
                     for letter, value in found[u'modes'].items())
        rows = [(_octets(letter), _octets(mask), _octets(setter), float(at))
                for letter, entries in found[u'lists'].items() for mask, setter, at in entries]
    except (AttributeError, KeyError, TypeError, ValueError) as exc:
        log.error('the modes of a channel cannot be read: %s', exc)
        # Closed rather than open: an administrator mends it.
        channel.modes[b'i'] = b''
        return
    channel.modes = modes
    for letter, mask, setter, at in rows:
        entry = Entry(mask, setter, at, fold_words)
        if letter in channel.lists and entry.until > now:
            channel.add_entry(letter, entry)


def _text(octets):
    # type: (bytes) -> str
    return octets.decode('latin-1')


def _octets(text):
    # type: (str) -> bytes
    return text.encode('latin-1')
