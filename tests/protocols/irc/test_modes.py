# Copyright the carryall authors.  See LICENSE.
"""Modes beyond RFC 2811: standings, flags for accounts and CTCP, rates, modes of users."""
from __future__ import absolute_import, division, print_function

import pytest

from tests.protocols.irc.scene import Scene


def pair(ann_capabilities=()):
    scene = Scene()
    ann = scene.enter(b'ann', *ann_capabilities)
    ben = scene.enter(b'ben')
    ann.send(b'JOIN #tea')
    ben.send(b'JOIN #tea')
    ann.take()
    ben.take()
    return scene, ann, ben


def words(lines):
    return [line.split(b' ')[1] for line in lines]


# -- standing --------------------------------------------------------------------------------

@pytest.mark.parametrize('letter, allowed', [(b'v', True), (b'b', True), (b'o', False),
                                             (b'h', False), (b'q', False), (b'a', False)])
def test_a_half_operator_gives_voices_alone(letter, allowed):
    _, ann, ben = pair()
    ann.send(b'MODE #tea +h ben')
    ben.take()
    lines = ben.send(b'MODE #tea +' + letter + b' ann')
    assert (b'MODE' in words(lines)) is allowed


def test_an_operator_makes_no_founder():
    _, ann, _ = pair()
    assert words(ann.send(b'MODE #tea +q ben')) == [b'482']


def test_a_half_operator_does_not_kick_an_operator():
    _, ann, ben = pair()
    ann.send(b'MODE #tea +h ben')
    ben.take()
    assert words(ben.send(b'KICK #tea ann')) == [b'482']


def test_a_member_gives_up_its_own_standing():
    _, ann, ben = pair()
    ann.send(b'MODE #tea +h ben')
    ben.take()
    assert ben.send(b'MODE #tea -h ben') == [b':ben!~ben@192.0.2.1 MODE #tea -h ben']


def test_a_message_goes_to_a_standing():
    scene, ann, ben = pair()
    cat = scene.enter(b'cat')
    cat.send(b'JOIN #tea')
    ann.send(b'MODE #tea +v ben')
    ben.take()
    cat.take()
    ann.send(b'PRIVMSG +#tea :psst')
    assert (ben.take(), cat.take()) == ([b':ann!~ann@192.0.2.1 PRIVMSG +#tea :psst'], [])


# -- flags -----------------------------------------------------------------------------------

@pytest.mark.parametrize('mode, line', [
    (b'+C', b'PRIVMSG #tea :\x01VERSION\x01'), (b'+T', b'NOTICE #tea :x'),
    (b'+M', b'PRIVMSG #tea :x')])
def test_a_mode_keeps_messages_out(mode, line):
    _, ann, ben = pair()
    ann.send(b'MODE #tea ' + mode)
    ben.send(line)
    assert [each for each in ann.take() if b'MODE' not in each] == []


def test_an_action_is_let_through():
    _, ann, ben = pair()
    ann.send(b'MODE #tea +C')
    ben.send(b'PRIVMSG #tea :\x01ACTION waves\x01')
    assert words(ann.take()) == [b'PRIVMSG']


def test_a_channel_for_accounts_keeps_others_out():
    scene, ann, _ = pair()
    ann.send(b'MODE #tea +R')
    assert words(scene.enter(b'cat').send(b'JOIN #tea')) == [b'477']


def test_no_user_marks_a_channel_as_registered():
    _, ann, _ = pair()
    assert words(ann.send(b'MODE #tea +r')) == [b'482']


def test_messages_beyond_the_rate_are_refused():
    scene, ann, ben = pair()
    ann.send(b'MODE #tea +f 2:10')
    ben.take()
    assert words(ben.send(*[b'PRIVMSG #tea :x'] * 4)) == [b'404', b'404']


def test_the_rate_lets_more_through_later():
    scene, ann, ben = pair()
    ann.send(b'MODE #tea +f 2:10')
    ben.send(*[b'PRIVMSG #tea :x'] * 4)
    scene.loop.advance(10.0)
    ben.take()
    assert ben.send(b'PRIVMSG #tea :x') == []


def test_a_wrong_rate_is_refused():
    _, ann, _ = pair()
    assert words(ann.send(b'MODE #tea +f x')) == [b'696']


@pytest.mark.parametrize('mask', [b'~m:ben', b'~m:*!*@192.0.2.0/24'])
def test_a_mute_lets_enter_but_not_speak(mask):
    _, ann, ben = pair()
    ann.send(b'MODE #tea +b ' + mask)
    ben.take()
    assert words(ben.send(b'PART #tea', b'JOIN #tea', b'PRIVMSG #tea :x'))[-1] == b'404'


def test_a_string_of_thousand_modes_is_bounded():
    _, ann, ben = pair()
    lines = ann.send(b'MODE #tea ' + b'+imst-imst' * 48)
    assert all(len(line) <= 510 for line in lines)


# -- modes of users ----------------------------------------------------------------------------

def test_a_user_with_g_is_asked_first():
    _, ann, ben = pair()
    ann.send(b'MODE ann +g')
    assert words(ben.send(b'PRIVMSG ann :x')) == [b'716', b'717']


def test_a_user_with_g_is_told_of_a_message():
    _, ann, ben = pair()
    ann.send(b'MODE ann +g')
    ben.send(b'PRIVMSG ann :x', b'PRIVMSG ann :x')
    assert ann.take() == [b':irc.example 718 ann ben ~ben@192.0.2.1 :is messaging you, and you have'
                          b' user mode +g set']


def test_one_that_is_accepted_writes():
    _, ann, ben = pair()
    ann.send(b'MODE ann +g', b'ACCEPT ben')
    ben.send(b'PRIVMSG ann :x')
    assert words(ann.take()) == [b'PRIVMSG']


def test_accepted_users_are_listed():
    _, ann, _ = pair()
    ann.send(b'ACCEPT ben')
    assert ann.send(b'ACCEPT *') == [b':irc.example 281 ann :ben',
                                     b':irc.example 282 ann :End of /ACCEPT list']


@pytest.mark.parametrize('line, number', [
    (b'ACCEPT ben', b'457'), (b'ACCEPT -cat', b'458'), (b'ACCEPT nobody', b'401')])
def test_a_wrong_accept_is_refused(line, number):
    _, ann, _ = pair()
    ann.send(b'ACCEPT ben')
    assert words(ann.send(line)) == [number]


@pytest.mark.parametrize('mode, line, number', [
    (b'+R', b'PRIVMSG ann :x', b'486'), (b'+T', b'PRIVMSG ann :\x01VERSION\x01', b'531')])
def test_a_mode_of_a_user_keeps_messages_out(mode, line, number):
    _, ann, ben = pair()
    ann.send(b'MODE ann ' + mode)
    assert (words(ben.send(line)), ann.take()) == ([number], [])


def test_a_bot_is_marked():
    _, ann, ben = pair()
    ben.send(b'MODE ben +B')
    assert b'335' in words(ann.send(b'WHOIS ben'))


def test_messages_of_a_bot_have_its_tag():
    _, ann, ben = pair((b'message-tags',))
    ben.send(b'MODE ben +B', b'PRIVMSG ann :x')
    assert ann.take()[0].startswith(b'@bot;msgid=')


# -- SILENCE and KNOCK -------------------------------------------------------------------------

def test_one_that_is_silenced_is_not_heard():
    _, ann, ben = pair()
    ann.send(b'SILENCE +ben')
    assert (ben.send(b'PRIVMSG ann :x'), ann.take()) == ([], [])


def test_silenced_masks_are_listed():
    _, ann, _ = pair()
    ann.send(b'SILENCE +ben', b'SILENCE +cat', b'SILENCE -cat')
    assert ann.send(b'SILENCE') == [b':irc.example 271 ann ann ben!*@*',
                                    b':irc.example 272 ann :End of /SILENCE list']


def test_silenced_masks_are_bounded():
    _, ann, _ = pair()
    lines = ann.send(*[b'SILENCE +n%d' % number for number in range(33)])
    assert words(lines[-1:]) == [b'511']


def knocked(*modes):
    scene, ann, ben = pair()
    for mode in modes:
        ann.send(b'MODE #tea ' + mode)
    return scene, ann, scene.enter(b'cat')


def test_a_knock_is_told_to_the_operators():
    _, ann, cat = knocked(b'+i')
    ann.take()
    assert (words(cat.send(b'KNOCK #tea')), ann.take()) == (
        [b'711'], [b':irc.example 710 ann #tea cat!~cat@192.0.2.1 :has asked for an invite'])


def test_a_second_knock_is_refused():
    _, _, cat = knocked(b'+i')
    assert words(cat.send(b'KNOCK #tea', b'KNOCK #tea')) == [b'711', b'712']


@pytest.mark.parametrize('modes, number', [((), b'713'), ((b'+ip',), b'403')])
def test_a_knock_is_refused(modes, number):
    _, _, cat = knocked(*modes)
    assert words(cat.send(b'KNOCK #tea')) == [number]
