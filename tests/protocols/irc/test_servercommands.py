# Copyright the carryall authors.  See LICENSE.
"""Commands that tell of the server itself."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.irc import Settings
from tests.protocols.irc.scene import Scene


def words(lines):
    return [line.split(b' ')[1] for line in lines]


@pytest.mark.parametrize('line, numbers', [
    (b'LINKS', [b'364', b'365']), (b'STATS u', [b'242', b'219']), (b'STATS x', [b'219']),
    (b'STATS k', [b'481']), (b'STATS o', [b'219']), (b'TRACE', [b'205', b'262']),
    (b'SERVLIST', [b'235']), (b'SQUERY x :y', [b'408']), (b'SERVICE', [b'481']),
    (b'SUMMON x', [b'445']), (b'USERS', [b'446']), (b'ERROR :x', []), (b'HELP NOSUCH', [b'524']),
    (b'HELP join', [b'704', b'705', b'706']), (b'HELPOP join', [b'704', b'705', b'706'])])
def test_a_question_is_answered(line, numbers):
    assert words(Scene().enter(b'ann').send(line)) == numbers


def test_help_names_every_command():
    lines = Scene().enter(b'ann').send(b'HELP')
    named = b' '.join(line.partition(b' :')[2] for line in lines[1:-1]).split(b' ')
    assert {b'PRIVMSG', b'OPER', b'CAP'} <= set(named)


@pytest.mark.parametrize('line, refused', [
    (b'PRIVMSG ann :\xe9', True), (b'PRIVMSG ann :\xc3\xa9', False), (b'PING x', False)])
def test_a_server_may_take_utf_8_alone(line, refused):
    client = Scene(Settings(burst=1000, utf8_only=True)).enter(b'ann')
    assert (b' FAIL PRIVMSG INVALID_UTF8 :' in client.send(line)[0]) is refused


@pytest.mark.parametrize('setting, token', [('utf8_only', b'UTF8ONLY'),
                                            ('require_account', b'ACCOUNTREQUIRED')])
def test_a_setting_is_a_token(setting, token):
    settings = Settings(burst=1000, **{setting: True})
    client = Scene(settings).connect()
    client.server.user.account = b'ann'
    lines = client.send(b'NICK ann', b'USER a 0 * :A')
    tokens = [word for line in lines if b' 005 ' in line for word in line.split(b' ')]
    assert token in tokens


def test_sts_is_told_to_clients_in_clear():
    client = Scene(Settings(sts_port=6697)).connect()
    assert client.send(b'CAP LS 302')[0].split(b' ')[-1] == b'sts=port=6697'


def test_no_client_asks_for_sts():
    client = Scene(Settings(sts_port=6697)).connect()
    assert client.send(b'CAP REQ sts') == [b':irc.example CAP * NAK :sts']
