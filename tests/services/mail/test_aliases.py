# Copyright the carryall authors.  See LICENSE.
"""Files of aliases."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import UsageError
from carryall.services.mail.aliases import Aliases, parse_aliases


def test_a_file_of_aliases_is_parsed():
    table = parse_aliases(b'# comment\n\npostmaster: anna\nChoir:anna,\n  berta@b.example , "c '
                          b'c"@d\n\t# not this\n"a b" : x\nempty:\nx@y.example: z\r\n', u'f')
    assert table == {b'postmaster': [b'anna'], b'choir': [b'anna', b'berta@b.example', b'"c c"@d'],
                     b'a b': [b'x'], b'empty': [], b'x@y.example': [b'z']}


@pytest.mark.parametrize('data',
                         [b'nothing\n', b': x\n', b'a: b\na: c\n', b'a: |prog\n', b'a: "|prog x"\n',
                          b'a: /file\n', b'a: b b\n', b'a: <b>\n', b'a: b@c@d\n'])
def test_a_bad_line_is_reported_by_number(data):
    with pytest.raises(UsageError) as caught:
        parse_aliases(data, u'the file')
    assert u'the file, line ' in caught.value.message


def test_included_files_and_owners(tmpdir):
    tmpdir.join('members').write('# two\nanna\nberta@b.example\n')
    tmpdir.join('aliases').write('choir: :include:members, carla\nowner-choir: berta\nx@y: z\n')
    aliases = Aliases(str(tmpdir.join('aliases')))
    aliases.load()
    assert aliases.get(b'CHOIR', b'any') == [b'anna', b'berta@b.example', b'carla']
    assert aliases.owner(b'choir', b'any') == b'berta'
    assert aliases.get(b'x', b'Y') == [b'z']
    assert aliases.get(b'x', b'other') is None
    assert aliases.owner(b'x', b'y') is None
    tmpdir.join('aliases').write('broken')
    with pytest.raises(UsageError):
        aliases.load()
    assert aliases.get(b'choir', b'any'), 'a broken file takes away what was there'
    tmpdir.join('aliases').write('choir: :include:nowhere\n')
    with pytest.raises(UsageError):
        aliases.load()
    Aliases(None).load()
