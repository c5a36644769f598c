# Copyright the carryall authors.  See LICENSE.
"""NOOP, SYST, FEAT, OPTS, HELP, LANG, CLNT, SITE, STAT."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.ftp.server import FTPServer
from tests.protocols.ftp.stage import Talk, codes


def test_feat_names_each_once():
    talk = Talk()
    lines = talk.say(b'FEAT').split(b'\r\n')
    assert lines[0] == b'211-Features:' and lines[-2] == b'211 End', lines
    words = [line.split()[0] for line in lines[1:-2]]
    assert len(words) == len(set(words)) and all(line[:1] == b' ' for line in lines[1:-2]), words
    assert b'MLSD' not in words and b'MLST' in words and b'HASH' not in words, words
    assert b' HASH SHA-256*;SHA-512;' in Talk(digests=True).say(b'FEAT'), 'opt-in'


def test_feat_and_the_like_before_the_login():
    talk = Talk(login=False)
    assert codes(talk.say(b'FEAT', b'SYST', b'HELP', b'NOOP', b'CLNT x', b'LANG', b'OPTS UTF8 ON',
                          b'STAT', b'SITE HELP')) == [
        211, 215, 214, 200, 200, 200, 200, 530, 530], 'who wants to know'
    assert talk.say(b'SYST') == b'215 UNIX Type: L8\r\n', 'clients look for this'


def test_help_is_the_table():
    talk = Talk()
    text = talk.say(b'HELP')
    for command in FTPServer.commands:
        assert command.verb in text, command.verb
        assert talk.say(b'HELP ' + command.verb.lower()).startswith((b'214 Syntax: ', b'214-')), \
            command.verb
    assert codes(talk.say(b'HELP XYZZY', b'HELP SITE')) == [501, 214], 'not there'


@pytest.mark.parametrize('line, code', [(b'OPTS', 501), (b'OPTS UTF8 ON', 200),
                                        (b'OPTS UTF8 off', 200), (b'OPTS UTF8', 200),
                                        (b'OPTS UTF8 MAYBE', 501), (b'OPTS NOOP', 501),
                                        (b'OPTS HASH MD5', 501), (b'LANG EN', 200),
                                        (b'LANG en-GB', 200), (b'LANG FR', 504), (b'LANG', 200),
                                        (b'OPTS MODE Z', 501)])
def test_opts_and_lang(line, code):
    assert codes(Talk().say(line)) == [code], line


def test_stat_shows_the_session():
    talk = Talk()
    answer = talk.say(b'STAT')
    assert codes(answer) == [211] and b'Logged in as anna' in answer and b'TYPE: I' in answer, \
        answer
    talk.say(b'EPSV')
    assert b'arranged' in talk.say(b'STAT'), 'the port'


@pytest.mark.parametrize('line, code', [
    (b'SITE HELP', 214), (b'SITE', 501), (b'SITE XYZZY', 504), (b'SITE UMASK', 200),
    (b'SITE UMASK 022', 504), (b'SITE UMASK x', 501),
    (b'SITE CHMOD 600 readme.txt', 200), (b'SITE CHMOD 8 readme.txt', 501),
    (b'SITE CHMOD 600', 501), (b'SITE CHMOD 600 no', 550),
    (b'SITE UTIME 20020707200251 readme.txt', 200), (b'SITE UTIME 200207072002 readme.txt', 200),
    (b'SITE UTIME readme.txt 20020707200251 20020707200251 20020707200251 UTC', 200),
    (b'SITE UTIME x readme.txt', 501),
    (b'SITE IDLE', 200), (b'SITE IDLE 60', 200), (b'SITE IDLE 5', 501), (b'SITE IDLE 99999', 501),
    (b'SITE WHO', 550)])
def test_site_commands_answer_with_their_codes(line, code):
    assert codes(Talk().say(line)) == [code], line


def test_site_commands_change_files_and_times():
    talk = Talk()
    talk.say(b'SITE CHMOD 600 readme.txt', b'SITE UTIME 20020707200251 readme.txt', b'SITE IDLE 60')
    assert b'modify=20020707200251' in talk.say(b'MLST readme.txt') and b'mode=0600' in talk.say(
        b'MLST readme.txt'), 'kept'
    assert codes(talk.hear(61.0)) == [421], 'idle'
    talk = Talk()
    talk.say(b'SITE IDLE 60')
    assert talk.hear(58.0) == b'' and talk.hear(
        4.0) == b'421 Idle for 60 seconds, closing control connection.\r\n', 'from now on'
    talk = Talk(show_users=True)
    assert b' anna from 127.0.0.1\r\n' in talk.say(b'SITE WHO'), 'who'
    talk.say(b'SITE UTIME readme.txt 20200101000000 20020707200251 20210101000000 UTC')
    assert b'modify=20020707200251' in talk.say(b'MLST readme.txt'), \
        'the second one is the time of the change'
