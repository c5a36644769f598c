# Copyright the carryall authors.  See LICENSE.
"""Operators: OPER, KILL, bans, WALLOPS, and what is for them alone (RFC 2812 sections 3.1.4, 4)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.auth.checkers import MemoryChecker
from carryall.core.auth.portal import Portal, Realm
from carryall.core.net.networks import Network as IPNetwork
from carryall.protocols.irc import OPERATOR_CLASSES, Network, Operator, Settings
from tests.protocols.irc.scene import Scene

ACCOUNTS = {u'root': b'secret', u'hal': b'secret', u'far': b'secret', u'ann': b'secret'}


class Calls(Network):
    made = None

    def rehash(self):
        self.made.append('rehash')

    def die(self):
        self.made.append('die')


def scene(**settings):
    made = Scene(Settings(burst=1000, clear_auth=True, **settings), Calls,
                 portal=Portal(Realm(), [MemoryChecker(ACCOUNTS)]))
    made.network.operators = {
        b'root': Operator(b'root', OPERATOR_CLASSES[b'admin']),
        b'hal': Operator(b'hal', OPERATOR_CLASSES[b'helper']),
        b'far': Operator(b'far', OPERATOR_CLASSES[b'admin'], [IPNetwork(u'10.0.0.0/8')])}
    made.network.made = []
    return made


def entered(made, nick, account=None):
    client = made.enter(nick)
    if account is not None:
        client.send(b'OPER ' + account + b' secret')
    return client


def words(lines):
    return [line.split(b' ')[1] for line in lines]


# -- OPER ----------------------------------------------------------------------------------

def test_an_operator_logs_in_with_its_account():
    client = scene().enter(b'ann')
    assert client.send(b'OPER root secret') == [
        b':irc.example MODE ann +o', b':irc.example 381 ann :You are now an IRC operator']


@pytest.mark.parametrize('line, number', [
    (b'OPER root wrong', b'464'), (b'OPER noone secret', b'464'), (b'OPER ann secret', b'491'),
    (b'OPER far secret', b'491'), (b'OPER root', b'461')])
def test_others_are_no_operators(line, number):
    client = scene().enter(b'ann')
    assert words(client.send(line)) == [number]


def test_no_password_of_an_operator_goes_in_clear():
    made = Scene(Settings(burst=1000), portal=Portal(Realm(), [MemoryChecker(ACCOUNTS)]))
    made.network.operators = {b'root': Operator(b'root', OPERATOR_CLASSES[b'admin'])}
    assert words(made.enter(b'ann').send(b'OPER root secret')) == [b'491']


def test_an_operator_may_step_down():
    client = entered(scene(), b'ann', b'root')
    client.send(b'MODE ann -o')
    assert words(client.send(b'WALLOPS :x')) == [b'481']


@pytest.mark.parametrize('line', [
    b'KILL ben :x', b'KLINE *@x :y', b'UNKLINE *@x', b'DLINE 10.0.0.0/8', b'UNDLINE 10.0.0.0/8',
    b'UBAN LIST', b'WALLOPS :x', b'REHASH', b'DIE', b'RESTART', b'SAJOIN a #b', b'SAPART a #b',
    b'SANICK a b', b'SAMODE #a +s', b'CONNECT x', b'SQUIT x :y'])
def test_users_are_refused(line):
    assert words(scene().enter(b'ann').send(line)) == [b'481']


def test_an_operator_without_the_privilege_is_refused():
    client = entered(scene(), b'ann', b'hal')
    assert client.send(b'DIE') == [b':irc.example 723 ann DIE :Insufficient oper privileges']


def test_whois_tells_of_an_operator():
    made = scene()
    entered(made, b'ann', b'root')
    assert b'313' in words(made.enter(b'ben').send(b'WHOIS ann'))


def test_the_answer_of_a_query_marks_an_operator():
    made = scene()
    entered(made, b'ann', b'root')
    assert b' ann H* :' in made.enter(b'ben').send(b'WHO ann')[0]


def test_lusers_counts_operators():
    made = scene()
    entered(made, b'ann', b'root')
    assert b':irc.example 252 ben 1 :operator(s) online' in made.enter(b'ben').send(b'LUSERS')


def test_commands_of_an_operator_are_not_slowed_down():
    made = scene()
    made.settings = Settings(burst=5, rate=1.0, clear_auth=True)
    client = entered(made, b'ann', b'root')
    client.wire.feed(b'PING x\r\n' * 50)
    assert len(client.take()) == 50


# -- KILL ----------------------------------------------------------------------------------

def test_a_killed_user_is_gone():
    made = scene()
    client = entered(made, b'ann', b'root')
    ben = made.enter(b'ben')
    ben.take()
    client.send(b'KILL ben :spam')
    assert ben.take() == [b':ann!~ann@192.0.2.1 KILL ben :spam',
                          b'ERROR :Closing Link: 192.0.2.1 (Killed (ann (spam)))']


def test_the_others_hear_of_a_kill():
    made = scene()
    client = entered(made, b'ann', b'root')
    ben = made.enter(b'ben')
    cat = made.enter(b'cat')
    for each in (ben, cat):
        each.send(b'JOIN #tea')
    cat.take()
    client.send(b'KILL ben :spam')
    assert cat.take() == [b':ben!~ben@192.0.2.1 QUIT :Killed (ann (spam))']


@pytest.mark.parametrize('target, number', [(b'nobody', b'401'), (b'irc.example', b'483')])
def test_no_other_is_killed(target, number):
    assert words(entered(scene(), b'ann', b'root').send(b'KILL ' + target + b' :x')) == [number]


# -- bans ----------------------------------------------------------------------------------

@pytest.mark.parametrize('line', [
    b'KLINE *@192.0.2.* :spam', b'KLINE *@192.0.2.0/24 :spam', b'KLINE 60 ~ben@* :spam',
    b'DLINE 192.0.2.0/24 :spam', b'UBAN ADD 192.0.2.0/24 1h spam', b'UBAN ADD ~ben@*'])
def test_a_ban_ends_users_that_are_there(line):
    made = scene()
    client = entered(made, b'ann', b'root')
    ben = made.enter(b'ben')
    client.send(line)
    assert ben.wire.is_closing()


def test_a_ban_leaves_operators():
    client = entered(scene(), b'ann', b'root')
    client.send(b'KLINE *@192.0.2.* :spam')
    assert not client.wire.is_closing()


def test_a_banned_user_does_not_register():
    made = scene()
    entered(made, b'ann', b'root').send(b'KLINE *@192.0.2.* :spam')
    lines = made.connect().send(b'NICK ben', b'USER b 0 * :B')
    assert lines == [b':irc.example 465 ben :You are banned from this server: spam',
                     b'ERROR :Closing Link: 192.0.2.1 (K-Lined: spam)']


def test_a_banned_address_is_told_so_at_once():
    made = scene()
    entered(made, b'ann', b'root').send(b'DLINE 192.0.2.0/24 :spam')
    assert made.connect().take()[-1] == b'ERROR :Closing Link: 192.0.2.1 (D-Lined: spam)'


def test_a_ban_ends_by_itself():
    made = scene()
    client = entered(made, b'ann', b'root')
    client.send(b'DLINE 1 192.0.2.0/24 :spam')
    made.loop.advance(61.0)
    assert not made.connect().wire.is_closing()


@pytest.mark.parametrize('add, remove', [
    (b'KLINE *@192.0.2.1 :x', b'UNKLINE *@192.0.2.1'),
    (b'DLINE 192.0.2.0/24 :x', b'UNDLINE 192.0.2.0/24'),
    (b'UBAN ADD 192.0.2.0/24', b'UBAN DEL 192.0.2.0/24')])
def test_a_ban_is_taken_away(add, remove):
    made = scene()
    entered(made, b'ann', b'root').send(add, remove)
    assert not made.connect().wire.is_closing()


@pytest.mark.parametrize('line, code', [
    (b'KLINE *@* :x', b'INVALID_MASK'), (b'KLINE * :x', b'INVALID_MASK'),
    (b'DLINE 10.0.0.1/8 :x', b'INVALID_MASK'), (b'DLINE x :x', b'INVALID_MASK'),
    (b'UNKLINE a@b', b'NO_SUCH_BAN')])
def test_a_wrong_ban_is_refused(line, code):
    client = entered(scene(), b'ann', b'root')
    assert client.send(line)[0].split(b' ')[3] == code


def test_operators_hear_of_bans():
    made = scene()
    client = entered(made, b'ann', b'root')
    assert client.send(b'KLINE a@b :spam') == [
        b':irc.example NOTICE * :ann added K-line for [a@b] [spam]']


def test_bans_are_listed():
    client = entered(scene(), b'ann', b'root')
    client.send(b'KLINE 60 a@b :spam', b'DLINE 10.0.0.0/8 :more')
    assert client.send(b'UBAN LIST') == [
        b':irc.example 225 ann D 10.0.0.0/8 0 ann :more',
        b':irc.example 216 ann K a@b 60 ann :spam',
        b':irc.example 219 ann * :End of STATS report']


@pytest.mark.parametrize('letter, number', [(b'k', b'216'), (b'd', b'225')])
def test_stats_tells_operators_of_bans(letter, number):
    client = entered(scene(), b'ann', b'root')
    client.send(b'KLINE a@b :spam', b'DLINE 10.0.0.0/8 :more')
    assert words(client.send(b'STATS ' + letter)) == [number, b'219']


# -- WALLOPS and the rest --------------------------------------------------------------------

def test_wallops_goes_to_those_that_want_it():
    made = scene()
    client = entered(made, b'ann', b'root')
    ben = made.enter(b'ben')
    cat = made.enter(b'cat')
    ben.send(b'MODE ben +w')
    cat.take()
    client.send(b'WALLOPS :tea is ready')
    assert (ben.take(), cat.take()) == ([b':ann!~ann@192.0.2.1 WALLOPS :tea is ready'], [])


@pytest.mark.parametrize('line, call', [(b'REHASH', 'rehash'), (b'DIE', 'die')])
def test_the_service_is_told(line, call):
    made = scene()
    entered(made, b'ann', b'root').send(line)
    assert made.network.made == [call]


def test_an_operator_has_a_user_enter_a_channel():
    made = scene()
    client = entered(made, b'ann', b'root')
    ben = made.enter(b'ben')
    client.send(b'JOIN #tea', b'MODE #tea +i', b'SAJOIN ben #tea')
    assert b'#tea' in ben.server.user.channels


def test_an_operator_has_a_user_leave_a_channel():
    made = scene()
    client = entered(made, b'ann', b'root')
    ben = made.enter(b'ben')
    ben.send(b'JOIN #tea')
    client.send(b'SAPART ben #tea')
    assert b'#tea' not in ben.server.user.channels


def test_an_operator_gives_a_user_another_nick():
    made = scene()
    client = entered(made, b'ann', b'root')
    ben = made.enter(b'ben')
    client.send(b'SANICK ben bob')
    assert ben.server.user.nick == b'bob'


def test_an_operator_changes_modes_from_outside():
    made = scene()
    client = entered(made, b'ann', b'root')
    ben = made.enter(b'ben')
    ben.send(b'JOIN #tea')
    ben.take()
    client.send(b'SAMODE #tea +s-o ben')
    assert ben.take() == [b':irc.example MODE #tea +s-o ben']


def test_servers_are_not_linked():
    assert words(entered(scene(), b'ann', b'root').send(b'CONNECT far.example')) == [b'402']


# -- PASS with an account ----------------------------------------------------------------------

def test_pass_logs_in():
    client = scene().connect()
    client.send(b'PASS ann:secret', b'NICK ann', b'USER a 0 * :A')
    assert client.server.user.account == b'ann'


def test_a_wrong_pass_ends_the_connection():
    client = scene().connect()
    lines = client.send(b'PASS ann:wrong', b'NICK ann', b'USER a 0 * :A')
    assert (words(lines[:1]), lines[-1][:6]) == ([b'464'], b'ERROR ')


def test_a_server_may_ask_for_accounts():
    made = scene(require_account=True)
    lines = made.connect().send(b'NICK ben', b'USER b 0 * :B')
    assert lines[0].startswith(b':irc.example FAIL * ACCOUNT_REQUIRED :')


def test_a_user_with_an_account_enters_where_one_is_asked_for():
    client = scene(require_account=True).connect()
    lines = client.send(b'PASS ann:secret', b'NICK ann', b'USER a 0 * :A')
    assert b'001' in words(lines)
