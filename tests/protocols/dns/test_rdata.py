# Copyright the carryall authors.  See LICENSE.
"""Record data: text to octets to text."""
from __future__ import absolute_import, division, print_function

import binascii

import pytest

from carryall.core.errors import LocalProtocolError, RemoteProtocolError
from carryall.protocols.dns import TYPES, format_rdata, rdata_of, type_name, type_number
from carryall.protocols.dns.rdata import FIELDS, names_in, read_rdata
from carryall.protocols.dns.rdatafields import Reader

# type, text, octets as dnspython writes them (None: text alone)
ROWS = [
    (u'A', u'192.0.2.1', b'c0000201'),
    (u'AAAA', u'2001:db8::1', b'20010db8000000000000000000000001'),
    (u'NS', u'ns.example.', b'026e73076578616d706c6500'),
    (u'MD', u'a.', b'016100'), (u'MF', u'a.', b'016100'), (u'CNAME', u'a.', b'016100'),
    (u'MB', u'a.', b'016100'), (u'MG', u'a.', b'016100'), (u'MR', u'a.', b'016100'),
    (u'PTR', u'a.', b'016100'), (u'DNAME', u'a.', b'016100'), (u'NSAP-PTR', u'a.', b'016100'),
    (u'SOA', u'a. b. 1 2 3 4 5', b'01610001620000000001000000020000000300000004' + b'00000005'),
    (u'NULL', u'\\# 3 010203', b'010203'),
    (u'WKS', u'10.0.0.1 6 0 1 2 21 23', b'0a00000106e00005'),
    (u'HINFO', u'"a" "b"', b'01610162'), (u'MINFO', u'a. b.', b'016100016200'),
    (u'MX', u'10 a.', b'000a016100'), (u'TXT', u'"a\\"b" "c\\009d;"', b'036122620463' + b'09643b'),
    (u'RP', u'a. b.', b'016100016200'), (u'AFSDB', u'1 a.', b'0001016100'),
    (u'X25', u'"123456789"', b'09313233343536373839'),
    (u'ISDN', u'"150862028003217" "004"', b'0f31353038363230323830303332313703303034'),
    (u'RT', u'1 a.', b'0001016100'),
    (u'NSAP', u'0x47000580005a0000000001e133ffffff00016100',
     b'47000580005a0000000001e133ffffff00016100'),
    (u'SIG', u'A 8 2 3600 20300101000000 20200101000000 1 example. AQID', None),
    (u'KEY', u'256 3 8 AQID', b'01000308010203'), (u'PX', u'1 a. b.', b'0001016100016200'),
    (u'GPOS', u'"-22.6882" "116.8652" "250.0"',
     b'082d32322e36383832083131362e38363532053235302e30'),
    (u'LOC', u'52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000.00m 10.00m',
     b'000016138b3cf018810cbce0009895b8'),
    (u'SRV', u'1 2 5060 a.', b'0001000213c4016100'),
    (u'NAPTR', u'100 50 "s" "z3950+I2L+I2C" "" _z.example.',
     b'0064003201730d7a333935302b49324c2b49324300025f7a076578616d706c6500'),
    (u'KX', u'1 a.', b'0001016100'), (u'CERT', u'PKIX 1 RSASHA256 AQID', b'0001000108010203'),
    (u'APL', u'1:192.0.2.0/24 !2:2001:db8::/32', b'00011803c000020002208420010db8'),
    (u'DS', u'1 8 2 0102', b'000108020102'), (u'SSHFP', u'1 1 0A0B', b'01010a0b'),
    (u'IPSECKEY', u'10 1 2 192.0.2.38 AQID', b'0a0102c0000226010203'),
    (u'IPSECKEY', u'10 0 2 . AQID', b'0a0002010203'),
    (u'IPSECKEY', u'10 3 2 a. AQID', b'0a0302016100010203'),
    (u'RRSIG', u'A 8 2 3600 20300101000000 20200101000000 1 example. AQID',
     b'0001080200000e1070dbd8805e0be1000001076578616d706c6500010203'),
    (u'NSEC', u'host.example. A MX RRSIG NSEC TYPE1234',
     b'04686f7374076578616d706c65000006400100000003041b' + b'00' * 26 + b'20'),
    (u'DNSKEY', u'257 3 13 AQID', b'0101030d010203'), (u'DHCID', u'AQID', b'010203'),
    (u'NSEC3', u'1 1 12 AABBCCDD 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR NS SOA',
     b'0101000c04aabbccdd14174eb2409fe28bcb4887a1836f957f0a8425e27b000122'),
    (u'NSEC3PARAM', u'1 0 12 AABB', b'0100000c02aabb'), (u'NSEC3PARAM', u'1 0 0 -', b'0100000000'),
    (u'TLSA', u'3 1 1 0A0B', b'0301010a0b'), (u'SMIMEA', u'3 1 1 0A0B', b'0301010a0b'),
    (u'HIP', u'2 200100107B1A74DF365639CC39F1D578 AQIDBA== rvs.example.',
     b'10020004200100107b1a74df365639cc39f1d5780102030403727673076578616d706c6500'),
    (u'NINFO', u'"a"', b'0161'), (u'CDS', u'0 0 0 00', b'0000000000'),
    (u'CDNSKEY', u'0 3 0 AA==', b'0000030000'), (u'OPENPGPKEY', u'AQID', b'010203'),
    (u'CSYNC', u'66 3 A NS AAAA', b'000000420003000460000008'),
    (u'ZONEMD', u'2018031900 1 1 ' + u'0A' * 48, b'7848b91c0101' + b'0a' * 48),
    (u'SVCB', u'1 a.example. mandatory="alpn,ipv4hint" alpn="h2" no-default-alpn '
     u'ipv4hint="192.0.2.1"', b'00010161076578616d706c6500000000040001000400010003026832'
     b'0002000000040004c0000201'),
    (u'SVCB', u'1 a.example. dohpath="/q{?dns}" ohttp',
     b'00010161076578616d706c6500000700082f717b3f646e737d00080000'),
    (u'HTTPS', u'1 . alpn="h2,h3" port="8443" ech="AQID" ipv6hint="2001:db8::1" key667="hello"',
     None),
    (u'DSYNC', u'CDS NOTIFY 5359 n.example.', b'003b0114ef016e076578616d706c6500'),
    (u'SPF', u'"v=spf1 -all"', None), (u'NID', u'10 0014:4fff:ff20:ee64', b'000a00144fffff20ee64'),
    (u'L32', u'10 10.1.2.0', b'000a0a010200'),
    (u'L64', u'10 2001:0db8:1140:1000', b'000a20010db811401000'), (u'LP', u'10 a.', b'000a016100'),
    (u'EUI48', u'00-00-5e-00-53-2a', b'00005e00532a'),
    (u'EUI64', u'00-00-5e-ef-10-00-00-2a', b'00005eef1000002a'),
    (u'TKEY', u'a. 1 2 3 0 3 AQID 0', b'01610000000001000000020003000000030102030000'),
    (u'URI', u'10 1 "ftp://a/"', b'000a00016674703a2f2f612f'),
    (u'CAA', u'0 issue "ca.example"', b'0005697373756563612e6578616d706c65'),
    (u'AVC', u'"app-name:x"', b'0a6170702d6e616d653a78'),
    (u'AMTRELAY', u'10 0 3 relay.example.', b'0a030572656c6179076578616d706c6500'),
    (u'AMTRELAY', u'10 1 2 2001:db8::1', b'0a8220010db8000000000000000000000001'),
    (u'RESINFO', u'"qnamemin" "exterr=15" "infourl=x"',
     b'08716e616d656d696e096578746572723d313509696e666f75726c3d78'),
    (u'WALLET', u'"a" "b"', b'01610162'), (u'DLV', u'1 8 2 0102', b'000108020102')]


@pytest.mark.parametrize('kind, text, octets', ROWS)
def test_text_becomes_octets_becomes_the_same_text(kind, text, octets):
    number = TYPES[kind]
    data = rdata_of(number, text)
    if octets is not None:
        assert binascii.hexlify(data) == octets
    assert format_rdata(number, data) == text
    assert read_rdata(number, Reader(data)) == data


def test_each_type_with_fields_has_a_row():
    rows = set(TYPES[row[0]] for row in ROWS)
    assert set(FIELDS) - rows == set()


@pytest.mark.parametrize('kind', sorted(set(row[0] for row in ROWS)))
def test_data_that_end_early_are_refused(kind):
    number = TYPES[kind]
    for text in [row[1] for row in ROWS if row[0] == kind and number in FIELDS]:
        data = rdata_of(number, text)
        for size in range(len(data)):
            try:
                found = read_rdata(number, Reader(data[:size]))
            except RemoteProtocolError:
                continue
            assert found == data[:size], 'what may be shorter is kept as it is'


@pytest.mark.parametrize('kind, text', [
    (u'A', u'1.2.3'), (u'A', u'1.2.3.4 5'), (u'AAAA', u'1.2.3.4'), (u'MX', u'a. 10'),
    (u'MX', u'65536 a.'), (u'TXT', u''), (u'TXT', u'"' + u'x' * 256 + u'"'), (u'TXT', u'"a'),
    (u'DS', u'1 8 2 0'), (u'DNSKEY', u'1 3 8 A'), (u'DNSKEY', u'1 3 8 \xe9\xe9\xe9\xe9'),
    (u'NSEC3', u'1 1 1 - ! A'), (u'LOC', u'91 N 0 E 0m'), (u'LOC', u'1 N 0 E 0m 1m 1m 1m 1m'),
    (u'APL', u'3:1.2.3.4/8'), (u'APL', u'1:1.2.3.4/33'), (u'SVCB', u'1 . alpn='),
    (u'SVCB', u'1 . port=70000'), (u'SVCB', u'1 . port=1 port=2'), (u'SVCB', u'1 . mandatory=port'),
    (u'SVCB', u'1 . key65535=a'), (u'SVCB', u'1 . no-default-alpn=1'), (u'EUI48', u'0-1-2-3-4-5'),
    (u'NID', u'1 1:2:3'), (u'CAA', u'0 is-sue "x"'), (u'HIP', u'2 00'),
    (u'WKS', u'1.2.3.4 6 65536'),
    (u'URI', u'1 1'), (u'RRSIG', u'A 8 2 1 20301301000000 0 1 a. AQID'), (u'NSEC', u'a. NOTYPE'),
    (u'A', u'\\# 3 010203'), (u'A', u'\\# 4 0102'), (u'TYPE65280', u'1'), (u'X25', u''),
    (u'TYPE\xb2', u'1')])
def test_malformed_text_is_refused(kind, text):
    with pytest.raises(LocalProtocolError):
        rdata_of(type_number(kind), text)


@pytest.mark.parametrize('kind, octets', [
    (u'NSEC', b'000000'), (u'NSEC', b'00000021' + b'01' * 33), (u'NSEC', b'00010101000101'),
    (u'APL', b'00010901'), (u'APL', b'0001210100'), (u'APL', b'00011802c000'),
    (u'LOC', b'01' + b'00' * 15), (u'SVCB', b'0001000003000100'), (u'SVCB', b'000100000300020001'
                                                                   b'000100020268'),
    (u'SVCB', b'00010000000002000a'), (u'SVCB', b'0001000002000101'), (u'SVCB', b'00010000010001' +
                                                                    b'00'),
    (u'CAA', b'0000'), (u'CAA', b'00012d'), (u'IPSECKEY', b'0a0402'), (u'AMTRELAY', b'0a04'),
    (u'TXT', b''), (u'TXT', b'05'), (u'ISDN', b'000000'), (u'A', b'0102030405')])
def test_malformed_octets_are_refused(kind, octets):
    with pytest.raises(RemoteProtocolError):
        read_rdata(TYPES[kind], Reader(binascii.unhexlify(octets)))


def test_an_unknown_type_has_the_form_of_rfc_3597():
    """RFC 3597 section 5; known types may have it, too."""
    assert type_name(65280) == u'TYPE65280'
    assert type_number(u'type65280') == 65280
    assert rdata_of(65280, u'\\# 2 ab CD') == b'\xab\xcd'
    assert format_rdata(65280, b'\xab\xcd') == u'\\# 2 abcd'
    assert format_rdata(65280, b'') == u'\\# 0'
    assert rdata_of(TYPES[u'A'], u'\\# 4 01020304') == b'\1\2\3\4'
    assert format_rdata(TYPES[u'A'], b'\1\2\3') == u'\\# 3 010203'


def test_the_names_of_a_record_are_found():
    assert names_in(TYPES[u'SOA'], rdata_of(TYPES[u'SOA'], u'a. b. 1 2 3 4 5')) == [b'\1a\0',
                                                                                  b'\1b\0']
    assert names_in(TYPES[u'A'], b'\1\2\3\4') == []


def test_a_comma_of_alpn_is_escaped():
    """RFC 9460 appendix A.1."""
    data = rdata_of(TYPES[u'SVCB'], u'16 foo. alpn="f\\\\\\\\oo\\\\,bar,h2"')
    assert b'\x08f\\oo,bar\2h2' in data
    assert rdata_of(TYPES[u'SVCB'], format_rdata(TYPES[u'SVCB'], data)) == data


@pytest.mark.parametrize('text', [u'0', u'1h30m', u'1w2d', u'3600S'])
def test_times_may_have_units(text):
    data = rdata_of(TYPES[u'SOA'], u'. . 1 %s 2 3 4' % text)
    assert len(data) == 22
