# Copyright the carryall authors.  See LICENSE.
"""Policies of strict transport security: servers that a client goes to by TLS alone (IRCv3 sts).

    policies = STSPolicies('policies')      # a file; None: as long as the program runs
    policies.port_of('irc.example', now)    # 6697, or None
    policies.note('irc.example', 6697, 2592000, now)

Tests:    tests/protocols/irc/test_stspolicies.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.core.codec.numbers import decimal, decimal_text
from carryall.core.compat import FAILURES, native
from carryall.core.errors import CarryallError
from carryall.core.files.plainfile import open_plain
from carryall.core.files.smallfile import read_small_text
from carryall.core.logs import get_logger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Tuple

__all__ = ['STSPolicies', 'STSUpgrade', 'parse_sts']

MAX_POLICIES = 1000         # hosts; the one that ends first is forgotten
MAX_SECONDS = 1 << 31
MAX_PORT = 65535

log = get_logger('irc')


class STSUpgrade(CarryallError):
    """The server must be talked to by TLS, at another port.

    Attributes:
        port: there.
    """

    def __init__(self, port):
        # type: (int) -> None
        CarryallError.__init__(self, u'the server takes clients by TLS alone, at port %d' % port)
        self.port = port


def parse_sts(value):
    # type: (bytes) -> Tuple[Optional[int], Optional[int]]
    """(port, duration) of the capability's value; None for what is missing or malformed."""
    found = {}                          # type: Dict[bytes, bytes]
    for pair in value.split(b','):
        key, _, each = pair.partition(b'=')
        found[key] = each
    return (decimal(found.get(b'port', b''), MAX_PORT) or None,
            decimal(found.get(b'duration', b''), MAX_SECONDS))


class STSPolicies(object):
    """The policies of servers.

    Args:     path: of a file that keeps it; None: nothing is kept.
    """

    def __init__(self, path=None):
        # type: (Any) -> None
        self._path = path
        self._rows = {}                 # type: Dict[str, Tuple[int, float]]  # port, Unix time
        if path is not None and os.path.exists(path):
            for line in read_small_text(path).splitlines():
                words = line.split()
                port = decimal_text(words[1], MAX_PORT) if len(words) == 3 else None
                until = decimal_text(words[2], 1 << 62) if len(words) == 3 else None
                if port and until is not None:
                    self._rows[words[0]] = (port, float(until))

    def port_of(self, host, now):
        # type: (str, float) -> Optional[int]
        """The port for TLS of a host that has a policy at that Unix time; else None."""
        row = self._rows.get(host.lower())
        return row[0] if row is not None and row[1] > now else None

    def note(self, host, port, seconds, now):
        # type: (str, int, int, float) -> None
        """Takes a policy that came by TLS; 0 seconds end it."""
        host = host.lower()
        if u' ' in host or not seconds and host not in self._rows:
            return
        if seconds:
            self._rows[host] = (port, now + seconds)
        else:
            self._rows.pop(host, None)
        while len(self._rows) > MAX_POLICIES:
            del self._rows[min(self._rows, key=lambda each: self._rows[each][1])]
        if self._path is not None:
            self._keep()

    def _keep(self):
        # type: () -> None
        """Writes the file, whole or not at all."""
        lines = [u'%s %d %d\n' % (host, port, until)
                 for host, (port, until) in sorted(self._rows.items())]
        new = native(self._path) + '.new'
        try:
            with open_plain(new, 'wb', follow=False) as target:
                target.write(u''.join(lines).encode('utf-8'))
            os.rename(new, self._path)
        except FAILURES as exc:
            log.warning('the policies of servers cannot be kept: %s', exc)
