# Copyright the carryall authors.  See LICENSE.
"""The DICT server: commands, refusals, limits, pipelining, and peers that read slowly."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.future import Future
from carryall.core.testing import FakeTransport, play, transcript
from carryall.protocols.dict import DICTError, DICTServer, Settings
from tests.protocols.dict.sample import (BANNER, SETTINGS, Library, Long, fixed_loop, greeted,
                                         library_server)

OK = b'250 ok'
APPLE = [b'151 "apple" fruit "Fruit \\"of\\" all kinds" - text follows', b'A round fruit.',
         b'..dots are doubled', b'.']
TREE = [b'151 "apple" trees "Trees" - text follows', b'A tree.', b'.']
PARAMETERS = b'501 Syntax error, illegal parameters'
NO_DATABASE = b'550 Invalid database, use "SHOW DB" for list of databases'


def answered(count):
    return b'150 %d definitions retrieved - definitions follow' % count


def found(count):
    return b'152 %d matches found - text follows' % count


@pytest.mark.parametrize('said, lines', [
    (b'DEFINE fruit apple', [answered(1)] + APPLE + [OK]),
    (b'define fruit APPLE', [answered(1)] + APPLE + [OK]),
    (b'DEFINE\tfruit\tapple', [answered(1)] + APPLE + [OK]),
    (b'DEFINE * apple', [answered(2)] + APPLE + TREE + [OK]),
    (b'DEFINE ! apple', [answered(1)] + APPLE + [OK]),
    (b'DEFINE fruit "caf\xc3\xa9"', [
        answered(1), b'151 "caf\xc3\xa9" fruit "Fruit \\"of\\" all kinds" - text follows',
        b'Not a fruit.', b'.', OK]),
    (b'DEFINE fruit \'a "b" \\\\c\'', [
        answered(1), b'151 "a \\"b\\" \\\\c" fruit "Fruit \\"of\\" all kinds" - text follows',
        b'Quoted.', b'.', OK]),
    (b'DEFINE * nothing', [b'552 No match']), (b'DEFINE ! nothing', [b'552 No match']),
    (b'DEFINE nowhere apple', [NO_DATABASE]), (b'DEFINE FRUIT apple', [NO_DATABASE]),
    (b'DEFINE fruit', [PARAMETERS]), (b'DEFINE', [PARAMETERS]), (b'DEFINE a b c', [PARAMETERS]),
    (b'DEFINE fruit "apple', [PARAMETERS]), (b'DEFINE fruit app\x01le', [PARAMETERS]),
    (b'DEFINE fruit caf\xe9', [PARAMETERS]),
    (b'MATCH fruit exact apple', [found(1), b'fruit "apple"', b'.', OK]),
    (b'MATCH fruit prefix app', [found(2), b'fruit "apple"', b'fruit "apple pie"', b'.', OK]),
    (b'MATCH fruit PREFIX app', [found(2), b'fruit "apple"', b'fruit "apple pie"', b'.', OK]),
    (b'MATCH * exact apple', [found(2), b'fruit "apple"', b'trees "apple"', b'.', OK]),
    (b'MATCH ! exact apple', [found(1), b'fruit "apple"', b'.', OK]),
    (b'MATCH * . apple', [found(3), b'fruit "apple"', b'fruit "apple pie"', b'trees "apple"', b'.',
                          OK]),
    (b'MATCH * exact nothing', [b'552 No match']),
    (b'MATCH nowhere exact apple', [NO_DATABASE]),
    (b'MATCH * nonsense apple', [
        b'551 Invalid strategy, use "SHOW STRAT" for a list of strategies']),
    (b'MATCH fruit exact', [PARAMETERS]), (b'MATCH a b c d', [PARAMETERS]),
    (b'SHOW DB', [b'110 2 databases present - text follows', b'fruit "Fruit \\"of\\" all kinds"',
                  b'trees "Trees"', b'.', OK]),
    (b'show databases', [b'110 2 databases present - text follows',
                         b'fruit "Fruit \\"of\\" all kinds"', b'trees "Trees"', b'.', OK]),
    (b'SHOW STRAT', [b'111 2 strategies available - text follows',
                     b'exact "Match headwords exactly"', b'prefix "Match prefixes"', b'.', OK]),
    (b'SHOW strategies', [b'111 2 strategies available - text follows',
                          b'exact "Match headwords exactly"', b'prefix "Match prefixes"', b'.',
                          OK]),
    (b'SHOW INFO fruit', [b'112 database information follows', b'About fruit', b'.', OK]),
    (b'SHOW INFO nowhere', [NO_DATABASE]), (b'SHOW INFO *', [NO_DATABASE]),
    (b'SHOW INFO !', [NO_DATABASE]),
    (b'SHOW SERVER', [b'114 server information follows', b'Ask ann@dict.example.', b'.', OK]),
    (b'SHOW', [PARAMETERS]), (b'SHOW NOTHING', [PARAMETERS]), (b'SHOW INFO', [PARAMETERS]),
    (b'SHOW DB x', [PARAMETERS]), (b'SHOW INFO a b', [PARAMETERS]),
    (b'CLIENT dict 1.13 "on\x01 Linux', [OK]), (b'CLIENT', [OK]),
    (b'STATUS', [b'210 status: 0 definitions, 0 matches']), (b'STATUS x', [PARAMETERS]),
    (b'OPTION MIME', [OK]), (b'OPTION mime', [OK]),
    (b'OPTION NONE', [b'503 Command parameter not implemented']), (b'OPTION', [PARAMETERS]),
    (b'AUTH ann 00', [b'502 Command not implemented']),
    (b'SASLAUTH PLAIN', [b'502 Command not implemented']),
    (b'SASLRESP AAAA', [b'502 Command not implemented']),
    (b'NONSENSE', [b'500 Syntax error, command not recognized']),
    (b'D apple', [b'500 Syntax error, command not recognized']),
    (b'', [b'500 Syntax error, command not recognized']),
    (b' STATUS', [b'500 Syntax error, command not recognized'])])
def test_the_answer_does_not_depend_on_how_the_octets_are_cut(said, lines):
    expected = BANNER + b''.join(line + b'\r\n' for line in lines)
    play(library_server, said + b'\r\nQUIT\r\n', expected + b'221 Closing Connection\r\n')


def test_a_line_may_end_with_lf_alone():
    play(library_server, b'STATUS\nQUIT\n',
         BANNER + b'210 status: 0 definitions, 0 matches\r\n221 Closing Connection\r\n')


def test_help_names_the_commands():
    _, wire, _ = greeted(Library())
    wire.feed(b'HELP\r\n')
    lines = wire.take().split(b'\r\n')
    assert lines[:2] == [b'113 help text follows', b'DEFINE database word']
    assert lines[-3:] == [b'.', OK, b'']


def test_help_omits_auth_without_logins():
    _, wire, _ = greeted(Library())
    wire.feed(b'HELP\r\n')
    assert b'AUTH' not in wire.take()


def test_status_counts_what_was_found():
    _, wire, _ = greeted(Library())
    wire.feed(b'DEFINE * apple\r\nMATCH fruit exact apple\r\nSTATUS\r\n')
    assert wire.take().endswith(b'210 status: 2 definitions, 1 matches\r\n')


def test_after_option_mime_each_text_has_a_header():
    _, wire, _ = greeted(Library())
    wire.feed(b'OPTION MIME\r\nSHOW INFO fruit\r\n')
    assert wire.take() == b'250 ok\r\n112 database information follows\r\n\r\nAbout fruit\r\n' \
                          b'.\r\n250 ok\r\n'


def test_a_definition_has_the_header_of_its_database():
    class Pictures(Library):
        def define(self, database, word, limit, host):
            found = Library.define(self, database, word, limit, host)
            found[0].header = b'Content-type: text/html\r\n'
            return found

    _, wire, _ = greeted(Pictures())
    wire.feed(b'OPTION MIME\r\nDEFINE trees apple\r\n')
    assert b'follows\r\nContent-type: text/html\r\n\r\nA tree.\r\n.\r\n' in wire.take()


# -- limits --------------------------------------------------------------------------------------

def test_a_line_of_1024_characters_is_accepted():
    _, wire, _ = greeted(Library())
    wire.feed(b'DEFINE * ' + u'\u65e5'.encode('utf-8') * 1013 + b'\r\n')
    assert wire.take() == b'552 No match\r\n'


def test_a_line_of_1025_characters_is_refused():
    _, wire, _ = greeted(Library())
    wire.feed(b'DEFINE * ' + u'\u65e5'.encode('utf-8') * 1014 + b'\r\nQUIT\r\n')
    assert wire.take() == b'500 Syntax error, line too long\r\n221 Closing Connection\r\n'


def test_a_line_of_6145_octets_is_refused_once():
    _, wire, _ = greeted(Library())
    wire.feed(b'x' * 6143)
    wire.feed(b'x' * 9000 + b'\r\nQUIT\r\n')
    assert wire.take() == b'500 Syntax error, line too long\r\n221 Closing Connection\r\n'


def test_no_more_definitions_are_sent_than_are_allowed():
    _, wire, _ = greeted(Library(), SETTINGS.replace(max_definitions=1))
    wire.feed(b'DEFINE * apple\r\n')
    assert wire.take().startswith(answered(1))


def test_no_more_matches_are_sent_than_are_allowed():
    _, wire, _ = greeted(Library(), SETTINGS.replace(max_matches=2))
    wire.feed(b'MATCH * prefix apple\r\n')
    assert wire.take().startswith(found(2))


def test_a_client_without_commands_is_disconnected():
    loop, wire, _ = greeted(Library(), SETTINGS.replace(idle_seconds=5.0))
    loop.advance(7.0)
    assert wire.take() == b'421 No command for too long\r\n'
    assert wire.closed


def test_a_client_that_looks_nothing_up_is_disconnected():
    loop, wire, _ = greeted(Library(), SETTINGS.replace(unproductive_seconds=60.0))
    for _ in range(8):
        loop.advance(10.0)
        wire.feed(b'STATUS\r\n')
    assert wire.closed


def test_a_client_that_looks_words_up_stays_connected():
    loop, wire, _ = greeted(Library(), SETTINGS.replace(unproductive_seconds=60.0))
    for _ in range(8):
        loop.advance(10.0)
        wire.feed(b'DEFINE * apple\r\n')
    assert not wire.closed


def test_a_client_with_errors_alone_is_disconnected():
    _, wire, _ = greeted(Library())
    wire.feed(b'X\r\n' * 10)
    assert wire.take().endswith(b'421 Too many errors\r\n')


def test_a_client_may_look_for_many_words_that_are_missing():
    _, wire, _ = greeted(Library())
    wire.feed(b'DEFINE nowhere x\r\nDEFINE * y\r\n' * 30)
    assert not wire.ended


def test_a_client_that_may_not_connect_is_told():
    class Closed(Library):
        def admits(self, host):
            return host == '192.0.2.99'

    _, wire, _ = greeted(Closed(), banner=b'530 Access denied\r\n')
    assert wire.ended


# -- answers that come later ---------------------------------------------------------------------

class Slow(Library):
    """Definitions that come when the test says so."""

    def __init__(self):
        Library.__init__(self)
        self.future = Future()

    def define(self, database, word, limit, host):
        return self.future


def test_pipelined_commands_wait_for_an_answer():
    service = Slow()
    _, wire, _ = greeted(service)
    wire.feed(b'DEFINE fruit apple\r\nSTATUS\r\nQUIT\r\n')
    assert wire.take() == b''
    service.future.set_result([])
    assert wire.take() == b'552 No match\r\n210 status: 0 definitions, 0 matches\r\n' \
                          b'221 Closing Connection\r\n'


def test_a_refusal_of_the_service_is_the_reply():
    service = Slow()
    _, wire, _ = greeted(service)
    wire.feed(b'DEFINE fruit apple\r\n')
    service.future.set_exception(DICTError(u'busy', 420, b'420 Too many searches'))
    assert wire.take() == b'420 Too many searches\r\n'


def test_a_service_that_fails_is_unavailable(expect_log):
    expect_log('the command DEFINE failed')
    service = Slow()
    _, wire, _ = greeted(service)
    wire.feed(b'DEFINE fruit apple\r\n')
    service.future.set_exception(KeyError('x'))
    assert wire.take() == b'420 Server temporarily unavailable\r\n'


def test_a_definition_that_cannot_be_read_breaks_the_connection(expect_log):
    expect_log('the command DEFINE failed')

    class Unreadable(object):
        word = u'x'
        database = u'x'
        description = u'x'
        header = b''

        def read(self):
            raise IOError('the disk is broken')

    service = Slow()
    loop, wire, _ = greeted(service)
    wire.feed(b'DEFINE fruit apple\r\n')
    service.future.set_result([Unreadable()])
    loop.advance()
    assert wire.lost


def test_a_connection_that_is_lost_cancels_the_search():
    service = Slow()
    loop, wire, _ = greeted(service)
    wire.feed(b'DEFINE fruit apple\r\n')
    wire.lose()
    loop.advance()
    assert service.future.cancelled()


def test_the_peer_may_end_its_side_before_the_answer():
    service = Slow()
    loop, wire, _ = greeted(service)
    wire.feed(b'DEFINE fruit apple\r\n')
    wire.feed_eof()
    loop.advance()
    service.future.set_result([])
    loop.advance()
    assert wire.take() == b'552 No match\r\n'
    assert wire.lost == [None]


def test_a_drain_closes_an_idle_connection():
    _, wire, server = greeted(Library())
    server.drain()
    assert wire.take() == b'421 Server shutting down at operator request\r\n'
    assert wire.closed


def test_a_drain_lets_an_answer_finish():
    service = Slow()
    _, wire, server = greeted(service)
    wire.feed(b'DEFINE fruit apple\r\nSTATUS\r\n')
    server.drain()
    assert wire.take() == b''
    service.future.set_result([])
    assert wire.take() == b'552 No match\r\n421 Server shutting down at operator request\r\n'


# -- peers that read slowly ------------------------------------------------------------------------

def reading_slowly():
    service = Long()
    loop, wire, server = greeted(service, SETTINGS.replace(stall_seconds=30.0))
    wire.clog()
    wire.feed(b'DEFINE long x\r\n')
    loop.advance()
    return service, loop, wire


def test_definitions_are_read_no_faster_than_the_client_reads_them():
    service, _, _ = reading_slowly()
    assert service.read < 5


def test_definitions_go_on_when_the_client_reads():
    service, loop, wire = reading_slowly()
    wire.unclog()
    loop.advance()
    assert service.read == Settings().max_definitions
    assert wire.take().endswith(b'.\r\n250 ok\r\n')


def test_a_client_that_does_not_read_is_disconnected():
    _, loop, wire = reading_slowly()
    loop.advance(35.0)
    assert wire.ended


def test_a_dialogue_gets_its_replies():
    transcript(library_server, b'S: ' + BANNER[:-2], b'C: CLIENT test', b'S: 250 ok',
               b'C: MATCH * exact apple', b'C: DEFINE nowhere apple',
               b'S: 152 2 matches found - text follows', b'S: fruit "apple"', b'S: trees "apple"',
               b'S: .', b'S: 250 ok', b'S: ' + NO_DATABASE, b'C: QUIT',
               b'S: 221 Closing Connection', b'S: <closed>')


@pytest.mark.parametrize('garbage', [bytes(bytearray(range(256))) * 40, b'\0' * 9000, b'"' * 9000,
                                     b'DEFINE ' * 2000, b'\r' * 3000, b'\xff\xfe\r\n' * 50])
def test_garbage_gets_errors_and_no_more(garbage):
    loop = fixed_loop()
    wire = FakeTransport(loop)
    wire.connect(DICTServer(Library(), loop, SETTINGS))
    for at in range(0, len(garbage), 700):
        wire.feed(garbage[at:at + 700])
    loop.advance()
    codes = set(line[:1] for line in wire.take().split(b'\r\n')[1:] if line)
    assert codes <= set([b'4', b'5'])
    assert not loop.failures
