# Copyright the carryall authors.  See LICENSE.
"""The kinds of option values: read, checked, shown."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.core.compat import text_type
from carryall.core.errors import UsageError
from carryall.app.optiontypes import (CertificatePath, Choice, Endpoint, Host, Integer, LogPath,
                                      Pair, PasswordPath, Path, Place, Port, Seconds, Size, Text,
                                      to_text)

HERE = os.path.abspath(u'.')

GOOD = [
    (Text(), u'', u''), (Text(), u'a b', u'a b'), (Text(1, 3), u'abc', u'abc'),
    (Text(), u'\xe9', u'\xe9'),
    (Integer(), u'0', 0), (Integer(-5, 5), u'-5', -5), (Integer(1, 10), u'10', 10),
    (Port(), u'0', 0), (Port(), u'65535', 65535),
    (Seconds(), u'30', 30.0), (Seconds(), u'0.5', 0.5), (Seconds(), u'90s', 90.0),
    (Seconds(), u'5m', 300.0),
    (Seconds(), u'2h', 7200.0), (Seconds(), u'1d', 86400.0), (Seconds(), u'0', 0.0),
    (Seconds(), u'1.5h', 5400.0),
    (Size(), u'0', 0), (Size(), u'1500', 1500), (Size(), u'64K', 65536), (Size(), u'64k', 65536),
    (Size(), u'1M', 1 << 20),
    (Size(), u'2G', 2 << 30),
    (Choice(('line', 'json')), u'json', u'json'),
    (Path(), u'x', os.path.join(HERE, u'x')), (Path(), u'a/../b', os.path.join(HERE, u'b')),
    (Path('new'), os.path.join(HERE, u'\xe9'), os.path.join(HERE, u'\xe9')),
    (Place(), u'h:25', u'h:25'), (Place(), u'h,25', u'h:25'), (Place(), u'[::1]:25', u'[::1]:25'),
    (Place(), u'10.0.0.1:1', u'10.0.0.1:1'),
    (Endpoint(), u'8080', u'tcp:8080'),
    (Endpoint(('tcp',)), u'[::1]:80', u'tcp:80:interface=[::1]'),
    (Endpoint(), u'unix:s', u'unix:' + os.path.join(HERE, u's').replace(u'\\', u'\\\\').replace(
        u':', u'\\:')),
    (Pair(), u'a=b', (u'a', u'b')), (Pair(), u'a=b=c', (u'a', u'b=c')),
    (Pair(), u'a=', (u'a', u'')),
    (Pair(Choice(('echo', 'time')), Port(), ':'), u'echo:7', (u'echo', 7)),
    (Pair(Choice(('echo', 'time')), Endpoint(), ':'), u'echo:udp:7', (u'echo', u'udp:7')),
]

BAD = [
    (Text(), u'a\nb', 'control'), (Text(), u'a\x7f', 'control'), (Text(1), u'', '1 to'),
    (Text(0, 2), u'abc', '0 to 2'),
    (Integer(), u'', 'whole number'), (Integer(), u'-1', 'from 0'), (Integer(), u'1.5', 'whole'),
    (Integer(), u'1_0', 'whole'),
    (Integer(), u' 1', 'whole'), (Integer(), u'+1', 'whole'), (Integer(), u'01', 'whole'),
    (Integer(), u'9' * 30, 'whole'),
    (Integer(1, 10), u'11', '1 to 10'), (Integer(-5, 5), u'--5', 'whole'),
    (Integer(0, 9, 'lines'), u'x', 'number of lines'),
    (Place(), u'h', 'not HOST:PORT'), (Place(), u'h:0', 'not HOST:PORT'),
    (Place(), u'h:65536', 'not HOST:PORT'), (Place(), u':25', 'not HOST:PORT'),
    (Place(), u'::1:25', 'not HOST:PORT'), (Place(), u'[h]:25', 'not HOST:PORT'),
    (Place(), u'[::1]', 'not HOST:PORT'), (Place(), u'a b:25', 'not HOST:PORT'),
    (Port(), u'65536', 'a port'), (Port(1), u'0', 'from 1'),
    (Seconds(), u'', 'a time'), (Seconds(), u'5x', 'a time'), (Seconds(), u'-1', 'a time'),
    (Seconds(), u'1e3', 'a time'),
    (Seconds(), u'.5', 'a time'), (Seconds(1.0, 60.0), u'2m', '1s to 1m'),
    (Seconds(), u'nan', 'a time'),
    (Size(), u'1T', 'a size'), (Size(), u'1.5K', 'a size'), (Size(), u'', 'a size'),
    (Size(), u'999999999999G', 'a size'),
    (Size(0, 1024), u'2K', '0 to 1K'),
    (Choice(('line', 'json')), u'xml', 'none of line, json'),
    (Path(), u'', 'empty'), (Path(), u'a\0b', 'path'),
    (Endpoint(), u'http', 'not an endpoint'), (Endpoint(('udp',)), u'80', 'only udp'),
    (Pair(), u'ab', 'form NAME=VALUE'), (Pair(), u'=b', '1 to'),
    (Pair(value=Port()), u'a=b', 'a port'),
]


def names(rows):
    """Ids for a table of kinds and texts."""
    return ['%s-%d' % (row[0].__class__.__name__, number) for number, row in enumerate(rows)]


@pytest.mark.parametrize('kind, text, value', GOOD, ids=names(GOOD))
def test_a_good_text_becomes_a_plain_value(kind, text, value):
    """It is read as that plain value, which passes its own check and is shown as a text that gives
    it back."""
    parsed = kind.parse(text)
    assert parsed == value and type(parsed) is type(value), repr(parsed)
    kind.check(parsed)
    shown = kind.show(parsed)
    assert isinstance(shown, text_type), repr(shown)
    assert kind.parse(shown) == value, shown


@pytest.mark.parametrize('kind, text, words', BAD, ids=names(BAD))
def test_a_bad_text_is_refused_with_a_reason(kind, text, words):
    """It is refused with a sentence that says what is wanted."""
    with pytest.raises(UsageError) as caught:
        kind.parse(text)
    assert words in caught.value.message, caught.value.message


# A tap may hold anything: what no command line gives is refused.
UNCHECKED = [
    (Text(), b'bytes'), (Text(), 5), (Text(0, 2), u'abc'), (Integer(), True), (Integer(), 1.0),
    (Integer(), u'1'), (Integer(0, 5), 6),
    (Port(), -1), (Seconds(), 5), (Seconds(), float('nan')), (Seconds(), float('inf')),
    (Seconds(), -1.0), (Size(), 1.0),
    (Choice(('a', 'b')), u'c'), (Choice(('a', 'b')), 1), (Path(), b'/x'), (Path(), u''),
    (Path(), u'a\0'), (Path(), u'x' * 5000),
    (Endpoint(), u'80'), (Endpoint(), 80), (Endpoint(('udp',)), u'tcp:80'),
    (Pair(), [u'a', u'b']), (Pair(), (u'a',)), (Pair(), (u'a', 1)), (Pair(), (u'', u'b')),
]


@pytest.mark.parametrize('kind, value', UNCHECKED, ids=names(UNCHECKED))
def test_check_refuses_a_wrong_type_or_range(kind, value):
    """A value of the wrong type or range does not pass."""
    with pytest.raises(UsageError):
        kind.check(value)


def test_a_missing_path_is_a_problem(tmpdir):
    """A missing path is a problem, told by the kind of path."""
    folder = text_type(tmpdir)
    there = os.path.join(folder, u'there')
    tmpdir.join('there').write('x')
    assert Path('folder').problems(folder) == []
    assert Path('folder').problems(there) == [u'there is no folder ' + there]
    assert Path('file').problems(there) == []
    assert Path('file').problems(folder) == [u'there is no file ' + folder]
    assert Path('any').problems(there + u'x') == [u'there is no file or folder %sx' % there]
    assert Path('new').problems(os.path.join(folder, u'new')) == []
    assert Path('new').problems(os.path.join(folder, u'a', u'b')) \
        == [u'there is no folder ' + os.path.join(folder, u'a')]
    assert Pair(value=Path('file')).problems((u'a', there)) == []
    assert len(Pair(value=Path('file')).problems((u'a', folder))) == 1
    with pytest.raises(ValueError):
        Path('door')


def test_problems_of_rights(tmpdir, monkeypatch):
    """A path that exists and that the process has no right to use is a problem. Root has all
    rights, so the answer of the system is simulated."""
    folder = text_type(tmpdir)
    there = os.path.join(folder, u'there')
    tmpdir.join('there').write('x')
    asked = []
    monkeypatch.setattr('carryall.app.optiontypes.os.access',
                        lambda path, mode: asked.append((path, mode)))
    assert Path('folder').problems(folder) == [u'there is no right to enter the folder ' + folder]
    assert Path('file').problems(there) == PasswordPath().problems(
        there) == [u'there is no right to read the file ' + there]
    assert Endpoint().problems(u'tls:1:certificate=' + there) == [
        u'there is no right to read the file ' + there]
    assert asked == [(folder, os.X_OK)] + [(there, os.R_OK)] * 3


def test_problems_of_a_password_file(tmpdir):
    """It is there, and every line of it can be read; one cause is one sentence."""
    path = os.path.join(text_type(tmpdir), u'users')
    assert PasswordPath().problems(path) == [
        u'there is no file %s; "carryall passwd users NAME" makes it' % path]
    tmpdir.join('users').write('# nobody yet\n')
    assert PasswordPath().problems(path) == []
    tmpdir.join('users').write('anna:password\n')
    problems = PasswordPath().problems(path)
    assert len(problems) == 1 and path + u', line 1: ' in problems[0] \
        and u'password' not in problems[0].partition(u'line 1')[2], problems


def test_to_text_takes_text_or_utf8():
    """Words of a command line: text, or UTF-8; nothing else can be kept."""
    assert to_text(b'abc') == u'abc' and isinstance(to_text(b'abc'), text_type)
    assert to_text(u'\xe9'.encode('utf-8')) == u'\xe9'
    assert to_text(u'\U0001f600') == u'\U0001f600'
    for bad in (b'\xff', b'\xed\xa0\x80'):
        with pytest.raises(UsageError) as caught:
            to_text(bad)
        assert 'UTF-8' in caught.value.message
    try:
        # How Python 3 hands over a byte that was not UTF-8.
        escaped = b'a\\udcff'.decode('unicode-escape')
    except (UnicodeError, ValueError):                      # jython: there is no such text
        return
    with pytest.raises(UsageError):
        to_text(escaped)


def test_a_log_may_be_stdout():
    assert (LogPath().parse(u'-'), LogPath().problems(u'-')) == (u'-', [])


def test_a_log_file_is_kept_absolute():
    assert LogPath().parse(u'x') == os.path.abspath(u'x')


def test_a_log_in_a_missing_folder_is_a_problem(tmpdir):
    assert len(LogPath().problems(str(tmpdir.join('none', 'x')))) == 1


@pytest.mark.parametrize('kind, remedy', [(CertificatePath(), u'carryall cert make'),
                                          (PasswordPath(), u'carryall passwd x NAME'),
                                          (Endpoint(), u'carryall cert make')])
def test_a_missing_file_says_how_to_make_it(kind, remedy, tmpdir):
    path = str(tmpdir.join('x'))
    value = u'tls:1:certificate=%s' % path if isinstance(kind, Endpoint) else path
    assert remedy in kind.problems(value)[0]


@pytest.mark.parametrize('text, host', [(u'[::1]', u'::1'), (u'::1', u'::1'), (u'h', u'h'),
                                        (u'[::1]:80', u'[::1]:80'), (u'[h]', u'[h]')])
def test_the_brackets_of_an_address_are_removed(text, host):
    assert Host().parse(text) == host
