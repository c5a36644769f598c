# Copyright the carryall authors.  See LICENSE.
"""CAP and AUTHENTICATE of the IRC server (IRCv3 capability-negotiation, sasl-3.1)."""
from __future__ import absolute_import, division, print_function

import base64

import pytest

from carryall.core.auth.checkers import MemoryChecker
from carryall.core.auth.portal import Portal, Realm
from carryall.protocols.irc import Settings
from tests.protocols.irc.scene import Scene

SERVER = b':irc.example '
PLAIN = base64.b64encode(b'\x00ann\x00secret')


def with_accounts():
    portal = Portal(Realm(), [MemoryChecker({u'ann': b'secret', u'long': b'x' * 600})])
    return Scene(Settings(burst=1000, clear_auth=True), portal=portal)


def numbers(lines):
    return [line.split(b' ')[1] for line in lines]


def test_the_registration_waits_for_cap_end():
    client = Scene().connect()
    client.send(b'CAP LS')
    waits = client.send(b'NICK ann', b'USER a 0 * :A')
    assert (waits, numbers(client.send(b'CAP END'))[0]) == ([], b'001')


def test_cap_ls_names_what_there_is():
    names = Scene().connect().send(b'CAP LS')[0].partition(b' :')[2].split()
    assert b'server-time' in names and b'sasl' not in names


def test_sasl_is_offered_with_accounts():
    names = with_accounts().connect().send(b'CAP LS')[0].partition(b' :')[2].split()
    assert b'sasl' in names


def test_newer_clients_see_the_mechanisms():
    names = with_accounts().connect().send(b'CAP LS 302')[0].partition(b' :')[2].split()
    found = [name for name in names if name[:5] == b'sasl=']
    assert b'PLAIN' in found[0][5:].split(b',')


@pytest.mark.parametrize('said, answer', [
    (b'CAP REQ :setname', b'CAP * ACK :setname'),
    (b'CAP REQ :setname batch', b'CAP * ACK :setname batch'),
    (b'CAP REQ :server-time nonsense', b'CAP * NAK :server-time nonsense'),
    (b'CAP REQ :', b'CAP * ACK :'), (b'CAP REQ', b'CAP * ACK :'),
    (b'CAP req -batch', b'CAP * ACK :-batch'), (b'CAP LIST', b'CAP * LIST :'),
    (b'CAP FOO', b'410 * FOO :Invalid CAP command'),
    (b'CAP', b'461 * CAP :Not enough parameters')])
def test_cap_is_answered(said, answer):
    assert Scene().connect().send(said) == [SERVER + answer]


def test_a_request_is_taken_whole_or_not_at_all():
    client = Scene().connect()
    client.send(b'CAP REQ :batch nonsense')
    assert client.send(b'CAP LIST') == [SERVER + b'CAP * LIST :']


def test_capabilities_that_are_on_are_listed():
    client = Scene().connect()
    client.send(b'CAP REQ :setname batch', b'CAP REQ -setname')
    assert client.send(b'CAP LIST') == [SERVER + b'CAP * LIST :batch']


def test_cap_works_after_the_registration():
    client = Scene().enter(b'ann')
    assert client.send(b'CAP REQ :batch') == [SERVER + b'CAP ann ACK :batch']


# -- AUTHENTICATE ------------------------------------------------------------------------

def login(client, *responses):
    client.send(b'CAP REQ :sasl')
    return client.send(b'AUTHENTICATE PLAIN', *[b'AUTHENTICATE ' + each for each in responses])


def test_a_right_password_logs_in():
    assert login(with_accounts().connect(), PLAIN) == [
        b'AUTHENTICATE +', SERVER + b'900 * *!*@192.0.2.1 ann :You are now logged in as ann',
        SERVER + b'903 * :SASL authentication successful']


def test_a_wrong_password_does_not():
    lines = login(with_accounts().connect(), base64.b64encode(b'\x00ann\x00wrong'))
    assert lines[1:] == [SERVER + b'904 * :SASL authentication failed']


def test_an_account_is_shown_by_whois():
    scene = with_accounts()
    client = scene.connect()
    login(client, PLAIN)
    client.send(b'CAP END', b'NICK ann', b'USER a 0 * :A')
    assert SERVER + b'330 ben ann ann :is logged in as' in scene.enter(b'ben').send(b'WHOIS ann')


def test_a_response_may_come_in_pieces():
    response = base64.b64encode(b'\x00long\x00' + b'x' * 600)
    pieces = [response[at:at + 400] for at in range(0, len(response), 400)]
    assert numbers(login(with_accounts().connect(), *pieces))[-1] == b'903'


def test_a_response_of_whole_pieces_ends_with_a_plus():
    response = base64.b64encode(b'\x00long\x00' + b'x' * 294)
    assert len(response) == 400
    assert numbers(login(with_accounts().connect(), response, b'+'))[-1] == b'904'


@pytest.mark.parametrize('responses, number', [
    ([b'*'], b'906'), ([b'x' * 401], b'905'), ([b'%%%'], b'904'), ([b'+'], b'904'),
    ([b'x' * 400] * 17, b'905')])
def test_a_login_that_goes_wrong_is_ended(responses, number):
    assert numbers(login(with_accounts().connect(), *responses))[-1] == number


def test_an_unknown_mechanism_is_answered_with_the_known_ones():
    client = with_accounts().connect()
    client.send(b'CAP REQ :sasl')
    assert numbers(client.send(b'AUTHENTICATE NONSENSE')) == [b'908', b'904']


def test_a_second_login_is_refused():
    client = with_accounts().connect()
    login(client, PLAIN)
    assert numbers(client.send(b'AUTHENTICATE PLAIN')) == [b'907']


def test_a_login_needs_the_capability():
    assert numbers(with_accounts().connect().send(b'AUTHENTICATE PLAIN')) == [b'904']


def test_a_clear_password_needs_tls():
    portal = Portal(Realm(), [MemoryChecker({u'ann': b'secret'})])
    client = Scene(portal=portal).connect()
    client.send(b'CAP REQ :sasl')
    assert numbers(client.send(b'AUTHENTICATE PLAIN')) == [b'908', b'904']


def test_members_that_want_it_hear_of_a_login():
    scene = with_accounts()
    ann = scene.enter(b'ann', b'sasl')
    ben = scene.enter(b'ben', b'account-notify')
    for each in (ann, ben):
        each.send(b'JOIN #tea')
    ben.take()
    ann.send(b'AUTHENTICATE PLAIN', b'AUTHENTICATE ' + PLAIN)
    assert ben.take() == [b':ann!~ann@192.0.2.1 ACCOUNT ann']
