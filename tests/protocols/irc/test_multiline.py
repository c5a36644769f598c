# Copyright the carryall authors.  See LICENSE.
"""Messages of several lines (IRCv3 multiline)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.irc import MessageArchive
from tests.protocols.irc.scene import Scene

CAPABILITIES = (b'batch', b'message-tags', b'draft/multiline')
OPEN = b'BATCH +1 draft/multiline #tea'


def scene(*more):
    made = Scene()
    made.network.archive = MessageArchive()
    ann = made.enter(b'ann', *(CAPABILITIES + more))
    ben = made.enter(b'ben', *CAPABILITIES)
    cat = made.enter(b'cat')
    for each in (ann, ben, cat):
        each.send(b'JOIN #tea')
    for each in (ann, ben, cat):
        each.take()
    return made, ann, ben, cat


def sent(ann):
    return ann.send(OPEN, b'@batch=1 PRIVMSG #tea :one', b'@batch=1 PRIVMSG #tea :',
                    b'@batch=1 PRIVMSG #tea :two',
                    b'@batch=1;draft/multiline-concat PRIVMSG #tea :three', b'BATCH -1')


def code(lines):
    return [line.split(b' ')[3] for line in lines if b' FAIL ' in line]


def test_a_client_that_knows_of_it_gets_a_batch():
    _, ann, ben, _ = scene()
    sent(ann)
    lines = ben.take()
    name = lines[-1].rpartition(b'-')[2]
    assert [line.partition(b':ann!~ann@192.0.2.1 ')[2] for line in lines] == [
        b'BATCH +' + name + b' draft/multiline #tea', b'PRIVMSG #tea :one', b'PRIVMSG #tea :',
        b'PRIVMSG #tea :two', b'PRIVMSG #tea :three', b'BATCH -' + name]


def test_lines_that_go_on_are_marked():
    _, ann, ben, _ = scene()
    sent(ann)
    assert b'draft/multiline-concat' in ben.take()[4].split(b' ')[0]


def test_others_get_a_message_for_each_line_with_text():
    _, ann, _, cat = scene()
    sent(ann)
    assert [line.rpartition(b':')[2] for line in cat.take()] == [b'one', b'two', b'three']


def test_the_sender_gets_its_echo_with_its_label():
    _, ann, _, _ = scene(b'echo-message', b'labeled-response')
    ann.send(b'@label=7 ' + OPEN, b'@batch=1 PRIVMSG #tea :one')
    lines = ann.send(b'BATCH -1')
    assert (b'label=7' in lines[0].split(b' ')[0], len(lines)) == (True, 3)


def test_a_label_without_an_echo_is_answered():
    _, ann, _, _ = scene(b'labeled-response')
    ann.send(b'@label=7 ' + OPEN, b'@batch=1 PRIVMSG #tea :one')
    assert ann.send(b'BATCH -1') == [b'@label=7 :irc.example ACK']


def test_the_lines_are_kept():
    made, ann, _, _ = scene()
    sent(ann)
    assert len(made.network.archive.select(b'#tea')) == 3


def test_a_user_gets_a_batch_too():
    _, ann, ben, _ = scene()
    ann.send(b'BATCH +1 draft/multiline ben', b'@batch=1 PRIVMSG ben :one', b'BATCH -1')
    assert len(ben.take()) == 3


@pytest.mark.parametrize('lines, expected', [
    ([b'BATCH +1 netsplit #tea'], b'MULTILINE_INVALID'), ([b'BATCH -1'], b'MULTILINE_INVALID'),
    ([OPEN, OPEN], b'MULTILINE_INVALID'), ([OPEN, b'BATCH -1'], b'MULTILINE_INVALID'),
    ([OPEN, b'BATCH -2'], b'MULTILINE_INVALID'),
    ([OPEN, b'@batch=1 PRIVMSG #milk :x'], b'MULTILINE_INVALID_TARGET'),
    ([OPEN, b'@batch=2 PRIVMSG #tea :x'], b'MULTILINE_INVALID'),
    ([OPEN, b'@batch=1 PRIVMSG #tea :x', b'@batch=1 NOTICE #tea :x'], b'MULTILINE_INVALID'),
    ([OPEN, b'@batch=1;draft/multiline-concat PRIVMSG #tea :'], b'MULTILINE_INVALID'),
    ([OPEN, b'@batch=1 PRIVMSG #tea :', b'BATCH -1'], b'MULTILINE_INVALID'),
    ([OPEN] + [b'@batch=1 PRIVMSG #tea :x'] * 101, b'MULTILINE_MAX_LINES'),
    ([OPEN] + [b'@batch=1 PRIVMSG #tea :' + b'x' * 450] * 10, b'MULTILINE_MAX_BYTES')])
def test_a_wrong_batch_is_refused(lines, expected):
    _, ann, ben, _ = scene()
    found = code(ann.send(*lines))
    assert (found[:1], [each for each in ben.take() if b'BATCH' in each]) == ([expected], [])


def test_a_batch_needs_the_capability():
    assert code(Scene().enter(b'ann').send(OPEN)) == [b'MULTILINE_INVALID']


def test_a_channel_that_refuses_gets_nothing():
    _, ann, ben, _ = scene()
    ann.send(b'MODE #tea +m')
    ben.send(OPEN, b'@batch=1 PRIVMSG #tea :x')
    assert ben.send(b'BATCH -1')[-1].split(b' ')[1] == b'404'
