# Copyright the carryall authors.  See LICENSE.
"""Settings of FTP servers and clients, each with its unit and default.

Tests:    tests/protocols/ftp/test_settings.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.line.commandserver import UNPRODUCTIVE_SECONDS
from carryall.core.records import Record, names_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict

__all__ = ['ClientSettings', 'MAX_COMMAND', 'MAX_OFFSET', 'MAX_PATH', 'PORT', 'Settings',
           'TLS_PORT', 'TLS_REQUIREMENTS']

PORT = 21                   # RFC 959 section 8
TLS_PORT = 990              # TLS from the first octet; registered by IANA as ftps

MAX_COMMAND = 2048          # octets of a command line without its end; default, a path fits in
MAX_PATH = 1024             # octets of a path from the root, and so of replies that repeat it
MAX_OFFSET = 2 ** 63 - 1    # of REST, RANG and ALLO; the largest in file systems

# What must be under TLS: nothing; the login; the login and all data.
TLS_REQUIREMENTS = ('no', 'login', 'all')

SERVER_ROWS = (
    ('idle_seconds', 300.0, 'without a command; at least 300 by RFC 1123 section 4.1.3.2'),
    ('unproductive_seconds', UNPRODUCTIVE_SECONDS, 'from login to transfer, or between transfers'),
    ('login_seconds', 120.0, 'from connection to login'),
    ('data_seconds', 30.0, 'until a data connection is open (RFC 2577 section 3)'),
    ('stall_seconds', 300.0, 'that a transfer may move no data'),
    ('login_attempts', 3, 'wrong passwords of one connection (RFC 2577 section 5)'),
    ('waiting_commands', 50, 'commands that may wait behind a transfer'),
    ('rate_up', None, 'octets a second from one connection; None: no limit'),
    ('rate_down', None, 'octets a second to one connection; None: no limit'),
    ('transfers', None, 'number at the same time in the whole server; None: no limit'),
    ('file_bytes', None, 'octets of one upload; None: no limit'),
    ('listed', 100000, 'entries of one listing'),
    ('banner', (b'Service ready for new user.',), 'lines of the greeting, bytes'),
    ('message_file', b'', 'name of a file whose text is shown on entering its directory'),
    ('tls', None, 'TLSContext for AUTH and data connections; None: no AUTH'),
    ('tls_required', 'no', 'one of TLS_REQUIREMENTS'),
    ('tls_reuse', False, 'data connections must resume a TLS session'),
    ('tls_clear', False, 'CCC may take TLS off the control connection (RFC 4217 section 5)'),
    ('passive_ports', None, '(lowest, highest); None: the system chooses'),
    ('third_party', False, 'data connections with other hosts (RFC 2577 section 3 warns)'),
    ('hosts', (), 'names that HOST accepts, lower-case bytes; empty: all (RFC 7151)'),
    ('digests', False, 'answer HASH, XCRC, XMD5 and XSHA256, which read the whole file'),
    ('list_offset', 0, 'seconds added to UTC in the times of LIST'),
    ('show_users', False, 'SITE WHO lists the users that are logged in'),
)

CLIENT_ROWS = (
    ('reply_seconds', 60.0, 'for a reply'),
    ('stall_seconds', 60.0, 'that a transfer may move no data'),
    ('passive', True, 'the server listens for data connections; else the client does'),
    ('extended', True, 'try EPSV and EPRT first (RFC 2428)'),
    ('believe_address', False, 'connect to the address in the reply to PASV'),
)


class Settings(Record):
    """Settings of a server."""

    __slots__ = names_of(SERVER_ROWS)
    rows = SERVER_ROWS

    def checked(self, values):
        # type: (Dict[str, Any]) -> Dict[str, Any]
        """Refuses negative numbers but `list_offset`, and unknown values of `tls_required`."""
        if values['tls_required'] not in TLS_REQUIREMENTS:
            raise ValueError('tls_required is one of %s' % ', '.join(TLS_REQUIREMENTS))
        offset = values['list_offset']
        values = Record.checked(self, dict(values, list_offset=0))
        return dict(values, list_offset=offset, banner=tuple(values['banner']))


class ClientSettings(Record):
    """Settings of a client."""

    __slots__ = names_of(CLIENT_ROWS)
    rows = CLIENT_ROWS
