# Copyright the carryall authors.  See LICENSE.
"""Numbers and names of record types, classes, opcodes and response codes, as IANA lists them.

    type_number(u'MX')          # 15
    type_name(65280)            # u'TYPE65280' (RFC 3597 section 5)

Tests:    tests/protocols/dns/test_rdata.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.numbers import decimal
from carryall.core.errors import LocalProtocolError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict

__all__ = ['CLASSES', 'OPCODES', 'RCODES', 'TYPES', 'class_name', 'class_number', 'rcode_name',
           'type_name', 'type_number']

# The types with records come first, those of questions alone from IXFR on.
TYPES = {
    u'A': 1, u'NS': 2, u'MD': 3, u'MF': 4, u'CNAME': 5, u'SOA': 6, u'MB': 7, u'MG': 8, u'MR': 9,
    u'NULL': 10, u'WKS': 11, u'PTR': 12, u'HINFO': 13, u'MINFO': 14, u'MX': 15, u'TXT': 16,
    u'RP': 17, u'AFSDB': 18, u'X25': 19, u'ISDN': 20, u'RT': 21, u'NSAP': 22, u'NSAP-PTR': 23,
    u'SIG': 24, u'KEY': 25, u'PX': 26, u'GPOS': 27, u'AAAA': 28, u'LOC': 29, u'SRV': 33,
    u'NAPTR': 35, u'KX': 36, u'CERT': 37, u'DNAME': 39, u'OPT': 41, u'APL': 42, u'DS': 43,
    u'SSHFP': 44, u'IPSECKEY': 45, u'RRSIG': 46, u'NSEC': 47, u'DNSKEY': 48, u'DHCID': 49,
    u'NSEC3': 50, u'NSEC3PARAM': 51, u'TLSA': 52, u'SMIMEA': 53, u'HIP': 55, u'NINFO': 56,
    u'CDS': 59, u'CDNSKEY': 60, u'OPENPGPKEY': 61, u'CSYNC': 62, u'ZONEMD': 63, u'SVCB': 64,
    u'HTTPS': 65, u'DSYNC': 66, u'SPF': 99, u'NID': 104, u'L32': 105, u'L64': 106, u'LP': 107,
    u'EUI48': 108, u'EUI64': 109, u'NXNAME': 128, u'TKEY': 249, u'TSIG': 250, u'URI': 256,
    u'CAA': 257, u'AVC': 258, u'AMTRELAY': 260, u'RESINFO': 261, u'WALLET': 262, u'DLV': 32769,
    u'IXFR': 251, u'AXFR': 252, u'MAILB': 253, u'MAILA': 254, u'ANY': 255}
CLASSES = {u'IN': 1, u'CH': 3, u'HS': 4, u'NONE': 254, u'ANY': 255}
OPCODES = {0: u'QUERY', 1: u'IQUERY', 2: u'STATUS', 4: u'NOTIFY', 5: u'UPDATE', 6: u'DSO'}
RCODES = {0: u'NOERROR', 1: u'FORMERR', 2: u'SERVFAIL', 3: u'NXDOMAIN', 4: u'NOTIMP',
          5: u'REFUSED', 6: u'YXDOMAIN', 7: u'YXRRSET', 8: u'NXRRSET', 9: u'NOTAUTH',
          10: u'NOTZONE', 16: u'BADVERS', 17: u'BADKEY', 18: u'BADTIME', 23: u'BADCOOKIE'}

_TYPE_NAMES = dict((number, name) for name, number in TYPES.items())
_CLASS_NAMES = dict((number, name) for name, number in CLASSES.items())


def type_name(number):
    # type: (int) -> str
    """The mnemonic of a record type."""
    return _TYPE_NAMES.get(number) or u'TYPE%d' % number


def class_name(number):
    # type: (int) -> str
    """The mnemonic of a class."""
    return _CLASS_NAMES.get(number) or u'CLASS%d' % number


def rcode_name(number):
    # type: (int) -> str
    """The mnemonic of a response code."""
    return RCODES.get(number) or u'RCODE%d' % number


def type_number(name):
    # type: (str) -> int
    """The number of a record type, by its mnemonic or ``TYPE`` and digits."""
    return _number(name, TYPES, u'TYPE', u'record type')


def class_number(name):
    # type: (str) -> int
    """The number of a class, by its mnemonic or ``CLASS`` and digits."""
    return _number(name, CLASSES, u'CLASS', u'class')


def _number(name, table, prefix, noun):
    # type: (str, Dict[str, int], str, str) -> int
    upper = name.upper()
    found = table.get(upper)
    if found is not None:
        return found
    digits = upper[len(prefix):]
    number = decimal(digits.encode('ascii', 'replace'), 65535)
    if upper.startswith(prefix) and number is not None and len(digits) < 6:
        return number
    raise LocalProtocolError(u'"%s" is no %s' % (name[:40], noun))
