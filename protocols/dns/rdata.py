# Copyright the carryall authors.  See LICENSE.
"""Record data: octets without pointers, from text, from a message and back.

    data = parse_rdata(15, split_line(u'10 mx'), origin)
    format_rdata(15, data)              # u'10 mx.example.'
    read_rdata(15, reader)              # of a message

An unknown type, and each known one as well, has the form ``\\# length digits`` (RFC 3597).

Tests:    tests/protocols/dns/test_rdata.py
"""
from __future__ import absolute_import, division, print_function

import binascii

from carryall.core.errors import LocalProtocolError, RemoteProtocolError
from carryall.protocols.dns.oddfields import (NSAP, AddressPrefixes, AMTRelay, Gateway,
                                              HostIdentity, Location, Services, Tag)
from carryall.protocols.dns.presentation import Words, split_line
from carryall.protocols.dns.rdatafields import (EUI, Address4, Address6, Base64, Bitmap, Counted,
                                                Groups, Hash, Hex, Mnemonic, Moment, Name, Number,
                                                Reader, RestText, Salt, Seconds, String, Strings,
                                                TypeCode, ascii_text)
from carryall.protocols.dns.recordtypes import TYPES
from carryall.protocols.dns.svcparameters import Parameters

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple
    from carryall.protocols.dns.rdatafields import Field

__all__ = ['ALGORITHMS', 'COMPRESSED', 'FIELDS', 'MAX_RDATA', 'format_rdata', 'names_in',
           'parse_rdata', 'rdata_of', 'read_rdata']

# -- limits ------------------------------------------------------------------
MAX_RDATA = 65535           # octets; the length has 16 bits

ALGORITHMS = {u'DELETE': 0, u'RSAMD5': 1, u'DH': 2, u'DSA': 3, u'RSASHA1': 5,
              u'DSA-NSEC3-SHA1': 6, u'RSASHA1-NSEC3-SHA1': 7, u'RSASHA256': 8, u'RSASHA512': 10,
              u'ECC-GOST': 12, u'ECDSAP256SHA256': 13, u'ECDSAP384SHA384': 14, u'ED25519': 15,
              u'ED448': 16, u'PRIVATEDNS': 253, u'PRIVATEOID': 254}
CERTIFICATES = {u'PKIX': 1, u'SPKI': 2, u'PGP': 3, u'IPKIX': 4, u'ISPKI': 5, u'IPGP': 6,
                u'ACPKIX': 7, u'IACPKIX': 8, u'URI': 253, u'OID': 254}
SCHEMES = {u'NOTIFY': 1}

_U8 = Number(1)
_U16 = Number(2)
_U32 = Number(4)
_NAME = Name()
_SHORT = Name(True)         # RFC 3597 section 4: only those of RFC 1035 are compressed
_STRING = String()
_STRINGS = Strings()
_ALGORITHM = Mnemonic(1, ALGORITHMS)
_KEY = (_U16, _U8, _ALGORITHM, Base64())
_DIGEST = (_U16, _ALGORITHM, _U8, Hex())
_SIGNATURE = (TypeCode(), _ALGORITHM, _U8, Seconds(), Moment(), Moment(), _U16, _NAME, Base64(1))
_ASSOCIATION = (_U8, _U8, _U8, Hex(1))
_BINDING = (_U16, _NAME, Parameters())

_BY_NAME = {
    u'A': (Address4(),), u'NS': (_SHORT,), u'MD': (_SHORT,), u'MF': (_SHORT,),
    u'CNAME': (_SHORT,),
    u'SOA': (_SHORT, _SHORT, _U32, Seconds(), Seconds(), Seconds(), Seconds()),
    u'MB': (_SHORT,), u'MG': (_SHORT,), u'MR': (_SHORT,), u'WKS': (Address4(), Services()),
    u'PTR': (_SHORT,), u'HINFO': (_STRING, _STRING), u'MINFO': (_SHORT, _SHORT),
    u'MX': (_U16, _SHORT), u'TXT': (_STRINGS,), u'RP': (_NAME, _NAME), u'AFSDB': (_U16, _NAME),
    u'X25': (_STRING,), u'ISDN': (Strings(1, 2),), u'RT': (_U16, _NAME), u'NSAP': (NSAP(),),
    u'NSAP-PTR': (_NAME,), u'SIG': _SIGNATURE, u'KEY': _KEY, u'PX': (_U16, _NAME, _NAME),
    u'GPOS': (_STRING, _STRING, _STRING), u'AAAA': (Address6(),), u'LOC': (Location(),),
    u'SRV': (_U16, _U16, _U16, _NAME), u'NAPTR': (_U16, _U16, _STRING, _STRING, _STRING, _NAME),
    u'KX': (_U16, _NAME),
    u'CERT': (Mnemonic(2, CERTIFICATES, True), _U16, Mnemonic(1, ALGORITHMS, True), Base64()),
    u'DNAME': (_NAME,), u'APL': (AddressPrefixes(),), u'DS': _DIGEST,
    u'SSHFP': (_U8, _U8, Hex(1)), u'IPSECKEY': (Gateway(),), u'RRSIG': _SIGNATURE,
    u'NSEC': (_NAME, Bitmap()), u'DNSKEY': _KEY, u'DHCID': (Base64(1),),
    u'NSEC3': (_U8, _U8, _U16, Salt(), Hash(), Bitmap()), u'NSEC3PARAM': (_U8, _U8, _U16, Salt()),
    u'TLSA': _ASSOCIATION, u'SMIMEA': _ASSOCIATION, u'HIP': (HostIdentity(),),
    u'NINFO': (_STRINGS,), u'CDS': _DIGEST, u'CDNSKEY': _KEY, u'OPENPGPKEY': (Base64(1),),
    u'CSYNC': (_U32, _U16, Bitmap()), u'ZONEMD': (_U32, _U8, _U8, Hex(12)),
    u'SVCB': _BINDING, u'HTTPS': _BINDING,
    u'DSYNC': (TypeCode(), Mnemonic(1, SCHEMES, True), _U16, _NAME), u'SPF': (_STRINGS,),
    u'NID': (_U16, Groups()), u'L32': (_U16, Address4()), u'L64': (_U16, Groups()),
    u'LP': (_U16, _NAME), u'EUI48': (EUI(6),), u'EUI64': (EUI(8),),
    u'TKEY': (_NAME, _U32, _U32, _U16, _U16, Counted(), Counted()),
    u'URI': (_U16, _U16, RestText()), u'CAA': (_U8, Tag(), RestText()), u'AVC': (_STRINGS,),
    u'AMTRELAY': (AMTRelay(),), u'RESINFO': (_STRINGS,), u'WALLET': (_STRINGS,),
    u'DLV': _DIGEST,
}                           # type: Dict[str, Tuple[Any, ...]]
FIELDS = dict((TYPES[name], fields) for name, fields in _BY_NAME.items())
# The types with a name that is written as a pointer if that makes it shorter.
COMPRESSED = frozenset(number for number, fields in FIELDS.items()
                       if any(field.compressed for field in fields))


def parse_rdata(number, words, origin=None):
    # type: (int, List[Any], Optional[bytes]) -> bytes
    """The octets of record data of this type, from Words (presentation.py).

    Raises:   LocalProtocolError: the text has not the form of the type.
    """
    fields = FIELDS.get(number)
    if words and words[0].text == u'\\#' and not words[0].quoted:
        data = _generic(Words(words[1:]))
        if fields is not None:
            try:
                _read(fields, Reader(data))
            except RemoteProtocolError as exc:
                raise LocalProtocolError(u'the octets are no such record: %s' % exc.message)
        return data
    if fields is None:
        raise LocalProtocolError(u'data of an unknown type has the form \\# length digits')
    reading = Words(words, origin)
    data = b''.join([field.parse(reading) for field in fields])
    reading.check_end()
    if len(data) > MAX_RDATA:
        raise LocalProtocolError(u'record data has at most %d octets' % MAX_RDATA)
    return data


def _generic(words):
    # type: (Words) -> bytes
    """The octets of the form of RFC 3597 section 5."""
    count = words.number(MAX_RDATA)
    data = words.hex()
    if len(data) != count:
        raise LocalProtocolError(u'%d octets, and not %d' % (len(data), count))
    return data


def rdata_of(number, text, origin=None):
    # type: (int, str, Optional[bytes]) -> bytes
    """The octets of record data of this type, from one line of text."""
    return parse_rdata(number, split_line(text), origin)


def read_rdata(number, reader):
    # type: (int, Reader) -> bytes
    """The octets up to the end of the reader, without pointers.

    Raises:   DNSError: they have not the form of the type.
    """
    fields = FIELDS.get(number)
    if fields is None:
        return reader.rest()
    return _read(fields, reader)


def _read(fields, reader):
    # type: (Tuple[Field, ...], Reader) -> bytes
    data = b''.join([field.take(reader) for field in fields])
    if reader.at != reader.end:
        raise RemoteProtocolError(u'record data is too long')
    return data


def format_rdata(number, data):
    # type: (int, bytes) -> str
    """The text of record data; RFC 3597's form if the type is unknown or the data malformed."""
    fields = FIELDS.get(number)
    if fields is not None:
        reader = Reader(data)
        try:
            shown = [field.show(field.take(reader)) for field in fields]
        except RemoteProtocolError:
            reader.at = -1              # dynamic data may be anything: it is shown as octets
        if reader.at == len(data):
            return u' '.join(each for each in shown if each)
    return (u'\\# %d %s' % (len(data), ascii_text(binascii.hexlify(data)))).rstrip()


def names_in(number, data):
    # type: (int, bytes) -> List[bytes]
    """The domain names of record data, in their order."""
    found = []
    reader = Reader(data)
    for field in FIELDS.get(number, ()):
        piece = field.take(reader)
        if isinstance(field, Name):
            found.append(piece)
    return found
