# Copyright the carryall authors.  See LICENSE.
"""Messages between users of the IRC server, AWAY, SETNAME, and MONITOR."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.irc import Settings
from tests.protocols.irc.scene import Scene

ANN = b':ann!~ann@192.0.2.1 '
SERVER = b':irc.example '


def two(*capabilities, **settings):
    """ann and ben in #tea; ben has the capabilities."""
    scene = Scene(Settings(burst=1000, **settings))
    ann = scene.enter(b'ann')
    ben = scene.enter(b'ben', *capabilities)
    ann.send(b'JOIN #tea')
    ben.send(b'JOIN #tea')
    ann.take()
    return ann, ben


@pytest.mark.parametrize('said, heard', [
    (b'PRIVMSG ben :hello there', b'PRIVMSG ben :hello there'),
    (b'PRIVMSG BEN hello', b'PRIVMSG ben :hello'),
    (b'NOTICE ben :hello', b'NOTICE ben :hello'),
    (b'PRIVMSG #TEA :hello', b'PRIVMSG #tea :hello'),
    (b'PRIVMSG #tea,#tea,ben :x', None),
    (b'PRIVMSG ben :\x01ACTION waves\x01', b'PRIVMSG ben :\x01ACTION waves\x01'),
    (b'PRIVMSG ben :gr\xfc\xdf', b'PRIVMSG ben :gr\xfc\xdf'),
    (b'PRIVMSG ben ::)', b'PRIVMSG ben ::)')])
def test_a_message_arrives(said, heard):
    ann, ben = two()
    ann.send(said)
    lines = ben.take()
    if heard is None:
        assert lines == [ANN + b'PRIVMSG #tea :x', ANN + b'PRIVMSG ben :x']
    else:
        assert lines == [ANN + heard]


def test_a_message_is_not_sent_back():
    ann, _ = two()
    assert ann.send(b'PRIVMSG #tea :hello') == []


def test_a_message_that_would_be_too_long_for_others_is_cut():
    ann, ben = two()
    ann.send(b'PRIVMSG #tea :' + b'x ' * 245)
    assert len(ben.take()[0]) == 510


@pytest.mark.parametrize('said, answer', [
    (b'PRIVMSG', b'411 ann :No recipient given (PRIVMSG)'),
    (b'PRIVMSG ben', b'412 ann :No text to send'), (b'PRIVMSG ben :', b'412 ann :No text to send'),
    (b'PRIVMSG cat :x', b'401 ann cat :No such nick/channel'),
    (b'PRIVMSG #no :x', b'403 ann #no :No such channel'),
    (b'PRIVMSG a,b,c,d,e :x', b'407 ann e :Too many recipients')])
def test_a_message_that_cannot_be_sent_is_answered(said, answer):
    ann, _ = two()
    assert ann.send(said) == [SERVER + answer]


@pytest.mark.parametrize('said', [b'NOTICE', b'NOTICE ben', b'NOTICE cat :x', b'NOTICE #no :x',
                                  b'NOTICE a,b,c,d,e :x'])
def test_a_notice_is_never_answered(said):
    ann, _ = two()
    assert ann.send(said) == []


@pytest.mark.parametrize('mode', [b'+m', b'+b ben'])
def test_a_mode_keeps_a_member_silent(mode):
    ann, ben = two()
    ann.send(b'MODE #tea ' + mode)
    ben.take()
    assert ben.send(b'PRIVMSG #tea :x') == [SERVER + b'404 ben #tea :Cannot send to channel']


@pytest.mark.parametrize('mode', [b'+mv ben', b'+mo ben', b'+bv ben ben', b'+be ben ben'])
def test_a_voice_is_heard(mode):
    ann, ben = two()
    ann.send(b'MODE #tea ' + mode)
    ann.take()
    ben.send(b'PRIVMSG #tea :x')
    assert ann.take() == [b':ben!~ben@192.0.2.1 PRIVMSG #tea :x']


def test_one_outside_is_not_heard():
    ann, ben = two()
    ben.send(b'PART #tea')
    assert ben.send(b'PRIVMSG #tea :x') == [SERVER + b'404 ben #tea :Cannot send to channel']


def test_one_outside_is_heard_without_n():
    ann, ben = two()
    ann.send(b'MODE #tea -n')
    ben.send(b'PART #tea')
    ann.take()
    ben.send(b'PRIVMSG #tea :x')
    assert ann.take() == [b':ben!~ben@192.0.2.1 PRIVMSG #tea :x']


# -- tags --------------------------------------------------------------------------------

def test_a_client_that_wants_it_gets_the_time():
    ann, ben = two(b'server-time')
    ann.send(b'PRIVMSG #tea :x')
    assert ben.take() == [b'@time=2026-01-01T00:16:40.000Z ' + ANN + b'PRIVMSG #tea :x']


def test_tags_of_clients_go_to_those_that_know_them():
    scene = Scene()
    ann = scene.enter(b'ann', b'message-tags')
    ben = scene.enter(b'ben', b'message-tags')
    cat = scene.enter(b'cat')
    for each in (ann, ben, cat):
        each.send(b'JOIN #tea')
    ben.take()
    cat.take()
    ann.send(b'@+x=1;y=2 PRIVMSG #tea :z')
    assert ([line.split(b';')[0] for line in ben.take()], cat.take()) == (
        [b'@+x=1'], [ANN + b'PRIVMSG #tea :z'])


def test_messages_have_different_numbers():
    ann, ben = two(b'message-tags')
    ann.send(b'PRIVMSG #tea :x', b'PRIVMSG #tea :x')
    assert len(set(ben.take())) == 2


def test_a_message_of_tags_alone_arrives():
    scene = Scene()
    ann = scene.enter(b'ann', b'message-tags')
    ben = scene.enter(b'ben', b'message-tags')
    ann.send(b'@+typing=active TAGMSG ben')
    assert ben.take()[0].endswith(ANN + b'TAGMSG ben')


def test_a_message_of_tags_alone_does_not_go_to_others():
    scene = Scene()
    ann = scene.enter(b'ann', b'message-tags')
    ben = scene.enter(b'ben')
    ann.send(b'@+typing=active TAGMSG ben')
    assert ben.take() == []


def test_a_client_without_tags_has_no_tagmsg():
    ann, _ = two()
    assert ann.send(b'TAGMSG ben') == [SERVER + b'421 ann TAGMSG :Unknown command']


def test_an_echo_is_sent_to_those_that_want_it():
    ann, ben = two(b'echo-message')
    assert ben.send(b'PRIVMSG #tea :x') == [b':ben!~ben@192.0.2.1 PRIVMSG #tea :x']


# -- labels ------------------------------------------------------------------------------

def labelled():
    return Scene().enter(b'ann', b'labeled-response', b'batch')


def test_one_answer_has_the_label():
    assert labelled().send(b'@label=7 PING x') == [
        b'@label=7 :irc.example PONG irc.example :x']


def test_no_answer_is_acknowledged():
    assert labelled().send(b'@label=7 PONG x') == [b'@label=7 :irc.example ACK']


def test_several_answers_are_a_batch():
    lines = labelled().send(b'@label=7 WHOIS ann')
    assert lines[0].startswith(b'@label=7 :irc.example BATCH +')
    assert lines[-1].startswith(b':irc.example BATCH -')


def test_the_lines_of_a_batch_have_its_name():
    lines = labelled().send(b'@label=7 WHOIS ann')
    name = lines[-1].rpartition(b'-')[2]
    assert all(line.startswith(b'@batch=' + name + b' ') for line in lines[1:-1])


def test_a_client_without_labels_gets_none():
    ann, _ = two()
    assert ann.send(b'@label=7 PING x') == [b':irc.example PONG irc.example :x']


# -- AWAY and SETNAME ----------------------------------------------------------------------

def test_one_that_is_away_says_so():
    ann, ben = two()
    assert ben.send(b'AWAY :lunch', b'AWAY') == [
        SERVER + b'306 ben :You have been marked as being away',
        SERVER + b'305 ben :You are no longer marked as being away']


def test_a_message_to_one_that_is_away_is_answered():
    ann, ben = two()
    ben.send(b'AWAY :lunch')
    assert ann.send(b'PRIVMSG ben :x') == [SERVER + b'301 ann ben :lunch']


def test_a_notice_to_one_that_is_away_is_not():
    ann, ben = two()
    ben.send(b'AWAY :lunch')
    assert ann.send(b'NOTICE ben :x') == []


def test_members_that_want_it_hear_of_away():
    ann, ben = two(b'away-notify')
    ann.send(b'AWAY :lunch', b'AWAY')
    assert ben.take() == [ANN + b'AWAY :lunch', ANN + b'AWAY']


def test_members_that_want_it_hear_of_another_real_name():
    ann, ben = two(b'setname')
    ann.send(b'SETNAME :Ann Other')
    assert ben.take() == [ANN + b'SETNAME :Ann Other']


def test_members_that_want_it_hear_more_of_a_join():
    scene = Scene()
    ann = scene.enter(b'ann', b'extended-join')
    ben = scene.enter(b'ben')
    ann.send(b'JOIN #tea')
    ben.send(b'JOIN #tea')
    assert ann.take() == [b':ben!~ben@192.0.2.1 JOIN #tea * :BEN']


# -- MONITOR -----------------------------------------------------------------------------

def test_one_that_comes_is_told():
    scene = Scene()
    ann = scene.enter(b'ann')
    ann.send(b'MONITOR + BEN')
    scene.enter(b'ben')
    assert ann.take() == [SERVER + b'730 ann :ben!~ben@192.0.2.1']


def test_one_that_goes_is_told():
    scene = Scene()
    ann = scene.enter(b'ann')
    ben = scene.enter(b'ben')
    ann.send(b'MONITOR + ben')
    ben.send(b'QUIT')
    assert ann.take() == [SERVER + b'731 ann ben']


def test_another_nick_is_a_coming_and_a_going():
    scene = Scene()
    ann = scene.enter(b'ann')
    ben = scene.enter(b'ben')
    ann.send(b'MONITOR + ben,bob')
    ben.send(b'NICK bob')
    assert ann.take() == [SERVER + b'731 ann ben', SERVER + b'730 ann :bob!~ben@192.0.2.1']


@pytest.mark.parametrize('said, answers', [
    (b'MONITOR + ben,cat', [b'730 ann :ben!~ben@192.0.2.1', b'731 ann :cat']),
    (b'MONITOR S', []), (b'MONITOR L', [b'733 ann :End of MONITOR list']),
    (b'MONITOR X', [])])
def test_the_monitored_are_shown(said, answers):
    ann, _ = two()
    assert ann.send(said) == [SERVER + answer for answer in answers]


def test_the_list_is_shown_and_emptied():
    ann, _ = two()
    ann.send(b'MONITOR + cat,dog', b'MONITOR - CAT')
    assert ann.send(b'MONITOR L', b'MONITOR C', b'MONITOR L') == [
        SERVER + b'732 ann :dog', SERVER + b'733 ann :End of MONITOR list',
        SERVER + b'733 ann :End of MONITOR list']


def test_the_list_is_bounded():
    ann, _ = two(max_monitored=1)
    assert ann.send(b'MONITOR + cat,dog,emu')[0] == (
        SERVER + b'734 ann 1 dog,emu :Monitor list is full')


def test_one_that_is_gone_monitors_nothing():
    scene = Scene()
    ann = scene.enter(b'ann')
    ann.send(b'MONITOR + ben', b'QUIT')
    scene.enter(b'ben')
    assert scene.network.watchers_of(b'ben') == []
