# Copyright the carryall authors.  See LICENSE.
"""Channels of the IRC server: JOIN, PART, MODE, TOPIC, NAMES, LIST, INVITE, KICK."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.irc import Settings
from tests.protocols.irc.scene import Scene

ANN = b':ann!~ann@192.0.2.1 '
BEN = b':ben!~ben@192.0.2.1 '
SERVER = b':irc.example '


def room(*modes, **settings):
    """Ann, the operator of #tea, which has *modes*; and ben outside of it."""
    scene = Scene(Settings(burst=1000, **settings))
    ann = scene.enter(b'ann')
    ben = scene.enter(b'ben')
    ann.send(b'JOIN #tea')
    for each in modes:
        ann.send(b'MODE #tea ' + each)
    return ann, ben


def both(*modes, **settings):
    """The same with ben in the channel."""
    ann, ben = room(**settings)
    ben.send(b'JOIN #tea')
    ann.take()
    for each in modes:
        ann.send(b'MODE #tea ' + each)
    ben.take()
    return ann, ben


# -- JOIN --------------------------------------------------------------------------------

def test_the_first_in_a_channel_is_its_operator():
    client = Scene().enter(b'ann')
    assert client.send(b'JOIN #tea') == [
        ANN + b'JOIN #tea', SERVER + b'353 ann = #tea :@ann',
        SERVER + b'366 ann #tea :End of NAMES list']


def test_members_hear_of_a_join():
    ann, ben = room()
    ben.send(b'JOIN #TEA')
    assert ann.take() == [BEN + b'JOIN #tea']


def test_one_that_enters_sees_the_topic():
    ann, ben = room()
    ann.send(b'TOPIC #tea :two lumps')
    lines = ben.send(b'JOIN #tea')
    assert lines[1] == SERVER + b'332 ben #tea :two lumps'


def test_one_that_is_inside_does_not_enter_again():
    ann, _ = room()
    assert ann.send(b'JOIN #tea') == []


def test_several_channels_are_entered_with_their_keys():
    ann, ben = room(b'+k one')
    ann.send(b'JOIN #milk', b'MODE #milk +k two')
    lines = ben.send(b'JOIN #tea,#milk one,two')
    joins = [line for line in lines if b' JOIN ' in line]
    assert joins == [BEN + b'JOIN #tea', BEN + b'JOIN #milk']


def test_join_zero_leaves_all():
    ann, _ = room()
    ann.send(b'JOIN #milk')
    assert ann.send(b'JOIN 0') == [ANN + b'PART #tea', ANN + b'PART #milk']


@pytest.mark.parametrize('name', [b'tea', b'&tea', b'#te,', b'#te\x07', b'#' + b'x' * 64])
def test_a_name_that_is_none_of_a_channel_is_refused(name):
    client = Scene().enter(b'ann')
    lines = client.send(b'JOIN ' + name.replace(b',', b'\x01'))
    assert [line.split(b' ')[1] for line in lines] == [b'403']


def test_a_client_is_in_a_bounded_number_of_channels():
    ann, _ = room(max_channels=1)
    assert ann.send(b'JOIN #milk') == [
        SERVER + b'405 ann #milk :You have joined too many channels']


@pytest.mark.parametrize('mode, number', [
    (b'+i', b'473'), (b'+k key', b'475'), (b'+l 1', b'471'), (b'+b ben', b'474'),
    (b'+b *!*@192.0.2.1', b'474')])
def test_a_mode_keeps_others_out(mode, number):
    _, ben = room(mode)
    assert [line.split(b' ')[1] for line in ben.send(b'JOIN #tea')] == [number]


@pytest.mark.parametrize('modes, line', [
    ([b'+k key'], b'JOIN #tea key'), ([b'+b ben', b'+e ben'], b'JOIN #tea'),
    ([b'+i', b'+I ben'], b'JOIN #tea'), ([b'+l 2'], b'JOIN #tea'), ([b'+l 1', b'-l'], b'JOIN #tea'),
    ([b'+k a', b'-k b'], b'JOIN #tea'), ([b'+b ben', b'-b BEN!*@*'], b'JOIN #tea')])
def test_a_mode_lets_others_in(modes, line):
    _, ben = room(*modes)
    assert ben.send(line)[0] == BEN + b'JOIN #tea'


# -- PART, KICK, INVITE --------------------------------------------------------------------

def test_part_is_heard_by_all():
    ann, ben = both()
    ben.send(b'PART #tea :to bed')
    assert ann.take() == [BEN + b'PART #tea :to bed']


def test_a_channel_that_is_empty_is_gone():
    ann, ben = room()
    ann.send(b'PART #tea')
    assert ben.send(b'JOIN #tea')[1] == SERVER + b'353 ben = #tea :@ben'


@pytest.mark.parametrize('line, answer', [
    (b'PART #no', b'403 ben #no :No such channel'),
    (b'PART #tea', b"442 ben #tea :You're not on that channel"),
    (b'KICK #tea ann', b"442 ben #tea :You're not on that channel"),
    (b'INVITE ann #tea', b"442 ben #tea :You're not on that channel"),
    (b'TOPIC #tea :x', b"442 ben #tea :You're not on that channel"),
    (b'INVITE cat #tea', b'401 ben cat :No such nick/channel'),
    (b'INVITE ann #no', b'403 ben #no :No such channel')])
def test_one_outside_changes_nothing(line, answer):
    _, ben = room()
    assert ben.send(line) == [SERVER + answer]


def test_an_operator_kicks():
    ann, ben = both()
    ann.send(b'KICK #tea ben :loud')
    assert ben.take() == [ANN + b'KICK #tea ben :loud']


def test_one_that_was_kicked_is_out():
    ann, ben = both()
    ann.send(b'KICK #tea ben')
    ben.take()
    assert ben.send(b'PART #tea') == [SERVER + b"442 ben #tea :You're not on that channel"]


def test_a_kick_without_a_text_has_the_nick():
    ann, ben = both()
    ann.send(b'KICK #tea ben')
    assert ben.take() == [ANN + b'KICK #tea ben :ann']


def test_another_member_does_not_kick():
    _, ben = both()
    assert ben.send(b'KICK #tea ann') == [SERVER + b"482 ben #tea :You're not channel operator"]


@pytest.mark.parametrize('nick, answer', [
    (b'cat', b'401 ann cat :No such nick/channel'),
    (b'ben', b"441 ann ben #tea :They aren't on that channel")])
def test_only_a_member_is_kicked(nick, answer):
    ann, _ = room()
    assert ann.send(b'KICK #tea ' + nick) == [SERVER + answer]


def test_one_that_is_invited_enters():
    ann, ben = room(b'+i')
    ann.send(b'INVITE ben #tea')
    assert ben.send(b'JOIN #tea')[1] == BEN + b'JOIN #tea'


def test_an_invitation_is_told():
    ann, ben = room()
    ann.send(b'INVITE ben #tea')
    assert ben.take() == [ANN + b'INVITE ben #tea']


def test_one_invitation_is_for_one_join():
    ann, ben = room(b'+i')
    ann.send(b'INVITE ben #tea')
    ben.send(b'JOIN #tea', b'PART #tea')
    assert [line.split(b' ')[1] for line in ben.send(b'JOIN #tea')] == [b'473']


def test_an_invitation_to_a_closed_channel_is_for_operators():
    ann, ben = both(b'+i')
    assert ben.send(b'INVITE ann #tea') == [
        SERVER + b'443 ben ann #tea :is already on channel']


# -- TOPIC -------------------------------------------------------------------------------

def test_a_topic_is_told_to_all():
    ann, ben = both()
    ann.send(b'TOPIC #tea :two lumps')
    assert ben.take() == [ANN + b'TOPIC #tea :two lumps']


def test_a_topic_is_shown_with_its_setter():
    ann, _ = room()
    ann.send(b'TOPIC #tea :x')
    assert ann.send(b'TOPIC #tea') == [
        SERVER + b'332 ann #tea :x', SERVER + b'333 ann #tea ann!~ann@192.0.2.1 1767226600']


def test_a_topic_is_taken_away():
    ann, _ = room()
    ann.send(b'TOPIC #tea :x', b'TOPIC #tea :')
    assert ann.send(b'TOPIC #tea') == [SERVER + b'331 ann #tea :No topic is set']


def test_the_topic_is_for_operators():
    _, ben = both()
    assert ben.send(b'TOPIC #tea :x') == [SERVER + b"482 ben #tea :You're not channel operator"]


def test_the_topic_is_for_all_without_t():
    _, ben = both(b'-t')
    assert ben.send(b'TOPIC #tea :x') == [BEN + b'TOPIC #tea :x']


def test_a_long_topic_is_cut():
    ann, _ = room(max_topic=5)
    assert ann.send(b'TOPIC #tea :12345678') == [ANN + b'TOPIC #tea :12345']


# -- NAMES and LIST ------------------------------------------------------------------------

def test_many_names_take_several_lines():
    scene = Scene()
    nicks = [b'user%026d' % number for number in range(30)]
    for nick in nicks:
        scene.enter(nick).send(b'JOIN #tea')
    lines = scene.enter(b'ann').send(b'NAMES #tea')
    found = b' '.join(line.partition(b' :')[2] for line in lines[:-1]).replace(b'@', b'').split()
    assert (found, max(len(line) for line in lines) <= 510) == (nicks, True)


@pytest.mark.parametrize('modes, sign', [([], b'='), ([b'+s'], b'@'), ([b'+p'], b'*')])
def test_names_tell_whether_a_channel_is_hidden(modes, sign):
    ann, _ = room(*modes)
    assert ann.send(b'NAMES #tea')[0] == SERVER + b'353 ann ' + sign + b' #tea :@ann'


@pytest.mark.parametrize('mode', [b'+s', b'+p'])
def test_one_outside_does_not_see_the_members_of_a_hidden_channel(mode):
    _, ben = room(mode)
    assert ben.send(b'NAMES #tea') == [SERVER + b'366 ben #tea :End of NAMES list']


def test_names_of_all_are_not_given():
    ann, _ = room()
    assert ann.send(b'NAMES') == [SERVER + b'366 ann * :End of NAMES list']


def test_list_shows_channels():
    ann, ben = room()
    ann.send(b'TOPIC #tea :x')
    assert ben.send(b'LIST')[1:] == [SERVER + b'322 ben #tea 1 :x',
                                     SERVER + b'323 ben :End of LIST']


@pytest.mark.parametrize('mode', [b'+s', b'+p'])
def test_list_does_not_show_hidden_channels(mode):
    _, ben = room(mode)
    assert len(ben.send(b'LIST')) == 2


@pytest.mark.parametrize('words, shown', [
    (b'#tea', True), (b'#TEA', True), (b'#milk', False), (b'>0', True), (b'>1', False),
    (b'<2', True), (b'<1', False)])
def test_list_takes_names_and_sizes(words, shown):
    _, ben = room()
    assert (len(ben.send(b'LIST ' + words)) == 3) is shown


# -- MODE --------------------------------------------------------------------------------

def test_the_modes_of_a_channel_are_shown():
    _, ben = room(b'+lk 5 key')
    assert ben.send(b'MODE #tea') == [SERVER + b'324 ben #tea +klnt * 5',
                                      SERVER + b'329 ben #tea 1767226600']


def test_members_see_the_key():
    ann, _ = room(b'+k key')
    assert ann.send(b'MODE #tea')[0] == SERVER + b'324 ann #tea +knt key'


@pytest.mark.parametrize('said, told', [
    (b'+m', b'+m'), (b'+m-n', b'+m-n'), (b'm', b'+m'), (b'+n', None), (b'-m', None),
    (b'+o ben', b'+o ben'), (b'+v BEN', b'+v ben'), (b'-o ann', b'-o ann'), (b'-o ben', None),
    (b'+k key', b'+k key'), (b'+l 5', b'+l 5'), (b'+l 05', b'+l 5'), (b'+l 0', None), (b'-l', None),
    (b'+b ben', b'+b ben!*@*'), (b'-b ben', None), (b'+b :a b', None),
    (b'+bbbbb a b c d e', b'+bbbb a!*@* b!*@* c!*@* d!*@*')])
def test_a_change_of_modes_is_told_to_all(said, told):
    ann, ben = both()
    ann.send(b'MODE #tea ' + said)
    assert ben.take() == ([] if told is None else [ANN + b'MODE #tea ' + told])


@pytest.mark.parametrize('said, answer', [
    (b'+z', b'472 ann z :is unknown mode char to me'),
    (b'+o', b'461 ann MODE :Not enough parameters'),
    (b'+o cat', b'401 ann cat :No such nick/channel'),
    (b'+k', b'461 ann MODE :Not enough parameters'),
    (b'+k ,', b'525 ann #tea :Key is not well-formed'),
    (b'+k ' + b'x' * 24, b'525 ann #tea :Key is not well-formed')])
def test_a_change_that_is_wrong_is_refused(said, answer):
    ann, _ = room()
    assert ann.send(b'MODE #tea ' + said) == [SERVER + answer]


def test_a_member_that_is_no_operator_changes_no_modes():
    _, ben = both()
    assert ben.send(b'MODE #tea +m-n') == [SERVER + b"482 ben #tea :You're not channel operator"]


@pytest.mark.parametrize('letter, entry, end', [
    (b'b', b'367', b'368'), (b'e', b'348', b'349'), (b'I', b'346', b'347')])
def test_a_list_is_shown(letter, entry, end):
    ann, ben = room(b'+' + letter + b' a')
    lines = ben.send(b'MODE #tea ' + letter)
    assert [line.split(b' ')[1:5] for line in lines] == [
        [entry, b'ben', b'#tea', b'a!*@*'], [end, b'ben', b'#tea', b':End']]


def test_the_lists_of_a_channel_are_bounded():
    ann, _ = room(b'+bb a b', max_list=2)
    assert ann.send(b'MODE #tea +e c') == [SERVER + b'478 ann #tea e :Channel list is full']


def test_a_mode_string_of_a_thousand_letters_is_answered():
    ann, _ = room()
    lines = ann.send(b'MODE #tea ' + b'+' + b'mi-mi+' * 80)
    assert lines[0][:len(ANN + b'MODE #tea ')] == ANN + b'MODE #tea '


@pytest.mark.parametrize('said, answer', [
    (b'MODE ann', b'221 ann +'), (b'MODE ben +i', b'502 ann :Cannot change mode for other users'),
    (b'MODE cat', b'401 ann cat :No such nick/channel'),
    (b'MODE ann +z', b'501 ann :Unknown MODE flag'),
    (b'MODE #no', b'403 ann #no :No such channel')])
def test_a_user_asks_for_its_own_modes(said, answer):
    ann, _ = room()
    assert ann.send(said) == [SERVER + answer]


def test_a_user_makes_itself_invisible():
    ann, _ = room()
    assert ann.send(b'MODE ann +i', b'MODE ann') == [ANN + b'MODE ann +i', SERVER + b'221 ann +i']
