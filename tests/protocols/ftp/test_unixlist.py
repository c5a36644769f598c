# Copyright the carryall authors.  See LICENSE.
"""Lines of ls -l."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.ftp.facts import format_facts, parse_facts
from carryall.protocols.ftp.filesystem import FILE, FOLDER, LINK, OTHER, Entry
from carryall.protocols.ftp.unixlist import format_line, letters_of, split_switches
from carryall.protocols.ftp.listparser import parse_line

JULY = 1026072171.0         # 2002-07-07 20:02:51


def test_a_line_looks_like_that_of_ls():
    entry = Entry(b'a b', FILE, 5, JULY, 0o644, b'anna', b'users', 3)
    assert format_line(entry, JULY + 60) \
        == b'-rw-r--r--   3 anna     users               5 Jul 07 20:02 a b', 'recent'
    assert format_line(entry, JULY + 200 * 86400) \
        == b'-rw-r--r--   3 anna     users               5 Jul 07  2002 a b', 'old'
    assert format_line(entry, JULY - 2 * 86400).endswith(b'Jul 07  2002 a b'), 'of the future'
    assert format_line(entry, JULY, 4 * 3600).endswith(b'Jul 08 00:02 a b'), 'with an offset'
    link = Entry(b'l', LINK, 0, JULY, 0o777, target=b'/x')
    assert format_line(link, JULY).endswith(b' l -> /x') and format_line(link, JULY).startswith(
        b'lrwxrwxrwx'), 'a link'
    assert b'1970' in format_line(Entry(b'x', FILE, modified=-5e9), JULY), 'before the time'
    assert b'9999' in format_line(Entry(b'x', FILE, modified=1e15), JULY), 'after the time'


@pytest.mark.parametrize('kind, mode, letters', [
    (FILE, 0o644, b'-rw-r--r--'), (FOLDER, 0o755, b'drwxr-xr-x'), (LINK, 0o777, b'lrwxrwxrwx'),
    (OTHER, 0, b'?---------'),
    (FILE, 0o4755, b'-rwsr-xr-x'), (FILE, 0o2644, b'-rw-r-Sr--'), (FOLDER, 0o1777, b'drwxrwxrwt'),
    (FOLDER, 0o1776, b'drwxrwxrwT')])
def test_mode_letters_match_the_mode(kind, mode, letters):
    assert letters_of(kind, mode) == letters, letters_of(kind, mode)


def special(letter, device=None):
    entry = Entry(b'x', OTHER, 0, JULY, 0o600)
    entry.special = letter
    entry.device = device
    return entry


@pytest.mark.parametrize('entry, shown, fact', [
    (special(b'p'), b'prw-------   1 ftp      ftp                 0 Jul 07 20:02 x',
     b'OS.unix=pipe'),
    (special(b's'), b'srw-------   1 ftp      ftp                 0 Jul 07 20:02 x',
     b'OS.unix=socket'),
    (special(b'b', (8, 0)), b'brw-------   1 ftp      ftp            8,   0 Jul 07 20:02 x',
     b'OS.unix=blk-8/0'),
    (special(b'c', (13, 29)), b'crw-------   1 ftp      ftp           13,  29 Jul 07 20:02 x',
     b'OS.unix=chr-13/29'),
    (special(b''), b'?rw-------   1 ftp      ftp                 0 Jul 07 20:02 x',
     b'OS.unix=special')])
def test_pipes_sockets_and_devices_are_told_apart(entry, shown, fact):
    """As in ls, and in the examples of RFC 3659 section 7.7.3; our own parsers read it."""
    line = format_line(entry, JULY + 60)
    assert line == shown
    again = parse_line(line, JULY + 60)
    assert (again.kind, again.special, again.size) == (OTHER, entry.special, 0)
    facts = format_facts(entry, (b'type',), b'')
    assert facts == b'type=' + fact + b';'
    assert parse_facts(facts + b' x')[0].special == entry.special


@pytest.mark.parametrize('text, hidden, deep, path', [
    (b'', False, False, b''), (b'-a', True, False, b''), (b'-la x y', True, False, b'x y'),
    (b'-l -R /pub', False, True, b'/pub'),
    (b'-z', False, False, b'-z'), (b'-', False, False, b'-'), (b'-al  pub', True, False, b'pub'),
    (b'x -a', False, False, b'x -a'),
    (b'--help', False, False, b'--help')])
def test_switches_are_split_from_the_path(text, hidden, deep, path):
    switches, rest = split_switches(text)
    assert (switches.hidden, switches.deep, rest) == (hidden, deep, path), rest


@pytest.mark.parametrize('entry', [
    Entry(b'a b', FILE, 123456789012, JULY, 0o640), Entry(b'd', FOLDER, 0, JULY, 0o1777),
    Entry(b'l', LINK, 0, JULY, 0o777, target=b'to -> here'),
    Entry(b'caf\xc3\xa9', FILE, 0, JULY - 300 * 86400)])
def test_our_own_parser_reads_them(entry):
    again = parse_line(format_line(entry, JULY + 5), JULY + 5)
    assert (again.name, again.kind, again.size, again.mode, again.target) == (
        entry.name, entry.kind, entry.size, entry.mode, entry.target), again.name
    assert abs(again.modified - entry.modified) < 86400, again.modified
