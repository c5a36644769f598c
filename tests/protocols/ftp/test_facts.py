# Copyright the carryall authors.  See LICENSE.
"""MLSx and times (RFC 3659 sections 2.3, 7)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.ftp.facts import (DEFAULT, FACTS, chosen_facts, features, format_facts,
                                          format_time, parse_facts, parse_time)
from carryall.protocols.ftp.filesystem import FILE, FOLDER, LINK, Entry

JULY = 1026072171.0         # 2002-07-07 20:02:51


def test_times_there_and_back():
    assert format_time(JULY) == b'20020707200251', format_time(JULY)
    for seconds in (0.0, JULY, 951782400.0, 4102444799.0, -86400.0):
        assert parse_time(format_time(seconds)) == seconds, seconds
    assert format_time(-1e30) == b'00010101000000' and format_time(1e30) == b'99991231235959', \
        'the nearest'


@pytest.mark.parametrize('text', [b'', b'2002', b'20020707200251x', b'20021307200251',
                                  b'20020732200251', b'20020707240251', b'20020707206051',
                                  b'20020707200261', b'00000707200251', b'2002070720025 ',
                                  b'20020230000000', b'20020707200251.', b'20020707200251.x',
                                  b'-0020707200251'])
def test_a_bad_time_is_none(text):
    assert parse_time(text) is None, text


def test_a_fraction_is_cut():
    assert parse_time(b'20020707200251.999') == JULY, 'RFC 3659 section 2.3'


def test_features_marks_what_is_sent():
    assert features((b'type', b'size')) \
        == (b'MLST type*;size*;modify;perm;unique;unix.mode;unix.uid;unix.gid;media-type;'
                                           b'charset;'), features((b'type', b'size'))
    assert chosen_facts(b'SIZE;Nonsense;type;') == (b'type', b'size') and chosen_facts(b'') == (), \
        'in our order'


def test_facts_are_written_as_asked_for():
    entry = Entry(b'a', FILE, 5, JULY, 0o640, b'1', b'2', unique=b'u1')
    assert format_facts(entry, DEFAULT, b'elradfmw') \
        == (
            b'type=file;size=5;modify=20020707200251;perm=adfrw;unique=u1;unix.mode=0640;'), \
                                                       format_facts(entry, DEFAULT, b'elradfmw')
    folder = Entry(b'd', FOLDER, 0, JULY)
    assert format_facts(folder, (b'type', b'size', b'perm'), b'elr') == b'type=dir;perm=el;', \
        'a folder has no size'
    assert format_facts(folder, (b'type',), b'', b'cdir') == b'type=cdir;', 'as itself'
    assert format_facts(Entry(b'l', LINK), (b'type',), b'') == b'type=OS.unix=symlink;', 'a link'
    assert format_facts(entry, FACTS, b'r', media_type=b'image/png').endswith(
        b'unix.uid=1;unix.gid=2;media-type=image/png;charset=binary;'), 'all of them'
    assert format_facts(Entry(b'a', FILE, owner=b'a; b'), (b'unix.uid',),
                        b'') == b'unix.uid=a__b;', 'no fact ends another'


@pytest.mark.parametrize('line, seen', [
    (b'type=file;size=5;modify=20020707200251; a b', (b'a b', FILE, 5, JULY)),
    (b'Type=DIR;Modify=20020707200251.5; d', (b'd', FOLDER, 0, JULY)),
    (b'type=cdir; .', (b'.', 'cdir', 0, 0.0)),
    (b'type=OS.unix=slink:/x; l', (b'l', LINK, 0, 0.0)), (b' bare', (b'bare', FILE, 0, 0.0)),
    (b'size=99999999999999999999;type=file; x', (b'x', FILE, 0, 0.0))])
def test_a_line_of_facts_is_parsed(line, seen):
    entry, _facts = parse_facts(line)
    assert (entry.name, entry.kind, entry.size, entry.modified) == seen, line


@pytest.mark.parametrize('kind', [b'OS.unix=slink:', b'os.UNIX=SLINK:'])
def test_the_target_of_a_link_keeps_its_case(kind):
    entry, _facts = parse_facts(b'type=%s/Srv/README; l' % kind)
    assert (entry.kind, entry.target) == (LINK, b'/Srv/README')


@pytest.mark.parametrize('line', [b'', b'x', b'type=file;', b'type=file x', b'novalue; x',
                                  b''.join(b'f%d=1;' % n for n in range(200)) + b' x'])
def test_a_bad_line_of_facts_is_none(line):
    assert parse_facts(line) is None, line


def test_there_and_back():
    entry = Entry(b'caf\xc3\xa9', FILE, 2 ** 40, JULY, unique=b'x1')
    again, facts = parse_facts(format_facts(entry, DEFAULT, b'r') + b' ' + entry.name)
    assert (again.name, again.size, again.modified, again.unique) == (entry.name, 2 ** 40, JULY,
                                                                      b'x1'), again.name
    assert facts[b'perm'] == b'r' and facts[b'unix.mode'] == b'0644', facts
