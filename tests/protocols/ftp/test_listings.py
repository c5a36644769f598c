# Copyright the carryall authors.  See LICENSE.
"""LIST, NLST, MLSD, STAT path (RFC 959 section 4.1.3, 1123 section 4.1.2.7, 3659 section 7)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.testing import VirtualLoop
from carryall.core.net.turns import Turns
from carryall.protocols.ftp.listparser import parse_listing
from tests.protocols.ftp.stage import Talk, codes


def names(data):
    return sorted(entry.name for entry in parse_listing(data, 1800000000.0))


@pytest.mark.parametrize('line, found', [
    (b'LIST', [b'empty', b'pub', b'readme.txt']),
    (b'LIST -a', [b'.hidden', b'empty', b'pub', b'readme.txt']),
    (b'LIST -la pub', [b'big.bin', b'caf\xc3\xa9.txt', b'sub']),
    (b'LIST /pub/', [b'big.bin', b'caf\xc3\xa9.txt', b'sub']),
    (b'LIST *.txt', [b'readme.txt']), (b'LIST pub/*.b?n', [b'big.bin']),
    (b'LIST readme.txt', [b'readme.txt']),
    (b'LIST -d pub', [b'pub']), (b'LIST empty', []), (b'LIST *.nothing', []),
    (b'LIST .*', [b'.hidden'])])
def test_list_shows_the_folder(line, found):
    got, answer = Talk().fetch(line)
    assert names(got) == found and codes(answer) == [125, 226], got


@pytest.mark.parametrize('line, found', [
    (b'NLST [2024] pics', [b'[2024] pics/*?.jpg', b'[2024] pics/a.jpg']),
    (b'NLST [2024] pics/*?.jpg', [b'[2024] pics/*?.jpg']),
    (b'NLST [2024] pics/*.jpg', [b'[2024] pics/*?.jpg', b'[2024] pics/a.jpg']),
    (b'NLST [2]*', [b'2x']),
    (b'NLST [x]', [b'[x]']), (b'NLST [y]', [b'y'])])
def test_an_exact_name_comes_before_a_pattern(line, found):
    talk = Talk()
    assert codes(talk.say(b'MKD [2024] pics')) == [257]
    for name in (b'[2024] pics/a.jpg', b'[2024] pics/*?.jpg', b'2x', b'[x]', b'x', b'y'):
        assert codes(talk.send(b'STOR ' + name, b'1')) == [125, 226]
    got, answer = talk.fetch(line)
    assert sorted(got.splitlines()) == found
    assert codes(answer) == [125, 226]


def test_the_listing_of_a_folder_named_like_a_pattern_is_not_empty():
    talk = Talk()
    talk.say(b'MKD [2024] pics')
    talk.send(b'STOR [2024] pics/a.jpg', b'1')
    assert names(talk.fetch(b'LIST [2024] pics')[0]) == [b'a.jpg']
    assert b' a.jpg\r\n' in talk.say(b'STAT [2024] pics')


def test_list_shows_subfolders_with_the_switch():
    got, _ = Talk().fetch(b'LIST -R')
    assert b'\r\npub:\r\n' in got and b'\r\npub/sub:\r\n' in got and b'deep.txt' in got \
        and b'.hidden' not in got, got


@pytest.mark.parametrize('line, code', [(b'LIST nothing', 550), (b'NLST nothing', 550),
                                        (b'MLSD nothing', 550), (b'MLSD readme.txt', 501),
                                        (b'LIST readme.txt/*', 550), (b'STAT nothing', 550)])
def test_a_missing_folder_is_refused(line, code):
    talk = Talk()
    talk.passive()
    assert codes(talk.say(line)) == [code], line


@pytest.mark.parametrize('line, found', [
    (b'NLST', [b'empty', b'pub', b'readme.txt']),
    (b'NLST pub', [b'pub/big.bin', b'pub/caf\xc3\xa9.txt', b'pub/sub']),
    (b'NLST /pub/*.bin', [b'/pub/big.bin']), (b'NLST readme.txt', [b'readme.txt']),
    (b'NLST *', [b'empty', b'pub', b'readme.txt']),
    (b'NLST /', [b'/empty', b'/pub', b'/readme.txt']), (b'NLST empty', [])])
def test_nlst_gives_names_for_retr(line, found):
    """Names that RETR takes as they are."""
    got, answer = Talk().fetch(line)
    assert got == b''.join(name + b'\r\n' for name in found) and codes(answer) == [125, 226], got


def test_mlsd_gives_facts():
    talk = Talk()
    got, answer = talk.fetch(b'MLSD pub')
    lines = got.split(b'\r\n')
    assert lines[0].startswith(b'type=cdir;') and lines[0].endswith(b' .'), lines[0]
    assert [line.partition(b' ')[2] for line in lines] == [b'.', b'big.bin', b'caf\xc3\xa9.txt',
                                                           b'sub', b''], lines
    assert b'size=256000;' in lines[1] and b'perm=adfrw;' in lines[1] and lines[3].startswith(
        b'type=dir;'), lines
    got, _ = talk.fetch(b'MLSD')
    assert b' .hidden\r\n' in got, 'for machines nothing is hidden'


def test_stat_of_a_path():
    talk = Talk()
    answer = talk.say(b'STAT pub')
    assert codes(answer) == [212] and b' big.bin\r\n' in answer, answer
    assert codes(talk.say(b'STAT readme.txt', b'STAT -a', b'STAT *.txt')) == [213, 212, 212], \
        'others'


def test_a_name_that_looks_like_a_reply_ends_nothing():
    talk = Talk(files={b'212 End': b'x', b'212-': b'y'})
    assert codes(talk.say(b'STAT /', b'NOOP')) == [212, 200], 'names are inside'


def test_many_entries_are_listed_in_one_transfer():
    talk = Talk(files=dict((b'f%05d' % number, b'') for number in range(5000)))
    got, answer = talk.fetch(b'NLST')
    assert got.count(b'\r\n') == 5000 and codes(answer) == [125, 226], got.count(b'\r\n')
    assert talk.say(b'STAT /').count(b'\r\n') < 1010, \
        'the control connection is no place for so many'
    talk = Talk(files=dict((b'f%05d' % number, b'') for number in range(500)), listed=100)
    assert talk.fetch(b'LIST')[0].count(b'\r\n') == 100, 'bounded'


def test_offset_of_times():
    plain = Talk()
    shifted = Talk(list_offset=3600)
    hour = lambda talk: int(talk.fetch(b'LIST readme.txt')[0].split()[7][:2])
    assert (hour(shifted) - hour(plain)) % 24 == 1, 'an hour ahead'


def test_media_types_are_a_fact_on_request():
    talk = Talk(media_type=lambda name: b'text/plain' if name.endswith(b'.txt') else b'')
    talk.say(b'OPTS MLST media-type;')
    assert b' media-type=text/plain; /readme.txt\r\n' in talk.say(b'MLST readme.txt'), \
        talk.say(b'MLST readme.txt')
    assert b' ; ' not in talk.say(b'MLST pub'), 'a folder has none'


@pytest.mark.parametrize('line', [b'NLST *.none', b'LIST *.none', b'NLST', b'LIST', b'MLSD'])
def test_a_large_folder_is_listed_over_many_turns(line):
    """Also if nothing in it is listed."""
    loop = VirtualLoop()
    talk = Talk(loop=loop, files=dict((b'file%d' % number, b'') for number in range(2000)))
    now = [0.0]
    looks = []

    def tick():
        now[0] += 0.0002
        looks.append(now[0])
        return now[0]

    loop.turns = Turns(tick, loop.call_soon, loop.report_failure)
    got, answer = talk.fetch(line)
    assert len(looks) > 2000 // 16, 'the clock was looked at as often as there are pieces'
    assert len(got.splitlines()) == (0 if b'none' in line else 2000 + (line == b'MLSD'))
    assert codes(answer) == [125, 226]


def test_stat_of_a_large_folder_is_made_over_many_turns():
    loop = VirtualLoop()
    talk = Talk(loop=loop, files=dict((b'file%d' % number, b'') for number in range(2000)))
    talk.wire.feed(b'STAT *.none\r\n')
    assert not talk.wire.take()
    loop.advance()
    assert talk.wire.take().endswith(b'212 End\r\n')
