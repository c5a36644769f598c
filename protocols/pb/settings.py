# Copyright the carryall authors.  See LICENSE.
"""Settings of one broker: the limits of its peer.

All brokers of a loop share two allowances (``core/allowance.py``), counted in memory and not in
octets of the wire.  They cover partial messages, arguments of calls that are not answered, and
answers that the peer does not read.  One is for guests: peers on TCP before their login.  The other
is for members: peers after their login, peers on Unix sockets, and servers that we have connected
to.

Tests:    tests/protocols/pb/test_settings.py (each limit: what fits, and one more)
"""
from __future__ import absolute_import, division, print_function

import warnings

from carryall.core.records import Record, names_of

__all__ = ['BEFORE_LOGIN', 'GUESTS_BYTES', 'Limits', 'MEMBERS_BYTES', 'ROWS', 'SIZE_LIMIT',
           'Settings']

# Octets of memory that all guests of a loop may hold; one source may hold half of it.
GUESTS_BYTES = 40 << 20
MEMBERS_BYTES = 192 << 20   # the same for members

# Octets of a string and elements of a list: all peers since 2001 allow so many, and no more.
SIZE_LIMIT = 640 * 1024

# Name, default, and text: the thing that is limited and the effect of an excess.
ROWS = (
    # -- banana: the connection is dropped --------------------------------------
    ('prefix_bytes', 64, u'octets of a number before its type byte'),
    ('string_bytes', SIZE_LIMIT, u'octets of one string, refused before they are kept'),
    ('list_items', SIZE_LIMIT, u'elements of one list, refused before they are kept'),
    ('depth', 200, u'lists within lists, read or written; each level of data costs one or two'),
    ('message_items', 1000000, u'elements of one message, all its lists together'),
    ('message_bytes', 16 * 1024 * 1024, u'octets of one message'),
    # -- broker: told with an error, and after so many the connection is dropped -
    ('references', 1024, u'objects of ours that the peer may refer to at a time; more are refused'),
    ('caches', 1024, u'objects of ours that the peer may have cached; more are refused'),
    ('held', 16384, u'objects of the peer that we refer to or cache at a time; a message that '
                    u'brings more is refused'),
    ('calls', 1024, u'calls of the peer that we have not answered; more are refused'),
    ('unanswered', 100000, u'calls of ours that the peer has not answered; more fail here'),
    ('calls_per_second', 0, u'calls of the peer that are taken in a second, then reading pauses; 0 '
                            u'for any number'),
    ('strikes', 3,
     u'times that one of these may be exceeded; at the next the connection is dropped'),
    ('faults', 100,
     u'invalid messages (unknown ids, say); at the next the connection is dropped'),
    ('unsent_bytes', 32 * 1024 * 1024, u'octets that wait for a peer that does not read; then the '
                                       u'connection is cut'),
    # -- time ---------------------------------------------------------------------
    ('handshake_seconds', 20.0, u'from the connection to the choice of a dialect'),
    ('message_seconds', 60.0, u'in which a message that has begun must end, or bring 1024 octets a '
                              u'second; else the connection is'
                              u' dropped.  Time in which we do not read is free; 0 for ever'),
    ('write_seconds', 120.0, u'in which the peer takes nothing of what waits for it; the '
                             u'connection is cut; 0 for ever'),
)


class Settings(Record):
    """Limits of the peer of one broker: ``Settings(references=64)``."""

    __slots__ = names_of(ROWS)
    rows = ROWS

    def before_login(self):
        # type: () -> Settings
        """The limits before a login that the root demands: those of ``BEFORE_LOGIN``, if
        smaller.
        """
        mine = self.as_dict()
        return self.replace(**dict((name, min(most, mine[name]))
                                   for name, most in BEFORE_LOGIN.items()))


# A login takes a name, a response or the steps of SASL,
# and perhaps a reference to the client's side.
BEFORE_LOGIN = {'string_bytes': 65536, 'list_items': 1024, 'depth': 50, 'message_items': 1024,
                'message_bytes': 131072, 'references': 64, 'caches': 16, 'held': 64, 'calls': 16,
                'unsent_bytes': 131072}


# -- former names ------------------------------------------------------------

class Limits(Settings):
    """The former name of Settings."""

    __slots__ = ()

    def __init__(self, **chosen):
        # type: (**Any) -> None
        warnings.warn('carryall.protocols.pb.Limits is Settings now', DeprecationWarning, 2)
        Settings.__init__(self, **chosen)

    def replace(self, **chosen):
        # type: (**Any) -> Settings
        """Settings with the *chosen* values in place of these."""
        values = self.as_dict()
        values.update(chosen)
        return Settings(**values)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
