# Copyright the carryall authors.  See LICENSE.
"""Questions to the IRC server: WHO, WHOIS, WHOWAS, ISON, USERHOST and those about itself."""
from __future__ import absolute_import, division, print_function

import pytest

from tests.protocols.irc.scene import Scene

SERVER = b':irc.example '


def pair(*capabilities):
    """ann, operator of #tea, and ben, in it."""
    scene = Scene()
    ann = scene.enter(b'ann')
    ben = scene.enter(b'ben', *capabilities)
    ann.send(b'JOIN #tea')
    ben.send(b'JOIN #tea')
    ann.take()
    return ann, ben


END_OF_WHO = b'315 ben %s :End of /WHO list'


@pytest.mark.parametrize('mask, rows', [
    (b'#tea', [b'352 ben #tea ~ann 192.0.2.1 irc.example ann H@ :0 ANN',
               b'352 ben #tea ~ben 192.0.2.1 irc.example ben H :0 BEN']),
    (b'ann', [b'352 ben #tea ~ann 192.0.2.1 irc.example ann H@ :0 ANN']),
    (b'a*', [b'352 ben #tea ~ann 192.0.2.1 irc.example ann H@ :0 ANN']),
    (b'#no', []), (b'cat', []),
    (b'ann %n', [b'354 ben ann']), (b'ann %tcuhnf,42', [
        b'354 ben 42 #tea ~ann 192.0.2.1 ann H@']),
    (b'ann %nar', [b'354 ben ann 0 :ANN']), (b'ann %isdlo,1', [
        b'354 ben 255.255.255.255 irc.example 0 0 n/a'])])
def test_a_query_shows_users(mask, rows):
    _, ben = pair()
    word = mask.split(b' ')[0]
    assert ben.send(b'WHO ' + mask) == [SERVER + row for row in rows + [END_OF_WHO % word]]


def test_a_query_shows_users_that_are_away():
    ann, ben = pair()
    ann.send(b'AWAY :lunch')
    assert b' ann G@ :' in ben.send(b'WHO ann')[0]


def test_a_query_does_not_show_the_invisible():
    scene = Scene()
    scene.enter(b'ann').send(b'MODE ann +i')
    assert len(scene.enter(b'ben').send(b'WHO a*')) == 1


def test_a_query_shows_the_invisible_of_a_common_channel():
    ann, ben = pair()
    ann.send(b'MODE ann +i')
    assert len(ben.send(b'WHO a*')) == 2


def test_a_query_does_not_show_a_hidden_channel():
    ann, _ = pair()
    ann.send(b'MODE #tea +s')
    cat = Scene().enter(b'cat')
    assert len(cat.send(b'WHO #tea')) == 1


def test_whois_shows_a_user():
    ann, ben = pair()
    assert ben.send(b'WHOIS ANN') == [
        SERVER + b'311 ben ann ~ann 192.0.2.1 * :ANN', SERVER + b'319 ben ann :@#tea',
        SERVER + b'312 ben ann irc.example :Example',
        SERVER + b'317 ben ann 0 1767226600 :seconds idle, signon time',
        SERVER + b'318 ben ANN :End of WHOIS list']


def test_whois_may_name_a_server():
    _, ben = pair()
    assert ben.send(b'WHOIS irc.example ann')[0][:20] == SERVER + b'311 ben'


def test_whois_shows_users_that_are_away():
    ann, ben = pair()
    ann.send(b'AWAY :lunch')
    assert SERVER + b'301 ben ann :lunch' in ben.send(b'WHOIS ann')


def test_whois_does_not_show_hidden_channels():
    scene = Scene()
    scene.enter(b'ann').send(b'JOIN #tea', b'MODE #tea +s')
    assert not [line for line in scene.enter(b'cat').send(b'WHOIS ann') if b' 319 ' in line]


@pytest.mark.parametrize('said, answers', [
    (b'WHOIS', [b'431 ben :No nickname given']),
    (b'WHOIS cat', [b'401 ben cat :No such nick/channel', b'318 ben cat :End of WHOIS list']),
    (b'WHOIS :a b', [b'401 ben a :No such nick/channel', b'318 ben a :End of WHOIS list']),
    (b'WHOWAS', [b'431 ben :No nickname given']),
    (b'WHOWAS cat', [b'406 ben cat :There was no such nickname', b'369 ben cat :End of WHOWAS']),
    (b'ISON ann cat BEN', [b'303 ben :ann ben']), (b'ISON :ann cat', [b'303 ben :ann']),
    (b'USERHOST ann cat', [b'302 ben :ann=+~ann@192.0.2.1']),
    (b'VERSION', [b'351 ben carryall irc.example :RFC 2812, IRCv3']),
    (b'TIME', [b'391 ben irc.example :01 Jan 2026 00:16:40 UTC']),
    (b'INFO', [b'371 ben :carryall, servers and clients of the internet',
               b'374 ben :End of INFO list']),
    (b'ADMIN', [b'256 ben irc.example :Administrative info', b'257 ben :Example',
                b'259 ben :no address is given'])])
def test_a_question_is_answered(said, answers):
    _, ben = pair()
    assert ben.send(said) == [SERVER + answer for answer in answers]


def test_whowas_remembers_the_latest_first():
    scene = Scene()
    for name in (b'one', b'two'):
        client = scene.connect()
        client.send(b'NICK ann', b'USER ' + name + b' 0 * :x', b'QUIT')
    lines = scene.enter(b'ben').send(b'WHOWAS ANN')
    assert [line.split(b' ')[4] for line in lines[:2]] == [b'~two', b'~one']


def test_lusers_counts_users_and_channels():
    scene = Scene()
    scene.connect()
    scene.enter(b'ann').send(b'JOIN #tea')
    lines = scene.enter(b'ben').send(b'LUSERS')
    assert [line.split(b' :')[0].split(b' ')[3:] for line in lines] == [
        [], [b'0'], [b'1'], [b'1'], [], [b'2', b'2'], [b'2', b'2']]
