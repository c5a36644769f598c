# Copyright the carryall authors.  See LICENSE.
"""The mail server keeps what is sent, and gives it back by POP3."""
from __future__ import absolute_import, division, print_function

import base64

import pytest

from carryall.commands.catalogue import known_types
from carryall.core.errors import UsageError
from carryall.services.testservers.typeserver import parse_words
from tests.services.testservers.talks import Hall

PLAIN = b'AUTH PLAIN ' + base64.b64encode(b'\0user\0secret') + b'\r\n'


def smtp(server, *lines):
    """The replies to these commands of a client that has said EHLO."""
    talk = server.connect()
    talk.ask(b'EHLO me\r\n')
    return [talk.ask(line + b'\r\n') for line in lines]


def send(server, *recipients):
    """The reply to a message."""
    lines = [b'MAIL FROM:<a@here>'] + [b'RCPT TO:<%s>' % each for each in recipients]
    return smtp(server, *lines + [b'DATA', b'Subject: hi\r\n\r\nhello\r\n.'])[-1]


def pop3(server, *lines):
    """The answers to these commands of a client that is logged in."""
    talk = server.connect(1)
    talk.ask(b'USER user\r\n')
    assert talk.ask(b'PASS secret\r\n').startswith(b'+OK')
    return [talk.ask(line + b'\r\n') for line in lines]


def test_mail_server_has_smtp_and_pop3():
    assert [place[0] for place in Hall().begin('mail').places] == ['smtp', 'pop3']


def test_a_message_is_kept_with_its_envelope():
    server = Hall().begin('mail')
    assert send(server, b'b@there', b'c@there').startswith(b'250 ')
    row, = server.call('came')
    assert (row['sender'], row['recipients']) == (u'a@here', [u'b@there', u'c@there'])
    assert row['data'] == b'Subject: hi\r\n\r\nhello\r\n'
    assert (row['hello'], row['protocol'], row['user'], row['tls']) == (u'me', u'ESMTP', None,
                                                                       False)


def test_a_login_is_kept():
    server = Hall().begin('mail')
    talk = server.connect()
    talk.ask(b'EHLO me\r\n')
    assert talk.ask(PLAIN).startswith(b'235 ')
    for line in (b'MAIL FROM:<a@here>', b'RCPT TO:<b@there>', b'DATA', b'x\r\n.'):
        talk.ask(line + b'\r\n')
    assert server.call('came')[0]['user'] == u'user'


def test_a_wrong_password_is_refused():
    server = Hall().begin('mail', accounts=[[u'user', u'other']])
    assert smtp(server, PLAIN[:-2])[0].startswith(b'535 ')


def test_a_login_can_be_demanded():
    server = Hall().begin('mail', login=True)
    assert smtp(server, b'MAIL FROM:<a@here>')[0].startswith(b'530 ')


def test_unknown_recipients_can_be_refused():
    server = Hall().begin('mail', strict=True)
    replies = smtp(server, b'MAIL FROM:<a@here>', b'RCPT TO:<b@there>', b'RCPT TO:<user@there>')
    assert [reply[:3] for reply in replies] == [b'250', b'550', b'250']


def test_a_message_is_fetched_again():
    server = Hall().begin('mail')
    send(server, b'b@there')
    assert b'Subject: hi\r\n\r\nhello\r\n.\r\n' in pop3(server, b'RETR 1')[0]


def test_each_account_has_its_own_mail():
    server = Hall().begin('mail', accounts=[[u'user', u'secret'], [u'ann@there', u'x']])
    send(server, b'ann@there')
    assert server.call('held') == []
    assert len(server.call('held', account=u'ann@there')) == 1


def test_a_message_for_two_names_of_one_account_is_there_once():
    server = Hall().begin('mail')
    send(server, b'user@here', b'other@there')
    assert len(server.call('held')) == 1


def test_a_message_that_was_put_is_fetched():
    server = Hall().begin('mail')
    server.call('put', data=b'Subject: put\n\nbody\n')
    assert b'Subject: put\r\n\r\nbody\r\n' in pop3(server, b'RETR 1')[0]


def test_unique_ids_stay_when_others_go():
    server = Hall().begin('mail')
    for number in range(3):
        server.call('put', data=b'%d' % number)
    before = pop3(server, b'UIDL 3', b'DELE 1', b'QUIT')[0]
    assert pop3(server, b'UIDL 2')[0].split()[2] == before.split()[2]


def test_the_end_of_a_message_can_fail():
    server = Hall().begin('mail')
    server.call('fail', when=u'message', reply=b'552 5.3.4 too big')
    assert send(server, b'b@there') == b'552 5.3.4 too big\r\n'
    assert server.call('came') == []


def test_the_end_of_a_message_can_be_cut():
    server = Hall().begin('mail')
    server.call('fail', when=u'message', cut=4)
    assert send(server, b'b@there') == b'250 '


def test_a_message_can_end_in_a_reset():
    server = Hall().begin('mail')
    server.call('fail', when=u'message', reset=True)
    assert send(server, b'b@there') == b''
    assert server.call('came') == []


def test_a_recipient_can_fail():
    server = Hall().begin('mail')
    server.call('fail', when=u'RCPT TO:<b@there>', reply=b'450 4.2.1 later')
    replies = smtp(server, b'MAIL FROM:<a@here>', b'RCPT TO:<c@there>', b'RCPT TO:<b@there>')
    assert [reply[:3] for reply in replies] == [b'250', b'250', b'450']


def test_pop3_can_fail():
    server = Hall().begin('mail')
    server.call('fail', when=u'RETR', reply=b'-ERR gone')
    server.call('put', data=b'x')
    assert pop3(server, b'RETR 1', b'RETR 1')[0] == b'-ERR gone\r\n'


def test_starttls_is_offered_if_it_is_wanted():
    assert b'STARTTLS' not in Hall().begin('mail').connect().ask(b'EHLO me\r\n')


def test_a_message_that_is_too_large_is_refused():
    server = Hall().begin('mail', max_size=100)
    assert smtp(server, b'MAIL FROM:<a@here> SIZE=101')[0].startswith(b'552 5.3.4 ')


def test_tls_can_be_demanded():
    server = Hall().begin('mail', require_tls=True)
    assert smtp(server, b'MAIL FROM:<a@here>')[0].startswith(b'530 5.7.0 Must issue a STARTTLS')


def test_a_password_in_clear_can_be_refused():
    server = Hall().begin('mail', secure_login=True)
    assert smtp(server, PLAIN.rstrip())[0].startswith(b'538 5.7.11 ')


def test_a_password_in_clear_can_be_refused_by_pop3():
    talk = Hall().begin('mail', secure_login=True).connect(1)
    talk.ask(b'USER user\r\n')
    assert talk.ask(b'PASS secret\r\n').startswith(b'-ERR')


def test_a_reset_empties_the_maildrops():
    server = Hall().begin('mail')
    send(server, b'b@there')
    server.call('forget')
    assert server.call('held') == []
    assert server.call('came') == []


def test_an_unknown_account_is_told():
    server = Hall().begin('mail')
    for call, options in (('held', {}), ('put', {'data': b'x'})):
        with pytest.raises(UsageError):
            server.call(call, account=u'nobody', **options)


def test_ports_of_the_type_that_are_not_given_are_free():
    options = parse_words(known_types().get('mail'), [u'-d', u'a.example=.'])
    assert (options.smtp, options.pop3) == (u'tcp:0', u'tcp:0')


@pytest.mark.parametrize('options', [{'tls': u'maybe'}, {'accounts': []},
                                     {'protocols': [u'imap']}])
def test_an_impossible_mail_server_raises_usage_error(options):
    with pytest.raises(UsageError):
        Hall().begin('mail', **options)


def test_a_connect_fault_of_a_line_protocol_ends_its_line():
    server = Hall().begin('mail')
    server.call('fail', when=u'connect', reply=b'421 busy')
    assert server.connect().take() == b'421 busy\r\n'


def test_extensions_can_be_hidden():
    server = Hall().begin('mail')
    server.call('fail', when=b'EHLO', reply=b'250-here\r\n250 8BITMIME', times=None)
    talk = server.connect()
    talk.take()
    assert talk.ask(b'EHLO me\r\n') == b'250-here\r\n250 8BITMIME\r\n'
