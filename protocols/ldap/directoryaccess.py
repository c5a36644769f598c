# Copyright the carryall authors.  See LICENSE.
"""Access: the rights of clients to see and change the entries of a directory.

This one lets everybody see all but passwords, the administrators change everything, and everyone
change the password of the own entry.

Tests:    tests/protocols/ldap/test_directory.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.records import namedtuple
from carryall.protocols.ldap.errors import (INSUFFICIENT_ACCESS_RIGHTS, LDAPError, NO_SUCH_OBJECT,
                                            STRONGER_AUTH_REQUIRED)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import FrozenSet, Optional, Sequence, Tuple
    from carryall.protocols.ldap.directoryentry import Entry

__all__ = ['ANONYMOUS', 'Access', 'Identity', 'PASSWORDS']

# The client of a connection: its DN (text), the key of that, whether it may do everything, and the
# name of the account, if it is one.
Identity = namedtuple('Identity', 'dn key admin account')
ANONYMOUS = Identity(u'', u'', False, u'')

SIZE_LIMIT = 10000          # entries; a client pages through more
TIME_LIMIT = 60.0           # seconds
UNLIMITED = 1 << 31
UNLIMITED_SECONDS = 86400.0

PASSWORDS = frozenset((u'userpassword', u'pwdhistory'))
NOTHING = frozenset()           # type: FrozenSet[str]


class Access(object):
    """The rights that are built in.

    Args:     anonymous: those without a login may read.
              size_limit: entries that one search gives a client that is no administrator.
              time_limit: seconds that it takes.
    """

    def __init__(self, anonymous=True, size_limit=SIZE_LIMIT, time_limit=TIME_LIMIT):
        # type: (bool, int, float) -> None
        self._anonymous = anonymous
        self._limits = size_limit, time_limit

    def limits(self, who):
        # type: (Identity) -> Tuple[int, float]
        """The entries that one search gives, and the seconds that it takes."""
        return (UNLIMITED, UNLIMITED_SECONDS) if who.admin else self._limits

    # -- reading -----------------------------------------------------------------------------------

    def sees(self, who, entry):
        # type: (Identity, Entry) -> bool
        """True if the client may know that the entry exists."""
        return self._anonymous or bool(who.key) or who.admin

    def hidden(self, who, entry):
        # type: (Identity, Entry) -> FrozenSet[str]
        """The keys of the attributes that the client does not see."""
        return NOTHING if who.admin else PASSWORDS

    def check_seen(self, who, entry):
        # type: (Identity, Entry) -> None
        """Raises LDAPError for an entry that does not exist for the client."""
        if not self.sees(who, entry):
            raise LDAPError(u'there is no such entry', NO_SUCH_OBJECT)

    def check_compared(self, who, entry, key):
        # type: (Identity, Entry, str) -> None
        """Raises LDAPError if the client may not compare an attribute."""
        if key in self.hidden(who, entry):
            raise LDAPError(u'the attribute cannot be compared', INSUFFICIENT_ACCESS_RIGHTS)

    # -- changes -----------------------------------------------------------------------------------

    def check_added(self, who, key, parent):
        # type: (Identity, str, Optional[Entry]) -> None
        """Raises LDAPError if the client may not add an entry there."""
        self._check_admin(who)

    def check_deleted(self, who, entry):
        # type: (Identity, Entry) -> None
        """Raises LDAPError if the client may not delete an entry."""
        self._check_admin(who)

    def check_changed(self, who, entry, keys):
        # type: (Identity, Entry, Sequence[str]) -> None
        """Raises LDAPError if the client may not change these attributes."""
        if not who.admin and (entry.key != who.key or not PASSWORDS.issuperset(keys)
                              or not keys or not who.key):
            self._check_admin(who)

    @staticmethod
    def _check_admin(who):
        # type: (Identity) -> None
        if who.admin:
            return
        if not who.key:
            raise LDAPError(u'modifications require authentication', STRONGER_AUTH_REQUIRED)
        raise LDAPError(u'no write access', INSUFFICIENT_ACCESS_RIGHTS)
