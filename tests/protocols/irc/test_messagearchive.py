# Copyright the carryall authors.  See LICENSE.
"""The archive of messages in memory."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.irc import Event, MessageArchive, conversation_of


def filled(count, **limits):
    archive = MessageArchive(**limits)
    for number in range(count):
        archive.append(b'#tea', Event(b':a PRIVMSG #tea :%d\r\n' % number, (), float(number),
                                      b'm%d' % number))
    return archive


def numbers(messages):
    return [message.event.at for message in messages]


@pytest.mark.parametrize('options, found', [
    ({}, [0, 1, 2, 3, 4]), ({'limit': 2}, [3, 4]), ({'limit': 2, 'newest': False}, [0, 1]),
    ({'after': 2.0}, [3, 4]), ({'before': 2.0}, [0, 1]), ({'after': 0.0, 'before': 3.0}, [1, 2]),
    ({'before': 4.0, 'limit': 2}, [2, 3]), ({'after': 0.0, 'limit': 2, 'newest': False}, [1, 2]),
    ({'after': 9.0}, [])])
def test_messages_are_selected_by_time(options, found):
    assert numbers(filled(5).select(b'#tea', **options)) == found


def test_the_oldest_of_a_conversation_go_first():
    assert numbers(filled(5, max_messages=2).select(b'#tea')) == [3, 4]


def test_the_quietest_conversation_goes_first():
    archive = filled(3, max_total=4)
    for number in range(2):
        archive.append(b'#milk', Event(b'x\r\n', (), 9.0, b'x'))
    assert (archive.latest(b'#tea'), archive.latest(b'#milk')) == (None, 9.0)


def test_a_message_is_found_by_its_name():
    archive = filled(3)
    assert (archive.find(b'#tea', b'm1').event.at, archive.find(b'#milk', b'm1')) == (1.0, None)


def test_a_message_is_taken_out():
    archive = filled(3)
    archive.remove(b'#tea', archive.find(b'#tea', b'm1'))
    assert numbers(archive.select(b'#tea')) == [0, 2]


def test_a_marker_never_goes_back():
    archive = MessageArchive()
    archive.set_marker(b'ann', b'#tea', 5.0)
    archive.set_marker(b'ann', b'#tea', 3.0)
    assert archive.marker(b'ann', b'#tea') == 5.0


def test_markers_are_bounded():
    archive = MessageArchive()
    for number in range(1000):
        archive.set_marker(b'ann', b'#%d' % number, 1.0)
    with pytest.raises(ValueError):
        archive.set_marker(b'ann', b'#more', 1.0)


def test_partners_are_those_of_the_account():
    archive = MessageArchive()
    for pair in ((b'ann', b'ben'), (b'cat', b'ben'), (b'ann', b'cat')):
        archive.append(conversation_of(*pair), Event(b'x\r\n', (), 1.0, b'x'))
    assert [name for name, _ in archive.partners(b'ann')] == [b'ben', b'cat']
