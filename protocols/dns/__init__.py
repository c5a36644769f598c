# Copyright the carryall authors.  See LICENSE.
"""DNS: messages, zones, an authoritative server and a client (RFC 1034, 1035 and their heirs)."""
from __future__ import absolute_import, division, print_function

from carryall.protocols.dns.dnsaccess import AccessRules
from carryall.protocols.dns.zoneauthority import Authority
from carryall.protocols.dns.client import DNSClient, connect, exchange, exchange_tcp, query
from carryall.protocols.dns.domainname import (ROOT, ancestors, folded, format_name, is_below,
                                               parse_name)
from carryall.protocols.dns.ednsoptions import (COOKIE, DO, EDE, EDNS, NSID, PADDING, SUBNET,
                                                shown_option)
from carryall.protocols.dns.errors import DNSError
from carryall.protocols.dns.masterfile import MasterFile, MasterFileError
from carryall.protocols.dns.mxlookup import (MX, NO_ERROR, NO_NAME, Answer, ask, format_question,
                                             parse_answer)
from carryall.protocols.dns.rdata import format_rdata, names_in, rdata_of
from carryall.protocols.dns.recordtypes import (CLASSES, OPCODES, TYPES, class_name, class_number,
                                                rcode_name, type_name, type_number)
from carryall.protocols.dns.server import DNSDatagrams, DNSServer, DNSService, Source
from carryall.protocols.dns.settings import PORT, ServerSettings, Settings
from carryall.protocols.dns.tsig import BadSignature, KeyRing, Signer, TSIGKey
from carryall.protocols.dns.wire import (AA, AD, CD, QR, RA, RD, TC, Message, Question,
                                         ResourceRecord, format_message, parse_message)
from carryall.protocols.dns.zoneanswer import Zones
from carryall.protocols.dns.zonedata import RRSet, Zone, is_later, serial_of
from carryall.protocols.dns.zonetransfer import TransferReader, ZoneChange

__all__ = ['AA', 'AD', 'AccessRules', 'Answer', 'Authority', 'BadSignature', 'CD', 'CLASSES',
           'COOKIE', 'DNSClient', 'DNSDatagrams', 'DNSError', 'DNSServer', 'DNSService', 'DO',
           'EDE', 'EDNS', 'KeyRing', 'MX', 'MasterFile', 'MasterFileError', 'Message', 'NO_ERROR',
           'NO_NAME', 'NSID', 'OPCODES', 'PADDING', 'PORT', 'QR', 'Question', 'RA', 'RD', 'ROOT',
           'RRSet', 'ResourceRecord', 'SUBNET', 'ServerSettings', 'Settings', 'Signer', 'Source',
           'TC', 'TSIGKey', 'TYPES', 'TransferReader', 'Zone', 'ZoneChange', 'Zones', 'ancestors',
           'ask', 'class_name', 'class_number', 'connect', 'exchange', 'exchange_tcp', 'folded',
           'format_message', 'format_name', 'format_question', 'format_rdata', 'is_below',
           'is_later', 'names_in', 'parse_answer', 'parse_message', 'parse_name', 'query',
           'rcode_name', 'rdata_of', 'serial_of', 'shown_option', 'type_name', 'type_number']
