# Copyright the carryall authors.  See LICENSE.
"""Listings of all sorts of servers."""
from __future__ import absolute_import, division, print_function

import random

import pytest

from carryall.protocols.ftp.filesystem import FILE, FOLDER, LINK
from carryall.protocols.ftp.listparser import is_plain, parse_line, parse_listing
from carryall.core.codec.calendardates import seconds_of

NOW = seconds_of(2026, 11, 21, 12, 0, 0) * 1.0
AT = seconds_of


@pytest.mark.parametrize('line, name, kind, size, modified', [
    (b'-rw-r--r--   1 root     other        531 Jan 29 03:26 README', b'README', FILE, 531,
     AT(2026, 1, 29, 3, 26)),
    (b'dr-xr-xr-x   2 root     other        512 Apr  8  1994 etc', b'etc', FOLDER, 0,
     AT(1994, 4, 8)),
    (b'dr-xr-xr-x   2 root     512 Apr  8  1994 etc', b'etc', FOLDER, 0, AT(1994, 4, 8)),
    (b'lrwxrwxrwx   1 root     other          7 Jan 25 00:17 bin -> usr/bin', b'bin', LINK, 7,
     AT(2026, 1, 25, 0, 17)),
    (b'-rw-r--r--   1 a b   1000 Dec 25 10:00 last year', b'last year', FILE, 1000,
     AT(2025, 12, 25, 10, 0)),
    (b'-rw-r--r--   1 a b   1000 Nov 22 11:00 soon', b'soon', FILE, 1000, AT(2026, 11, 22, 11, 0)),
    (b'-rw-rw-rw-   1 u g  5 Jul  7 2002  two blanks', b' two blanks', FILE, 5, AT(2002, 7, 7)),
    (b'-rw-r--r--+  1 u g  5 Jul  7 2002 acl', b'acl', FILE, 5, AT(2002, 7, 7)),
    (b'-rw-r--r--   1 u g  5 7 Jul 2002 dayfirst', b'dayfirst', FILE, 5, AT(2002, 7, 7)),
    (b'-rw-r--r--   1 Jan Feb 77 Mar  3 2001 months', b'months', FILE, 77, AT(2001, 3, 3)),
    (b'----------   1 owner    group         1803128 Jul 10 2001 ls-lR.Z', b'ls-lR.Z', FILE,
     1803128, AT(2001, 7, 10)),
    (b'04-27-00  09:09PM       <DIR>          licensed', b'licensed', FOLDER, 0,
     AT(2000, 4, 27, 21, 9)),
    (b'07-18-2026  12:16AM                  589 old file.txt', b'old file.txt', FILE, 589,
     AT(2026, 7, 18, 0, 16)),
    (b'04-14-00  12:47PM   1,803,128 x', b'x', FILE, 1803128, AT(2000, 4, 14, 12, 47)),
    (b'+i8388621.48594,m825718503,r,s280,\tdjb.html', b'djb.html', FILE, 280, 825718503),
    (b'+i8388621.29609,m824255902,/,\tdev', b'dev', FOLDER, 0, 824255902),
    (b'CORE.DIR;1          1  8-SEP-1996 16:09 [SYSTEM] (RWE,RWE,RE,RE)', b'CORE', FOLDER, 0,
     AT(1996, 9, 8, 16, 9)),
    (b'CII-MANUAL.TEX;1  213/216  29-JAN-1996 03:33:12  [ANONYMOU,ANONYMOUS]   (RWED,RWED,,)',
     b'CII-MANUAL.TEX', FILE, 213 * 512, AT(1996, 1, 29, 3, 33))])
def test_lines_of_known_systems_are_parsed(line, name, kind, size, modified):
    entry = parse_line(line, NOW)
    assert entry is not None, line
    assert (entry.name, entry.kind, entry.modified) == (name, kind, modified), \
        (entry.name, entry.kind, entry.modified)
    assert kind == LINK or entry.size == size, entry.size


@pytest.mark.parametrize('line', [
    b'', b'total 14786', b'hello', b'-rw-r--r--', b'-rw-r--r-- 1 u g 5 Xyz 7 2002 x',
    b'-rw-r--r-- 1 u g x Jul 7 2002 x',
    b'-rw-r--r-- 1 u g 5 Feb 30 2002 x', b'04-27-00', b'04-27-00 09:09 <DIR>',
    b'13-27-00  09:09PM <DIR> x', b'+nothing',
    b'X.TXT;1', b'Directory USER:[X]', b'Total of 5 files, 77 blocks.', b'\xff\xfe', b'pub:'])
def test_a_foreign_line_is_none(line):
    assert parse_line(line, NOW) is None, line


def test_a_listing_is_parsed_without_dots():
    data = (b'total 3\r\ndrwxr-xr-x 2 u g 512 Apr  8  1994 .\r\ndrwxr-xr-x 2 u g 512 Apr  8  1994 '
            b'..\r\n'
            b'-rw-r--r-- 1 u g 5 Jul  7 2002 a\r\n-rw-r--r-- 1 u g 5 Jul  7 2002 ../../evil\n'
            b'-rw-r--r-- 1 u g 5 Jul  7 2002 b\\c\n\nA-VERY-LONG-NAME.TXT;1\r\n    5  8-SEP-1996 '
            b'16:09 [X] (RWE,,,)\r\n')
    names = [entry.name for entry in parse_listing(data, NOW)]
    assert names == [b'a', b'A-VERY-LONG-NAME.TXT'], names


@pytest.mark.parametrize('name, plain', [(b'a', True), (b'', False), (b'.', False), (b'..', False),
                                         (b'a/b', False), (b'/etc', False),
                                         (b'a\\b', False), (b'a\0b', False), (b'...', True),
                                         (b'a\nb', False)])
def test_is_plain_refuses_names_with_a_path(name, plain):
    assert is_plain(name) is plain, name


def test_garbage_is_passed_over():
    dice = random.Random(20020707)
    words = [b'-rw-r--r--', b'drwxr-xr-x', b'Jul', b'7', b'2002', b'12:00', b'<DIR>', b'+i1,m2,',
             b'\t', b'x;1', b'8-SEP-1996', b'', b'04-27-00', b'09:09PM', b'->', b'\xff']
    for _ in range(3000):
        line = b' '.join(dice.choice(words) for _ in range(dice.randrange(12)))
        parse_line(line, NOW)           # an Entry or None, and nothing else
