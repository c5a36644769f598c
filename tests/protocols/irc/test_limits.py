# Copyright the carryall authors.  See LICENSE.
"""The IRC server at its limits: the longest names, large networks, clients that do not read."""
from __future__ import absolute_import, division, print_function

import base64

import pytest

from carryall.core.auth.checkers import MemoryChecker
from carryall.core.auth.portal import Portal, Realm
from carryall.protocols.irc import Settings
from carryall.protocols.irc.capabilitycommands import account_of
from tests.protocols.irc.scene import Scene

NICK = b'n' * 30
CHANNEL = b'#' + b'c' * 63


def longest():
    """A user with the longest nick in the channel with the longest name, and a member of it."""
    scene = Scene()
    client = scene.enter(NICK)
    client.send(b'JOIN ' + CHANNEL)
    other = scene.enter(b'ben')
    other.send(b'JOIN ' + CHANNEL)
    client.take()
    return client, other


# -- the longest names -------------------------------------------------------------------

@pytest.mark.parametrize('line', [
    b'TOPIC ' + CHANNEL + b' :' + b't' * 430, b'PRIVMSG ' + CHANNEL + b' :' + b't' * 430,
    b'KICK ' + CHANNEL + b' ben :' + b't' * 430, b'PART ' + CHANNEL + b' :' + b't' * 430,
    b'QUIT :' + b't' * 500])
def test_a_text_is_cut_to_what_fits_behind_the_longest_names(line):
    client, other = longest()
    client.send(line)
    assert [len(each) <= 510 and each.endswith(b't' * 200) for each in other.take()] == [True]


def test_modes_that_do_not_fit_into_one_line_take_two():
    client, other = longest()
    client.send(b'MODE ' + CHANNEL + b' ' + b'+i-i' * 108)
    assert [len(each) <= 510 for each in other.take()] == [True, True]


def test_no_name_is_cut_in_the_names_of_a_channel():
    scene = Scene()
    scene.network.name = b's' * 63
    for number in range(20):
        scene.enter(b'n%029d' % number).send(b'JOIN ' + CHANNEL)
    lines = scene.enter(NICK).send(b'NAMES ' + CHANNEL)
    names = b' '.join(line.partition(b' :')[2] for line in lines[:-1]).split(b' ')
    assert sorted(name.lstrip(b'@') for name in names) == [b'n%029d' % number
                                                           for number in range(20)]


def test_no_channel_is_cut_in_the_channels_of_a_user():
    scene = Scene()
    client = scene.enter(NICK)
    names = [b'#%063d' % number for number in range(12)]
    for name in names:
        client.send(b'JOIN ' + name)
    lines = [line for line in client.send(b'WHOIS ' + NICK) if b' 319 ' in line]
    shown = b' '.join(line.partition(b' :')[2] for line in lines).split(b' ')
    assert sorted(word.lstrip(b'@') for word in shown) == names


@pytest.mark.parametrize('verb', [b'ISON', b'USERHOST'])
def test_no_word_is_cut_in_an_answer_of_one_line(verb):
    scene = Scene()
    scene.network.name = b's' * 63
    nicks = [b'n%029d' % number for number in range(20)]
    for nick in nicks:
        scene.enter(nick)
    line = scene.enter(NICK).send(verb + b' ' + b' '.join(nicks[:15]))[0]
    words = line.partition(b' :')[2].split(b' ')
    assert all(word[:30] in nicks and word[30:] in (b'', b'=+~' + word[:9] + b'@192.0.2.1')
               for word in words)


@pytest.mark.parametrize('name, shown', [
    (u'ann', b'ann'), (u'ann smith', b'ann%20smith'), (u':ann', b'%3Aann'),
    (u'ann%20smith', b'ann%2520smith'), (u'*', b'%2A'), (u'0', b'%30'), (u'\xe9', b'\xc3\xa9'),
    (u'x' * 200, b'x' * 64)])
def test_an_account_is_spelled_as_one_parameter(name, shown):
    assert account_of(name) == shown


def test_a_user_whose_account_has_a_blank_enters_channels():
    portal = Portal(Realm(), [MemoryChecker({u'ann smith': b'secret'})])
    scene = Scene(Settings(burst=1000, clear_auth=True), portal=portal)
    ben = scene.enter(b'ben', b'extended-join')
    ben.send(b'JOIN #tea')
    ann = scene.enter(b'ann', b'sasl')
    ann.send(b'AUTHENTICATE PLAIN',
             b'AUTHENTICATE ' + base64.b64encode(b'\x00ann smith\x00secret'), b'JOIN #tea')
    assert ben.take() == [b':ann!~ann@192.0.2.1 JOIN #tea ann%20smith :ANN']


# -- lines that are refused ----------------------------------------------------------------

@pytest.mark.parametrize('line', [b'PING ' + b'x' * 600, b'PING ' + b'x' * 6000])
def test_lines_that_are_too_long_are_slowed_down_too(line):
    client = Scene(Settings(burst=5, rate=1.0)).enter(b'ann')
    client.wire.feed((line + b'\r\n') * 20)
    assert len(client.take()) < 6


# -- invitations ---------------------------------------------------------------------------

def invited():
    scene = Scene()
    ann = scene.enter(b'ann')
    ben = scene.enter(b'ben')
    ann.send(b'JOIN #tea', b'MODE #tea +i', b'INVITE ben #tea')
    return scene, ann, ben


def test_a_channel_forgets_the_invited_that_have_gone():
    scene, _, ben = invited()
    ben.wire.lose()
    ben.take()
    assert not scene.network.channel_of(b'#tea').invited


def test_a_user_forgets_the_invitations_of_channels_that_are_gone():
    _, ann, ben = invited()
    ann.send(b'PART #tea')
    assert not ben.server.user.invitations


@pytest.mark.parametrize('mode, number', [(b'+k secret', b'475'), (b'+b cat', b'474'),
                                          (b'+l 1', b'471')])
def test_a_member_that_is_no_operator_invites_past_no_mode(mode, number):
    scene = Scene()
    ann = scene.enter(b'ann')
    ben = scene.enter(b'ben')
    cat = scene.enter(b'cat')
    ann.send(b'JOIN #tea')
    ben.send(b'JOIN #tea')
    ann.send(b'MODE #tea ' + mode)
    ben.send(b'INVITE cat #tea')
    cat.take()
    assert cat.send(b'JOIN #tea')[0].split(b' ')[1] == number


# -- large networks, and clients that do not read --------------------------------------------

def crowd(scene, count):
    """That many channels with long topics, each with a member."""
    for number in range(count):
        channel = scene.network.join(scene.enter(b'u%d' % number).server.user, b'#%d' % number)
        channel.topic = b't' * 300


def test_a_long_list_waits_for_a_client_that_does_not_read():
    scene = Scene(Settings(burst=1000, max_unread=30000))
    crowd(scene, 200)
    client = scene.enter(b'ann')
    client.server.pause_writing()
    client.send(b'LIST')
    waits = not client.wire.is_closing()
    client.server.resume_writing()
    assert (waits, client.take()[-1]) == (True, b':irc.example 323 ann :End of LIST')


def test_a_long_list_with_a_label_is_one_batch():
    scene = Scene()
    crowd(scene, 120)
    client = scene.enter(b'ann', b'labeled-response', b'batch')
    lines = client.send(b'@label=7 LIST')
    name = lines[-1].rpartition(b'-')[2]
    assert lines[0] == b'@label=7 :irc.example BATCH +' + name + b' labeled-response'
    assert [line[:7 + len(name)] for line in lines[1:-1]] == [b'@batch=' + name] * 122


def test_another_user_that_comes_meanwhile_is_not_in_the_batch():
    scene = Scene()
    crowd(scene, 120)
    client = scene.enter(b'ann', b'labeled-response', b'batch')
    client.send(b'MONITOR + cat')
    client.server.pause_writing()
    client.send(b'@label=7 LIST')
    scene.enter(b'cat')
    client.server.resume_writing()
    assert b':irc.example 730 ann :cat!~cat@192.0.2.1' in client.take()


def test_the_users_of_a_large_channel_wait_for_a_client_that_does_not_read():
    scene = Scene(Settings(burst=1000, max_unread=10000))
    for number in range(200):
        scene.network.join(scene.enter(b'u%d' % number).server.user, b'#tea')
    client = scene.enter(b'ann')
    client.server.pause_writing()
    client.send(b'WHO #tea')
    waits = not client.wire.is_closing()
    client.server.resume_writing()
    assert (waits, len(client.take())) == (True, 201)


@pytest.mark.parametrize('sent', [100, 100000])
def test_a_client_that_neither_reads_nor_answers_is_gone(sent):
    scene = Scene(Settings(ping_seconds=10.0, pong_seconds=5.0))
    client = scene.enter(b'ann')
    client.take()
    client.wire.clog()
    client.server.send_line(b'x' * sent)
    client.server.flush()
    scene.loop.advance(17.0)
    assert scene.network.user_of(b'ann') is None


def test_a_user_that_quits_is_gone_before_it_has_read_the_rest():
    scene = Scene()
    client = scene.enter(b'ann')
    client.take()
    client.wire.clog()
    client.wire.feed(b'QUIT\r\n')
    scene.loop.advance()
    assert (scene.network.user_of(b'ann'), client.wire.lost) == (None, [])


def test_names_are_shown_for_few_channels_at_once():
    client = Scene().enter(b'ann')
    client.send(b'JOIN #tea')
    assert len(client.send(b'NAMES ' + b','.join([b'#tea'] * 100))) == 8


def test_whowas_shows_few_of_many():
    scene = Scene()
    for _ in range(50):
        scene.enter(b'ben').send(b'QUIT')
    assert len(scene.enter(b'ann').send(b'WHOWAS ben')) == 21


def test_whowas_takes_a_number():
    scene = Scene()
    for _ in range(5):
        scene.enter(b'ben').send(b'QUIT')
    assert len(scene.enter(b'ann').send(b'WHOWAS ben 2')) == 3


def test_a_question_from_outside_does_not_show_invisible_members():
    scene = Scene()
    ben = scene.enter(b'ben')
    ben.send(b'JOIN #tea', b'MODE ben +i')
    assert scene.enter(b'ann').send(b'WHO #tea') == [b':irc.example 315 ann #tea :End of /WHO list']


def test_a_question_for_operators_alone_shows_no_user():
    client = Scene().enter(b'ann')
    assert client.send(b'WHO * o') == [b':irc.example 315 ann * :End of /WHO list']


# -- labels and logins -----------------------------------------------------------------------

def with_accounts():
    portal = Portal(Realm(), [MemoryChecker({u'ann': b'secret'})])
    return Scene(Settings(burst=1000, clear_auth=True), portal=portal)


def test_a_challenge_has_its_label():
    client = with_accounts().enter(b'ann', b'sasl', b'labeled-response')
    assert client.send(b'@label=7 AUTHENTICATE PLAIN') == [b'@label=7 AUTHENTICATE +']


def test_a_login_that_is_judged_later_has_its_label():
    client = with_accounts().enter(b'ann', b'sasl', b'labeled-response', b'batch')
    client.send(b'AUTHENTICATE PLAIN')
    lines = client.send(b'@label=7 AUTHENTICATE '
                        + base64.b64encode(b'\x00ann\x00secret'))
    assert [line.partition(b' ')[0][:7] for line in lines] == [b'@label=', b'@batch=', b'@batch=',
                                                               b':irc.ex']


def test_cap_end_ends_a_login_that_is_under_way():
    client = with_accounts().connect()
    client.send(b'CAP REQ sasl', b'AUTHENTICATE PLAIN')
    assert client.send(b'CAP END') == [b':irc.example 906 * :SASL authentication aborted']


def test_a_star_without_a_login_is_answered():
    client = with_accounts().enter(b'ann', b'sasl')
    assert client.send(b'AUTHENTICATE *') == [b':irc.example 906 ann :SASL authentication aborted']


@pytest.mark.parametrize('version, has_values', [(b'301', False), (b'302', True), (b'99', False),
                                                 (b'1000', True), (b'x', False)])
def test_values_are_for_clients_of_that_version(version, has_values):
    line = with_accounts().connect().send(b'CAP LS ' + version)[0]
    assert (b' sasl=' in line) == has_values
