# Copyright the carryall authors.  See LICENSE.
"""LDAP: directories, server and client (RFC 4510 to 4519)."""
from __future__ import absolute_import, division, print_function

from carryall.protocols.ldap import errors
from carryall.protocols.ldap.client import LDAPClient, LDAPEntry, connect
from carryall.protocols.ldap.directory import Directory, Kept
from carryall.protocols.ldap.directoryaccess import ANONYMOUS, Access, Identity
from carryall.protocols.ldap.directoryentry import Entry, split_encoded
from carryall.protocols.ldap.dn import format_dn, format_rdn, format_value, parse_dn
from carryall.protocols.ldap.errors import LDAPError
from carryall.protocols.ldap.ldapfilter import escaped, format_filter, parse_filter
from carryall.protocols.ldap.ldapschema import Schema, standard_schema
from carryall.protocols.ldap.ldapurl import LDAPURL, parse_url
from carryall.protocols.ldap.ldifdiff import differences
from carryall.protocols.ldap.ldif import (LDIFError, LDIFRecord, format_change,
                                          format_record, read_ldif)
from carryall.protocols.ldap.server import LDAPServer
from carryall.protocols.ldap.settings import PORT, ClientSettings, Settings
from carryall.protocols.ldap.wire import (ADD, BASE, DELETE, INCREMENT, ONE, REPLACE, SUBTREE,
                                          AddRequest, Change, DeleteRequest, ModifyDNRequest,
                                          ModifyRequest, format_notice)

__all__ = ['ADD', 'ANONYMOUS', 'Access', 'AddRequest', 'BASE', 'Change', 'ClientSettings',
           'DELETE', 'DeleteRequest', 'Directory', 'Entry', 'INCREMENT', 'Identity', 'Kept',
           'LDAPClient', 'LDAPEntry', 'LDAPError', 'LDAPServer', 'LDAPURL', 'LDIFError',
           'LDIFRecord', 'ModifyDNRequest', 'ModifyRequest', 'ONE', 'PORT', 'REPLACE', 'SUBTREE',
           'Schema', 'Settings', 'connect', 'differences', 'errors', 'escaped', 'format_change',
           'format_dn', 'format_filter', 'format_notice', 'format_rdn', 'format_record',
           'format_value', 'parse_dn', 'parse_filter', 'parse_url', 'read_ldif', 'split_encoded',
           'standard_schema']
