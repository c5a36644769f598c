# Copyright the carryall authors.  See LICENSE.
"""AccessRules: the clients that may ask, transfer, update and notify; and where changes go.

    class Rules(AccessRules):
        def may_transfer(self, zone, host, key):
            return key == b'\\6friend\\0'

Tests:    tests/protocols/dns/test_authority.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.future import completed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

__all__ = ['AccessRules']


class AccessRules(object):
    """Queries alone are allowed, to everybody; a subclass allows more.

    Names of zones and keys are folded octets; a key is None without a signature.

    Attributes:
        limited: true if ``admits`` says no to somebody.
    """

    limited = False

    def admits(self, host):
        # type: (str) -> bool
        """True if the client may ask."""
        return True

    def may_transfer(self, zone, host, key):
        # type: (bytes, str, Optional[bytes]) -> bool
        """True if the client may have the whole zone."""
        return False

    def may_update(self, zone, host, key):
        # type: (bytes, str, Optional[bytes]) -> bool
        """True if the client may change the zone."""
        return False

    def may_notify(self, zone, host, key):
        # type: (bytes, str, Optional[bytes]) -> bool
        """True if the client is a primary of the zone."""
        return False

    def is_secondary(self, zone):
        # type: (bytes) -> bool
        """True if the zone is copied from a primary."""
        return False

    def notified(self, zone, host):
        # type: (bytes, str) -> None
        """A primary tells that the zone may have changed."""

    def changed(self, zone, change):
        # type: (Any, Any) -> Any
        """Keeps a ZoneChange, and tells the secondaries; a Future that fails if it cannot."""
        return completed(None)

    def history(self, zone):
        # type: (bytes) -> Any
        """The ZoneChanges of late, the oldest first."""
        return ()
