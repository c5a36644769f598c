# Copyright the carryall authors.  See LICENSE.
"""Files: zones, what they include, keys, copies."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import UsageError
from carryall.protocols.dns import parse_name
from carryall.services.dns.zonefiles import (file_name, load_keys, load_pyzone, load_zone,
                                             read_whole, save_zone)

ORIGIN = parse_name(u'example.')
ZONE = b'$TTL 60\n@ SOA . . 1 1 1 1 1\n NS ns\n$INCLUDE more/a\n'


def test_a_file_below_the_folder_is_included(tmpdir):
    tmpdir.join('z').write(ZONE)
    tmpdir.mkdir('more').join('a').write(b'www A 192.0.2.1\n')
    zone = load_zone(str(tmpdir.join('z')), ORIGIN)
    assert zone.get(parse_name(u'www.example.'), 1) is not None


@pytest.mark.parametrize('name', [b'../x', b'/etc/passwd', b'link'])
def test_a_file_outside_of_the_folder_is_not(tmpdir, name):
    inner = tmpdir.mkdir('inner')
    tmpdir.join('x').write(b'www A 192.0.2.1\n')
    if name == b'link':
        inner.join('link').mksymlinkto(tmpdir.join('x'))
    inner.join('z').write(ZONE.replace(b'more/a', name))
    with pytest.raises(UsageError) as caught:
        load_zone(str(inner.join('z')), ORIGIN)
    assert u'outside' in caught.value.message


def test_a_copy_is_the_same_zone(tmpdir):
    path = tmpdir.join('z')
    path.write(ZONE.replace(b'$INCLUDE more/a\n', b'a\\.b TXT "x\\"y" \\200\nWww A 192.0.2.1\n'))
    zone = load_zone(str(path), ORIGIN)
    save_zone(zone, str(tmpdir.join('copy')))
    again = load_zone(str(tmpdir.join('copy')), ORIGIN)
    assert sorted(each.text() for each in again.records()) == sorted(each.text()
                                                                     for each in zone.records())


@pytest.mark.parametrize('data, part', [
    (b'a hmac-sha256\n', u'line 1'), (b'\na b AAAA\n', u'"b"'),
    (b'a..b hmac-sha256 AAAA\n', u'a..b'),
    (b'a hmac-sha256 A\n', u'base 64')])
def test_a_wrong_file_of_keys_is_told(tmpdir, data, part):
    path = tmpdir.join('keys')
    path.write(data)
    with pytest.raises(UsageError) as caught:
        load_keys(str(path))
    assert part in caught.value.message
    assert u'AAAA' not in caught.value.message


def test_keys_are_read(tmpdir):
    path = tmpdir.join('keys')
    path.write(b'# a key\nName HMAC-SHA512 AAAA\n')
    ring = load_keys(str(path))
    assert ring.get(parse_name(u'name.')).algorithm == u'hmac-sha512'
    assert len(load_keys(None)) == 0


def test_a_file_that_is_too_long_is_refused(tmpdir):
    path = tmpdir.join('z')
    path.write(b'x' * 100)
    with pytest.raises(UsageError):
        read_whole(str(path), 99)


@pytest.mark.parametrize('name, file', [(u'a.b.', u'a.b'), (u'.', u'root'), (u'a/b.', u'a\\047b'),
                                        (u'\\.\\..', u'\\.\\.')])
def test_the_name_of_a_file_leads_nowhere(name, file):
    assert file_name(parse_name(name)) == file


# -- Twisted's Python source -------------------------------------------------

PYZONE = b'''
zone = [
    SOA('example.org', mname='ns1.example.org', rname='root.example.org', serial=2003010601,
        refresh="1H", retry="1H", expire="1H", minimum="1H"),
    A('example.org', '127.0.0.1'),
    NS('example.org', 'ns1.example.org'),
    CNAME('www.example.org', 'example.org'),
    MX('example.org', 10, 'mail.example.org', ttl=60),
    TXT('example.org', 'say "hello"'),
    SRV('_x._tcp.example.org', 1, 2, 3, 'example.org'),
    HINFO('example.org', cpu='a', os='b'),
]
'''


def test_a_zone_in_python_is_read(tmpdir):
    path = tmpdir.join('z.py')
    path.write(PYZONE)
    rows = [each.text() for each in load_pyzone(str(path)).records()]
    assert rows[0] == (u'example.org. 10800 IN SOA ns1.example.org. root.example.org. 2003010601 '
                       u'3600 3600 3600 3600')
    assert u'example.org. 60 IN MX 10 mail.example.org.' in rows
    assert u'example.org. 10800 IN TXT "say \\"hello\\""' in rows
    assert len(rows) == 8


@pytest.mark.parametrize('old, new', [
    (b'zone =', b'other ='), (b"'127.0.0.1'", b"open('x')"), (b'A(', b'os.A('), (b'MX(', b'XY('),
    (b'ttl=60', b'tt=60'), (b'ttl=60', b'ttl="x"'), (b'cpu=', b'cp='), (b']', b''),
    (b"'127.0.0.1'", b"'127.0.0'"), (b"SOA('example.org'", b"NS('example.org'"),
    (b'SRV(', b'SRV() or ('), (b"'127.0.0.1'", b"'127.0.0.1', 1, 2")])
def test_a_source_with_more_is_refused(tmpdir, old, new):
    path = tmpdir.join('z.py')
    path.write(PYZONE.replace(old, new, 1))
    with pytest.raises(UsageError) as caught:
        load_pyzone(str(path))
    assert u'z.py' in caught.value.message
