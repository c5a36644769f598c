# Copyright the carryall authors.  See LICENSE.
"""The Q method (RFC 1143): every state, and no loops."""
from __future__ import absolute_import, division, print_function

import random

import pytest

from carryall.core.errors import RemoteProtocolError
from carryall.protocols.telnet.qmethod import MAX_RECEIVED, Negotiator
from carryall.protocols.telnet.wire import DO, DONT, WILL, WONT


class End(object):
    def __init__(self, accepts=True):
        self.sent = []
        self.changes = []
        self.negotiator = Negotiator(lambda verb, option: self.sent.append((verb, option)),
                                     lambda option, ours: accepts,
                                     lambda option, ours, on: self.changes.append((ours, on)))

    def play(self, *steps):
        """'+' and '-' ask for our option 1 to be on or off; a verb comes from the peer."""
        for step in steps:
            if step in ('+', '-'):
                self.negotiator.ask(1, True, step == '+')
            else:
                self.negotiator.received(step, 1)
        return [verb for verb, _ in self.sent], self.negotiator.on(1, True)


@pytest.mark.parametrize('steps, sent, on', [
    (['+'], [WILL], False), (['+', DO], [WILL], True), (['+', DONT], [WILL], False),
    (['+', '+'], [WILL], False),
    (['+', DO, '-'], [WILL, WONT], False), (['+', DO, '-', DONT], [WILL, WONT], False),
    (['+', DO, DO], [WILL], True), (['+', DO, DONT], [WILL, WONT], False), ([DO], [WILL], True),
    ([DONT], [], False),
    ([DO, DO, DO], [WILL], True), (['-'], [], False),
    # Minds changed before the answer came (the queue bit).
    (['+', '-', DO], [WILL, WONT], False), (['+', '-', DO, DONT], [WILL, WONT], False),
    (['+', '-', DONT], [WILL], False),
    (['+', '-', '+', DO], [WILL], True), (['+', DO, '-', '+', DONT], [WILL, WONT, WILL], False),
    (['+', DO, '-', '+', DONT, DO], [WILL, WONT, WILL], True),
    (['+', DO, '-', '+', '-', DONT], [WILL, WONT], False),
    # Peers that err: an answer to a refusal that agrees.
    (['+', DO, '-', DO], [WILL, WONT], False), (['+', DO, '-', '+', DO], [WILL, WONT], True)])
def test_the_q_method_follows_its_table(steps, sent, on):
    assert End().play(*steps) == (sent, on)


def test_a_refused_option_stays_off():
    end = End(accepts=False)
    assert end.play(DO, DO) == ([WONT, WONT], False) and end.changes == []
    end.negotiator.received(WILL, 7)
    assert end.sent[-1] == (DONT, 7)


def test_the_other_side_is_the_mirror():
    end = End()
    end.negotiator.ask(5, False, True)
    end.negotiator.received(WILL, 5)
    end.negotiator.received(WONT, 5)
    assert end.sent == [(DO, 5), (DONT, 5)] and end.changes == [(False, True), (False, False)]


def test_changes_are_told_once():
    end = End()
    end.play('+', DO, '-', DONT, '+', DONT)
    assert end.changes == [(True, True), (True, False), (True, False)]


def test_two_ends_never_talk_for_ever():
    dice = random.Random(1143)
    for _ in range(300):
        ends = [End(dice.random() < 0.7), End(dice.random() < 0.7)]
        moves = 0
        wants = [(dice.randrange(2), dice.random() < 0.5, dice.random() < 0.5) for _ in range(6)]
        while wants or ends[0].sent or ends[1].sent:
            moves += 1
            assert moves < 100, 'they talk for ever'
            if wants and dice.random() < 0.5:
                who, ours, on = wants.pop()
                ends[who].negotiator.ask(1, ours, on)
            who = dice.randrange(2)
            if ends[who].sent:
                verb, option = ends[who].sent.pop(0)
                ends[1 - who].negotiator.received(verb, option)
        assert ends[0].negotiator.on(1, True) == ends[1].negotiator.on(1, False), \
            'they do not agree'
        assert ends[0].negotiator.on(1, False) == ends[1].negotiator.on(1, True)


def test_negotiations_are_bounded():
    end = End()
    for _ in range(MAX_RECEIVED):
        end.negotiator.received(WONT, 3)
    with pytest.raises(RemoteProtocolError):
        end.negotiator.received(WONT, 3)


def test_a_forgotten_option_can_be_negotiated_again():
    end = End()
    assert end.play(DO) == ([WILL], True)
    end.negotiator.forget(1, True)
    assert not end.negotiator.on(1, True) and end.play(DO)[0] == [WILL, WILL] \
        and end.negotiator.all_on(True) == [1]
