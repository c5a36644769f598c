# Copyright the carryall authors.  See LICENSE.
"""Modes and lists of a channel as a text."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.testing import VirtualLoop
from carryall.protocols.irc import Channel, Entry
from carryall.services.words.channelrules import obey, rules_of
from carryall.services.words.chatnames import fold_words


def channel():
    """A channel with the usual modes."""
    found = Channel(b'#tea', VirtualLoop())
    obey(found, u'', 0.0)
    return found


def test_the_usual_modes_are_no_text():
    assert rules_of(channel()) == u''


def test_modes_and_lists_come_back():
    first = channel()
    first.modes[b'k'] = b'\xe2\x98\x95'
    first.add_entry(b'b', Entry(b'bob', b'ann!a@h', 5.0, fold_words))
    second = channel()
    obey(second, rules_of(first), 10.0)
    entry = second.lists[b'b'][0]
    assert (second.modes, entry.mask, entry.setter, entry.at) == (
        {b'n': b'', b'k': b'\xe2\x98\x95'}, b'bob!*@*', b'ann!a@h', 5.0)


def test_an_entry_that_has_ended_does_not_come_back():
    first = channel()
    first.add_entry(b'b', Entry(b'~t:1:bob', b'ann!a@h', 0.0, fold_words))
    second = channel()
    obey(second, rules_of(first), 61.0)
    assert second.lists[b'b'] == []


@pytest.mark.parametrize('text', [u'no json', u'[]', u'{}', u'{"modes": 1, "lists": {}}',
                                  u'{"modes": {}, "lists": {"b": [[1, 2]]}}'])
def test_a_text_that_cannot_be_read_closes_the_channel(text, expect_log):
    expect_log('the modes of a channel cannot be read')
    found = channel()
    obey(found, text, 0.0)
    assert b'i' in found.modes
