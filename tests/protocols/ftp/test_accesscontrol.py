# Copyright the carryall authors.  See LICENSE.
"""USER, PASS, ACCT, REIN, QUIT, HOST (RFC 959 section 4.1.1, 7151)."""
from __future__ import absolute_import, division, print_function

from tests.protocols.ftp.stage import Talk, Watcher, codes


def test_user_and_pass_come_in_order():
    talk = Talk(login=False)
    assert codes(talk.say(b'PASS secret')) == [503], 'without a name'
    assert codes(talk.say(b'USER anna', b'PASS secret', b'PASS secret')) == [331, 230, 202], \
        'then with one'
    assert talk.site.accounts.asked == [(u'anna', b'secret', '127.0.0.1')], talk.site.accounts.asked
    assert codes(talk.say(b'USER anna', b'PWD')) == [331, 530], 'USER forgets who was there'


def test_blanks_belong_to_a_password():
    talk = Talk(login=False)
    talk.say(b'USER anna', b'PASS  a b ')
    assert talk.site.accounts.asked[0][1] == b' a b ', talk.site.accounts.asked


def test_a_wrong_password_takes_its_time():
    talk = Talk(login=False, guard_delay=3.0)
    assert talk.say(b'USER anna', b'PASS wrong',
                    b'NOOP') == b'331 User name okay, need password.\r\n', 'at once'
    assert talk.hear(2.9) == b'', 'not yet'
    assert codes(talk.hear(0.2)) == [530, 200], 'then, and what waited'


def test_three_wrong_ones_are_the_end():
    watcher = Watcher()
    talk = Talk(login=False, observer=watcher)
    answer = b''
    for _ in range(3):
        answer += talk.say(b'USER anna', b'PASS wrong') + talk.hear(20.0)
    assert codes(answer) == [331, 530, 331, 530, 331, 421] and talk.wire.closed, answer
    assert watcher.seen == [('failed', u'anna', '127.0.0.1')] * 3, watcher.seen


def test_after_a_wrong_password_comes_a_name():
    talk = Talk(login=False)
    talk.say(b'USER anna', b'PASS wrong')
    talk.hear(10.0)
    assert codes(talk.say(b'PASS secret')) == [503], 'USER again'


def test_long_names_and_passwords():
    talk = Talk(login=False)
    assert codes(talk.say(b'USER ' + b'x' * 300)) == [501], 'no name is so long'
    talk.say(b'USER anna', b'PASS ' + b'x' * 1100)
    assert codes(talk.hear(10.0)) == [530] and not talk.site.accounts.asked, 'nobody is asked'


def test_no_name_crashes():
    talk = Talk(login=False)
    for name in (b'\xff\xff\xfe', b'%s%n', b'a\x1b[2J', b'\xed\xa0\x80', b'../..'):
        assert codes(talk.say(b'USER ' + name)) == [331], name


def test_home_and_welcome():
    talk = Talk(login=False, home=(b'pub',), welcome=[b'Hello,', b'anna.'])
    assert talk.say(b'USER anna', b'PASS secret') == (
        b'331 User name okay, need password.\r\n230-Hello,\r\n anna.\r\n230 User logged in, '
        b'proceed.\r\n'), 'the lines'
    assert b'"/pub"' in talk.say(b'PWD')
    assert b'"/"' in talk.say(b'CDUP', b'PWD')
    assert b'"/pub"' in talk.say(b'CWD', b'PWD')


def test_messages_of_folders():
    talk = Talk(login=False, files={b'.message': b'Welcome\r\nhome\n', b'a/.message': b'In a',
                                    b'b/': b''}, message_file=b'.message')
    assert talk.say(b'USER anna', b'PASS secret').endswith(
        b'230-Welcome\r\n home\r\n \r\n230 User logged in, proceed.\r\n'), 'of the root'
    assert talk.say(b'CWD a') == b'250-In a\r\n250 Requested file action okay, completed.\r\n', \
        'of another'
    assert talk.say(b'CWD ../b') == b'250 Requested file action okay, completed.\r\n', 'of none'


def test_acct_is_asked_for_by_the_site():
    """ACCT as the site has it (RFC 959 section 5.4)."""
    talk = Talk(login=False)
    assert codes(talk.say(b'ACCT x', b'USER anna', b'PASS secret', b'ACCT x')) \
        == [530, 331, 230, 202], 'superfluous'
    talk = Talk(login=False, account_wanted=lambda account, text: text == b'42')
    assert codes(talk.say(b'USER anna', b'PASS secret', b'PWD', b'ACCT 41', b'PWD')) \
        == [331, 332, 530, 530, 530], 'wrong'
    assert codes(talk.say(b'USER anna', b'PASS secret', b'ACCT 42', b'PWD')) \
        == [331, 332, 230, 257], 'right'


def test_rein_forgets_the_login():
    watcher = Watcher()
    talk = Talk(observer=watcher)
    talk.say(b'CWD pub', b'REST 5')
    talk.passive()
    assert codes(talk.say(b'REIN', b'PWD', b'USER anna', b'PASS secret', b'PWD')) \
        == [220, 530, 331, 230, 257], 'anew'
    assert talk.server.transfers.text and talk.server.transfers.offset == 0 \
        and talk.server.ports.arranged is None, 'all is forgotten'
    assert watcher.seen == [('in', u'anna', '127.0.0.1'), ('out', u'anna', '127.0.0.1'),
                            ('in', u'anna', '127.0.0.1')], watcher.seen


def test_quit_closes_the_connection():
    watcher = Watcher()
    talk = Talk(observer=watcher)
    assert talk.say(b'QUIT now') == b'221 Service closing control connection.\r\n' \
        and talk.wire.closed, 'words behind it'
    talk.hear()
    assert watcher.seen[-1] == ('out', u'anna', '127.0.0.1'), watcher.seen


def test_host_selects_the_site():
    """RFC 7151 section 3."""
    talk = Talk(login=False)
    assert codes(talk.say(b'HOST ftp.example', b'USER anna', b'HOST ftp.example')) \
        == [220, 331, 503], 'before the name'
    talk = Talk(login=False, hosts=(b'ftp.example', b'[127.0.0.1]'))
    assert codes(talk.say(b'HOST other', b'HOST FTP.example', b'HOST [127.0.0.1]', b'HOST')) \
        == [504, 220, 220, 501], 'known ones'


def test_banner_of_several_lines():
    talk = Talk(login=False, banner=[b'One', b'two', b'three'])
    assert talk.banner == b'220-One\r\n two\r\n220 three\r\n', talk.banner
