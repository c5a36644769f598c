# Copyright the carryall authors.  See LICENSE.
"""RETR, STOR, APPE, STOU, REST, RANG, MODE Z, TYPE A, ABOR (RFC 959 section 4.1.3,
RFC 3659 section 5)."""
from __future__ import absolute_import, division, print_function

import zlib

import pytest

from carryall.protocols.ftp.account import READ_LETTERS
from carryall.protocols.ftp.hostport import parse_epsv_reply
from tests.protocols.ftp.stage import Data, Talk, Watcher, codes

BIG = bytes(bytearray(range(256))) * 1000


def test_retr_sends_a_file():
    watcher = Watcher()
    talk = Talk(observer=watcher)
    got, answer = talk.fetch(b'RETR pub/big.bin')
    assert got == BIG and codes(answer) == [125, 226] and b'(256000 bytes)' in answer, answer
    assert watcher.seen[-1] == ('down', (b'pub', b'big.bin'), 256000, True), watcher.seen


@pytest.mark.parametrize('line, code', [(b'RETR nothing', 550), (b'RETR pub', 550), (b'RETR', 501),
                                        (b'RETR a\0b', 501),
                                        (b'RETR ' + b'x' * 300, 553), (b'STOR pub', 550),
                                        (b'STOR no/where', 550), (b'STOR /', 550),
                                        (b'STOU no/where', 550), (b'STOU no/', 550),
                                        (b'APPE pub', 550)])
def test_impossible_transfers_are_refused(line, code):
    talk = Talk()
    data = talk.passive()
    assert codes(talk.say(line)) == [code], line
    assert not data.over and codes(talk.say(b'RETR readme.txt')) == [125, 226], \
        'the port is good for the next'


def test_permissions_forbid_writing():
    talk = Talk(letters=READ_LETTERS)
    talk.passive()
    for line in (b'STOR x', b'APPE x', b'STOU', b'DELE readme.txt', b'MKD x', b'RMD empty',
                 b'RNFR readme.txt', b'RNTO x', b'MFMT 20020707200251 readme.txt',
                 b'SITE CHMOD 644 readme.txt', b'SITE UTIME 20020707200251 readme.txt',
                 b'MFF UNIX.mode=644; readme.txt'):
        assert codes(talk.say(line)) == [550], line
    assert codes(talk.say(b'RETR readme.txt', b'CWD pub')) == [125, 226, 250], 'reading is allowed'
    talk = Talk(letters=b'')
    for line in (b'RETR readme.txt', b'LIST', b'NLST', b'MLSD', b'MLST', b'CWD pub',
                 b'SIZE readme.txt', b'MDTM readme.txt', b'STAT pub', b'HASH readme.txt'):
        assert codes(talk.say(line)) == [550], line


@pytest.mark.parametrize('offset', [0, 1, 255999, 256000])
def test_restart_of_a_download(offset):
    talk = Talk()
    talk.say(b'REST %d' % offset)
    got, answer = talk.fetch(b'RETR pub/big.bin')
    assert got == BIG[offset:] and codes(answer) == [125, 226], answer
    got, _ = talk.fetch(b'RETR pub/big.bin')
    assert got == BIG, 'REST is for one transfer'


def test_restart_behind_the_end():
    talk = Talk()
    talk.say(b'REST 256001')
    talk.passive()
    assert codes(talk.say(b'RETR pub/big.bin')) == [554], 'RFC 3659 section 5.3'


@pytest.mark.parametrize('first, last', [(0, 0), (10, 19), (255999, 255999), (255990, 999999)])
def test_rang_limits_retr_to_a_range(first, last):
    talk = Talk()
    talk.say(b'RANG %d %d' % (first, last))
    got, answer = talk.fetch(b'RETR pub/big.bin')
    assert got == BIG[first:last + 1] and codes(answer) == [125, 226], answer


def test_ranges_that_are_none():
    talk = Talk()
    talk.passive()
    assert codes(talk.say(b'RANG 256000 256001', b'RETR pub/big.bin', b'RANG 1 5', b'STOR x')) \
        == [350, 554, 350, 501], 'not there'
    talk.say(b'RANG 1 5', b'RANG 1 0')
    assert talk.fetch(b'RETR readme.txt')[0] == b'hello\nworld\n', 'taken back'


def test_stor_stores_a_file():
    watcher = Watcher()
    talk = Talk(observer=watcher)
    assert codes(talk.send(b'STOR new.bin', BIG)) == [125, 226] and talk.content(
        b'new.bin') == BIG, 'all of it'
    assert watcher.seen[-1] == ('up', (b'new.bin',), 256000, True), watcher.seen
    talk.send(b'STOR new.bin', b'short')
    assert talk.content(b'new.bin') == b'short', 'replaced'
    assert codes(talk.send(b'STOR none', b'')) == [125, 226] and talk.content(b'none') == b'', \
        'an empty file'


def test_append_and_restart_of_an_upload():
    talk = Talk()
    talk.send(b'APPE new', b'one')
    talk.send(b'APPE new', b'two')
    assert talk.content(b'new') == b'onetwo', talk.content(b'new')
    talk.say(b'REST 3')
    talk.send(b'STOR new', b'TWO')
    assert talk.content(b'new') == b'oneTWO', talk.content(b'new')
    talk.say(b'REST 7')
    talk.passive()
    assert codes(talk.say(b'STOR new')) == [554], 'a hole'


def test_stou_makes_unique_names():
    talk = Talk()
    first = talk.send(b'STOU', b'1')
    second = talk.send(b'STOU pub/', b'2')
    assert b'FILE: /upload.1' in first and b'FILE: /pub/upload.1' in second, first
    assert b'FILE: /upload.2' in talk.send(b'STOU', b'3'), 'RFC 1123 section 4.1.2.9'
    assert (talk.content(b'upload.1'), talk.content(b'pub/upload.1'), talk.content(b'upload.2')) \
        == (b'1', b'2', b'3'), 'content'


@pytest.mark.parametrize('line, told', [
    (b'STOU new', b'FILE: /new'), (b'STOU readme.txt', b'FILE: /readme.txt.1'),
    (b'STOU pub', b'FILE: /pub.1'),
    (b'STOU pub/new', b'FILE: /pub/new'), (b'STOU /pub/big.bin', b'FILE: /pub/big.bin.1')])
def test_the_last_part_of_a_unique_name_is_a_wish(line, told):
    """As tnftp, inetutils-ftp and Net::FTP send it; nothing that is there is touched."""
    talk = Talk()
    answer = talk.send(line, b'x')
    assert told + b'\r\n' in answer
    assert codes(answer) == [125, 226]
    assert talk.content(told[len(b'FILE: /'):]) == b'x'


def test_type_a_translates_line_ends():
    talk = Talk()
    talk.say(b'TYPE A')
    got, answer = talk.fetch(b'RETR readme.txt')
    assert got == b'hello\r\nworld\r\n'
    assert b' bytes)' not in answer, 'the number would be wrong'
    talk.send(b'STOR new', b'a\r\nb\rc\r\n\r')
    assert talk.content(b'new') == b'a\nb\rc\n\r', talk.content(b'new')


def test_mode_z_deflates_a_transfer():
    talk = Talk()
    talk.say(b'MODE Z')
    got, answer = talk.fetch(b'RETR pub/big.bin')
    assert zlib.decompress(got) == BIG and len(got) < len(BIG) and codes(answer) == [125, 226], \
        len(got)
    assert zlib.decompress(talk.fetch(b'NLST pub/sub')[0]) == b'pub/sub/deep.txt\r\n', \
        'a listing too'
    assert codes(talk.send(b'STOR new', zlib.compress(BIG))) == [125, 226] and talk.content(
        b'new') == BIG, 'and back'
    assert codes(talk.say(b'OPTS MODE Z LEVEL 1', b'OPTS MODE Z LEVEL 0', b'OPTS MODE Z LEVEL x')) \
        == [200, 501, 501], 'levels'


@pytest.mark.parametrize('content, code',
                         [(b'this is not deflated', 451), (zlib.compress(BIG)[:-9], 426),
                          (zlib.compress(BIG)[:500], 426)])
def test_mode_z_refuses_plain_data(content, code):
    talk = Talk()
    talk.say(b'MODE Z')
    assert codes(talk.send(b'STOR new', content)) == [125, code], 'it was taken'


def test_an_upload_that_breaks():
    watcher = Watcher()
    talk = Talk(observer=watcher)
    data = talk.passive()
    talk.say(b'STOR new')
    data.transport.write(b'half')
    talk.loop.advance()
    data.transport.abort()
    assert codes(talk.hear()) == [426], 'it broke'
    assert watcher.seen[-1] == ('up', (b'new',), 4, False) and talk.content(b'new') == b'half', \
        'what is there stays'
    talk.say(b'REST 4')
    talk.send(b'STOR new', b' and half')
    assert talk.content(b'new') == b'half and half', 'and is gone on with'


def test_a_download_that_breaks():
    watcher = Watcher()
    talk = Talk(observer=watcher)
    data = talk.passive()
    data.transport.pause_reading()
    talk.server.ports.arranged._connection.transport.clog()
    assert codes(talk.say(b'RETR pub/big.bin')) == [125], 'it hangs'
    data.transport.abort()
    assert codes(talk.hear()) == [426] and watcher.seen[-1][3] is False, 'the client went'


def test_abor_ends_a_transfer():
    talk = Talk()
    data = talk.passive()
    talk.say(b'STOR new')
    data.transport.write(b'half')
    talk.loop.advance()
    assert codes(talk.say(b'\xff\xf4\xff\xf2ABOR', b'NOOP')) == [426, 226, 200], \
        'RFC 959 section 4.1.3'
    talk.loop.advance()
    assert data.over and talk.site.service.transfers == 0, 'it goes on'
    assert codes(talk.send(b'STOR new', b'again')) == [125, 226], 'and the next'


def test_abor_ends_a_waiting_transfer():
    talk = Talk()
    talk.say(b'EPSV')
    assert codes(talk.say(b'RETR readme.txt')) == [150], 'it waits'
    assert codes(talk.say(b'ABOR')) == [426, 226] and not talk.loop._listeners, 'the port is closed'
    talk.hear(100.0)


def test_pipelined_commands_go_on_after_abor():
    talk = Talk()
    talk.passive()
    talk.say(b'STOR new')
    assert codes(talk.say(b'PWD', b'ABOR', b'NOOP')) == [426, 226, 257, 200], 'in order'


def test_a_transfer_that_stands_still():
    talk = Talk(stall_seconds=50.0, idle_seconds=20.0)
    data = talk.passive()
    talk.say(b'STOR new')
    for _ in range(10):
        talk.loop.advance(40.0)
        data.transport.write(b'x')
    assert talk.hear(40.0) == b'', 'it moves'
    assert codes(talk.hear(100.0)) == [426, 421], 'it stood still, and then nothing was said'


def test_a_file_that_ends_early():
    talk = Talk()
    files = talk.site.accounts.files
    real = files.open
    files.open = lambda path: (real(path)[0], 500)
    got, answer = talk.fetch(b'RETR readme.txt')
    assert codes(answer) == [125, 451], answer
    talk.say(b'TYPE A')
    assert codes(talk.fetch(b'RETR readme.txt')[1]) == [125, 451], 'in pieces too'


def test_a_full_store_is_552():
    from carryall.services.ftp.memoryfiles import MemoryFiles
    talk = Talk(files=MemoryFiles(octets=1000))
    assert codes(talk.send(b'STOR a', b'x' * 900)) == [125, 226], 'it fits'
    assert codes(talk.send(b'STOR b', b'x' * 900)) == [125, 552], 'it does not'
    assert codes(talk.say(b'AVBL', b'ALLO 50', b'ALLO 500')) == [213, 202, 552], 'what is left'


def test_uploads_are_bounded():
    talk = Talk(file_bytes=100)
    assert codes(talk.send(b'STOR a', b'x' * 100)) == [125, 226] \
        and codes(talk.send(b'STOR b', b'x' * 101)) == [125, 552], 'bound'
    assert codes(talk.send(b'APPE a', b'x')) == [125, 552], 'all in all'
    talk.say(b'MODE Z')
    assert codes(talk.send(b'STOR c', zlib.compress(b'x' * 10000000))) == [125, 552], 'inflated'


def test_transfer_rates_are_limited():
    talk = Talk(rate_down=100000.0, rate_up=100000.0)
    begun = talk.loop.time()
    data = talk.passive()
    answer = talk.say(b'RETR pub/big.bin')
    while 226 not in codes(answer):
        answer += talk.hear(0.05)
    assert data.got == BIG and 1.5 < talk.loop.time() - begun < 3.5, talk.loop.time() - begun
    data = talk.passive()
    begun = talk.loop.time()
    answer = talk.say(b'STOR new')
    for start in range(0, len(BIG), 10000):
        data.transport.write(BIG[start:start + 10000])
    data.transport.close()
    while 226 not in codes(answer):
        answer += talk.hear(0.05)
    assert talk.content(b'new') == BIG and 1.5 < talk.loop.time() - begun < 3.5, \
        talk.loop.time() - begun


def test_rates_that_are_shared():
    from carryall.protocols.ftp.rates import Rate
    talk = Talk()
    shared = Rate(100000.0, talk.loop)
    talk.server.transfers.rates = ([], [shared])
    other = Talk(site=talk.site, loop=talk.loop)
    other.server.transfers.rates = ([], [shared])
    begun = talk.loop.time()
    one = talk.passive()
    two = other.passive()
    talk.say(b'RETR pub/big.bin')
    other.say(b'RETR pub/big.bin')
    while not (one.over and two.over):
        talk.loop.advance(0.1)
    assert talk.loop.time() - begun > 4.0, 'both together are as fast as one'


def test_a_slow_reader_stops_the_pieces():
    """Law 6: memory does not grow with what it does not read."""
    talk = Talk(files={b'big': b'x\n' * 2000000})
    talk.say(b'TYPE A')
    data = talk.passive()
    data.transport.pause_reading()
    inner = talk.server.ports.arranged._connection.transport
    inner.clog()
    talk.say(b'RETR big')
    talk.hear(1.0)
    assert 0 < inner.get_write_buffer_size() < 300000, inner.get_write_buffer_size()
    data.transport.resume_reading()
    inner.unclog()
    assert codes(talk.hear(1.0)) == [226] and len(data.got) == 6000000, len(data.got)


def test_the_client_ends_its_half_of_a_download():
    talk = Talk()
    data = talk.passive()
    data.transport.write_eof()
    assert codes(talk.say(b'RETR pub/big.bin')) == [125, 226] and data.got == BIG, len(data.got)


def test_a_client_that_sends_before_the_command():
    talk = Talk()
    data = talk.passive()
    data.transport.write(b'early')
    data.transport.close()
    talk.loop.advance()
    assert codes(talk.say(b'STOR new')) == [125, 226] and talk.content(b'new') == b'early', \
        'nothing is lost'


def test_a_data_connection_that_is_gone_before_the_command():
    talk = Talk()
    data = talk.passive()
    data.transport.abort()
    talk.loop.advance()
    assert codes(talk.say(b'RETR readme.txt')) == [125, 426], 'it was there, and is not'


def test_the_first_connection_after_150():
    talk = Talk()
    port = parse_epsv_reply(talk.say(b'EPSV')[4:].strip())
    assert codes(talk.say(b'RETR readme.txt')) == [150], 'it waits'
    data = talk.connect(port)
    assert codes(talk.hear()) == [226] and data.got == b'hello\nworld\n' and isinstance(
        data, Data), 'it came'
