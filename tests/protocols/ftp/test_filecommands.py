# Copyright the carryall authors.  See LICENSE.
"""Names and facts: PWD to XSHA256 (RFC 959, 3659 and drafts)."""
from __future__ import absolute_import, division, print_function

import hashlib
import zlib

import pytest

from carryall.protocols.ftp import filecommands
from carryall.protocols.ftp.facts import format_time
from tests.protocols.ftp.stage import FILES, Talk, codes

BIG = FILES[b'pub/big.bin']


def test_folders_are_made_and_removed():
    talk = Talk()
    assert codes(talk.say(b'MKD a', b'XMKD a/b', b'MKD a', b'MKD no/where', b'MKD /')) \
        == [257, 257, 550, 550, 550], 'MKD'
    assert talk.say(b'MKD q"u') == b'257 "/q""u" created.\r\n', 'RFC 959 appendix II'
    assert codes(talk.say(b'CWD a', b'XCWD b', b'PWD', b'XPWD', b'CDUP', b'XCUP', b'CDUP',
                          b'PWD')) == [
        250, 250, 257, 257, 250, 250, 250, 257], 'about'
    assert codes(talk.say(b'CWD readme.txt', b'CWD nothing', b'SMNT /x')) == [550, 550, 502], \
        'no folders'
    assert codes(talk.say(b'RMD a', b'RMD a/b', b'XRMD a', b'RMD a', b'RMD readme.txt', b'RMD /')) \
        == [550, 250, 250, 550, 550, 550], 'RMD'


def test_files_are_deleted_and_renamed():
    talk = Talk()
    assert codes(talk.say(b'DELE readme.txt', b'DELE readme.txt', b'DELE pub', b'DELE')) \
        == [250, 550, 550, 501], 'DELE'
    assert codes(talk.say(b'RNFR .hidden', b'RNTO pub/shown', b'SIZE pub/shown')) \
        == [350, 250, 213], 'RNTO'
    assert codes(talk.say(b'RNTO x', b'RNFR nothing', b'RNFR pub/shown', b'NOOP', b'RNTO x')) \
        == [503, 550, 350, 200, 503], 'at once'
    assert codes(talk.say(b'RNFR pub', b'RNTO pub/sub/pub', b'RNFR pub', b'RNTO empty')) \
        == [350, 550, 350, 550], 'into itself'


def test_size_and_time():
    talk = Talk()
    assert talk.say(b'SIZE pub/big.bin') == b'213 256000\r\n', 'SIZE'
    assert codes(talk.say(b'SIZE pub', b'SIZE nothing', b'MDTM pub', b'MDTM nothing')) == [550] \
        * 4, 'none'
    assert codes(talk.say(b'TYPE A', b'SIZE pub/big.bin', b'TYPE I')) == [200, 550, 200], \
        'RFC 3659 section 4'
    assert talk.say(b'MDTM readme.txt') == b'213 ' + format_time(talk.loop.wall()) + b'\r\n', 'MDTM'
    assert talk.say(b'MFMT 20020707200251 pub/big.bin') \
        == b'213 Modify=20020707200251; /pub/big.bin\r\n', 'MFMT'
    assert talk.say(b'MDTM pub/big.bin') == b'213 20020707200251\r\n', 'it is kept'
    assert codes(talk.say(b'MFMT x readme.txt', b'MFMT 20020707200251',
                          b'MFMT 20020707200251 nothing',
                          b'MFCT 20020707200251 readme.txt')) == [501, 501, 550, 504], 'not'


def test_mff_sets_facts():
    talk = Talk()
    assert codes(talk.say(b'MFF Modify=20020707200251;UNIX.mode=0600; readme.txt')) == [213], 'both'
    assert b'modify=20020707200251' in talk.say(b'MLST readme.txt') \
        and b'unix.mode=0600' in talk.say(b'MLST readme.txt'), 'kept'
    assert codes(talk.say(b'MFF Modify=x; readme.txt', b'MFF UNIX.mode=9; readme.txt',
                          b'MFF Color=red; readme.txt', b'MFF x',
                          b'MFF Modify=20020707200251; nothing')) == [501, 501, 504, 501,
                                                                      550], 'not'


def test_mlst_shows_one_entry():
    talk = Talk()
    assert talk.say(b'MLST pub') .startswith(b'250-Listing\r\n type=dir;modify='), \
        talk.say(b'MLST pub')
    assert talk.say(b'MLST').endswith(b'; /\r\n250 End\r\n'), 'the folder itself'
    assert codes(talk.say(b'OPTS MLST size;type;nonsense;', b'MLST readme.txt', b'MLST nothing')) \
        == [200, 250, 550], 'OPTS'
    assert talk.say(b'MLST readme.txt') \
        == b'250-Listing\r\n type=file;size=12; /readme.txt\r\n250 End\r\n', 'chosen'
    assert talk.say(b'OPTS MLST') == b'200 MLST OPTS \r\n', 'none'


def test_digests_are_opt_in():
    talk = Talk()
    assert codes(talk.say(b'HASH readme.txt', b'XCRC readme.txt', b'XMD5 readme.txt',
                          b'XSHA256 readme.txt')) == [502] * 4, 'opt-in'
    talk = Talk(digests=True)
    assert talk.say(b'XMD5 pub/big.bin') == b'250 %s\r\n' % hashlib.md5(
        BIG).hexdigest().upper().encode('ascii'), 'XMD5'
    assert talk.say(b'XCRC pub/big.bin') == b'250 %08X\r\n' % (zlib.crc32(BIG) & 0xffffffff), 'XCRC'
    assert talk.say(b'XSHA256 pub/big.bin') == b'250 %s\r\n' % hashlib.sha256(
        BIG).hexdigest().upper().encode('ascii'), 'XSHA256'
    assert talk.say(b'HASH pub/big.bin') == b'213 SHA-256 0-255999 %s /pub/big.bin\r\n' % (
        hashlib.sha256(BIG).hexdigest().encode('ascii')), 'HASH'
    assert codes(talk.say(b'OPTS HASH MD5', b'OPTS HASH X', b'OPTS HASH')) == [200, 504, 200], \
        'OPTS'
    talk.say(b'RANG 10 19')
    assert talk.say(b'HASH pub/big.bin') == b'213 MD5 10-19 %s /pub/big.bin\r\n' % (
        hashlib.md5(BIG[10:20]).hexdigest().encode('ascii')), 'of a range'
    assert codes(talk.say(b'HASH nothing', b'XMD5 pub', b'HASH readme.txt', b'NOOP')) \
        == [550, 550, 213, 200], 'in order'


def test_names_in_latin_1():
    talk = Talk()
    assert codes(talk.say(b'SIZE pub/caf\xc3\xa9.txt', b'OPTS UTF8 OFF', b'SIZE pub/caf\xe9.txt',
                          b'MKD \xe9', b'OPTS UTF8 ON',
                          b'CWD \xc3\xa9')) == [213, 200, 213, 257, 200, 250], 'RFC 2640 and before'


def test_raw_octets_are_names():
    talk = Talk()
    assert codes(talk.say(b'MKD \xfe\xfd', b'CWD \xfe\xfd', b'PWD')) == [257, 250, 257], 'not UTF-8'
    assert b'\xfe\xfd' in talk.fetch(b'NLST /')[0] and b'\xfe\xfd' in talk.fetch(b'MLSD /')[0], \
        'as they are'


DEEP = b'/'.join([b'd' * 200] * 4)          # 803 octets


def deep():
    """A dialogue with a server that has such a folder, and another with a long name in it."""
    talk = Talk()
    for count in range(1, 5):
        assert codes(talk.say(b'MKD ' + b'/'.join([b'd' * 200] * count))) == [257]
    talk.say(b'MKD e')
    assert codes(talk.send(b'STOR e/' + b'f' * 240, b'1')) == [125, 226]
    return talk


def test_no_rename_makes_a_path_that_is_too_long():
    talk = deep()
    answer = talk.say(b'RNFR e', b'RNTO ' + DEEP + b'/e')
    assert codes(answer) == [350, 553]
    assert codes(talk.say(b'SIZE e/' + b'f' * 240)) == [213], 'where it was'
    assert codes(talk.say(b'RNFR e', b'RNTO ' + DEEP[:602] + b'/e')) == [350, 250]
    assert codes(talk.say(b'DELE ' + DEEP[:602] + b'/e/' + b'f' * 240)) == [250]


@pytest.mark.parametrize('line', [b'MKD %s', b'STOR %s', b'APPE %s', b'STOU %s', b'RETR %s',
                                  b'CWD %s'])
def test_a_path_that_is_too_long_only_when_joined(line):
    talk = deep()
    assert codes(talk.say(b'CWD ' + DEEP)) == [250]
    talk.passive()
    assert codes(talk.say(line % (b'x' * 240))) == [553]


def test_a_folder_with_too_much_in_it_gets_no_longer_path(monkeypatch):
    monkeypatch.setattr(filecommands, 'MAX_MOVED', 2)
    talk = Talk()
    assert codes(talk.say(b'RNFR pub', b'RNTO longer')) == [350, 553]
    assert codes(talk.say(b'RNFR pub', b'RNTO bup')) == [350, 250], 'a path as long as before'
