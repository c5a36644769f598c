# Copyright the carryall authors.  See LICENSE.
"""The name servers of this machine, as resolv.conf lists them.

Tests:    tests/services/dns/test_digtext.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import native
from carryall.core.files.plainfile import read_plain
from carryall.core.net.ip import canonical
from carryall.protocols.dns import PORT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Tuple

__all__ = ['SYSTEM_FILE', 'system_servers']

# -- limits ------------------------------------------------------------------
MAX_FILE = 65536            # octets of the system's list of name servers that are read
MAX_SERVERS = 3             # of that list; the limit of the C library

SYSTEM_FILE = '/etc/resolv.conf'


def system_servers(path=SYSTEM_FILE):
    # type: (str) -> List[Tuple[str, int]]
    """The name servers of this machine; none if the file is missing."""
    try:
        data = read_plain(path, MAX_FILE)
    except (IOError, OSError):
        return []
    found = []                      # type: List[Tuple[str, int]]
    for line in data.decode('utf-8', 'replace').splitlines():
        words = line.split()
        if len(words) > 1 and words[0] == u'nameserver':
            host = canonical(native(words[1].encode('ascii',
                                                    'replace').decode('ascii')).partition('%')[0])
            if host is not None:
                found.append((host, PORT))
    return found[:MAX_SERVERS]
