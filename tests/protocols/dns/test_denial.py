# Copyright the carryall authors.  See LICENSE.
"""Proofs that there is nothing: by NSEC, and by NSEC3."""
from __future__ import absolute_import, division, print_function

import binascii

import pytest

from carryall.protocols.dns import parse_name
from carryall.protocols.dns.denial import denial_of, nsec3_hash
from carryall.protocols.dns.rdatafields import Hash
from tests.protocols.dns.zones import zone_of

HEAD = b'$TTL 1\n@ SOA . . 1 2 3 4 5\n NS a\n'
NAMED = HEAD + b'''@ NSEC a NS SOA NSEC
a A 1.2.3.4
a NSEC *.w A NSEC
*.w TXT x
*.w NSEC z TXT NSEC
z A 1.2.3.4
z NSEC @ A NSEC
'''


def owners(records):
    return [record.name for record in records]


@pytest.mark.parametrize('name, found', [
    (u'b.example.', [b'a', b'']), (u'ZZ.example.', [b'z', b'']),
    (u'x.a.example.', [b'a', b'a'])])
def test_nsec_covers_the_name_and_its_wildcard(name, found):
    zone = zone_of(NAMED)
    got = owners(denial_of(zone).no_name(parse_name(name).lower()))
    wanted = []
    for label in found:
        each = parse_name(label.decode('ascii') + u'.example.') if label else zone.origin
        if each not in wanted:
            wanted.append(each)
    assert got == wanted


def test_nsec_of_a_name_without_the_type():
    zone = zone_of(NAMED)
    assert owners(denial_of(zone).no_data(parse_name(u'a.example.'))) == [parse_name(u'a.example.')]


def test_the_order_is_made_again_after_a_change():
    zone = zone_of(NAMED)
    first = denial_of(zone)
    assert denial_of(zone) is first
    zone.remove(parse_name(u'z.example.'), 1)
    assert denial_of(zone) is not first


def test_an_unsigned_zone_has_no_proofs():
    assert denial_of(zone_of(HEAD)).no_name(parse_name(u'a.example.')) == []


@pytest.mark.parametrize('name, salt, rounds, hashed', [
    (u'example.', b'aabbccdd', 12, u'0P9MHAVEQVM6T7VBL5LOP2U3T2RP3TOM'),
    (u'a.example.', b'aabbccdd', 12, u'35MTHGPGCU1QG68FAB165KLNSNK3DPVL'),
    (u'*.w.example.', b'aabbccdd', 12, u'R53BQ7CC2UVMUBFU5OCMM6PERS9TK9EN')])
def test_names_have_the_hashes_of_rfc_5155(name, salt, rounds, hashed):
    """RFC 5155 appendix A."""
    digest = nsec3_hash(parse_name(name), binascii.unhexlify(salt), rounds)
    assert Hash().show(b'\x14' + digest) == hashed


def hashed_zone():
    names = [u'example.', u'a.example.', u'w.example.', u'*.w.example.']
    digests = sorted(nsec3_hash(parse_name(name), b'', 0) for name in names)
    shown = [Hash().show(b'\x14' + digest) for digest in digests]
    rows = u''.join(u'%s NSEC3 1 0 0 - %s A\n' % (shown[at], shown[(at + 1) % len(shown)])
                    for at in range(len(shown)))
    return zone_of(HEAD + b'@ NSEC3PARAM 1 0 0 -\na A 1.2.3.4\n*.w TXT x\n' + rows.encode('ascii'))


def test_nsec3_proves_the_closest_name_and_what_lies_between():
    """RFC 5155 section 7.2."""
    zone = hashed_zone()
    denial = denial_of(zone)
    by_name = dict((name, denial.no_data(parse_name(name))) for name in (u'a.example.',))
    assert len(by_name[u'a.example.']) == 1
    assert 1 <= len(denial.no_name(parse_name(u'x.y.example.'))) <= 3
    few = denial.no_closer(parse_name(u'x.w.example.'), parse_name(u'w.example.'), False)
    assert len(few) == 1
    more = denial.no_closer(parse_name(u'x.w.example.'), parse_name(u'w.example.'), True)
    assert set(owners(few)) <= set(owners(more))
    assert 1 <= len(denial.no_data(parse_name(u'x.a.example.'))) <= 2
