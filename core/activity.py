# Copyright the carryall authors.  See LICENSE.
"""Activity: receives each request, transfer, message and login of the servers of a loop.

    metrics_of(loop).activity = TerminalActivity(...)       # before the services start
    tell(transport, u'RETR 1', u'sent', octets=1400, seconds=0.02)

Without an Activity, which is the rule, ``tell`` does nothing.  A record of the log that says the
same has ``extra=TOLD``, so that a person does not read it twice.

Not here: the lines on a terminal, commands/activitylines.py; counters, metrics.py.
Tests:    tests/core/test_activity.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.logs import escape
from carryall.core.metrics import LOGIN_SUCCEEDED, count_login, counters_of, metrics_of
from carryall.core.net.transport import peer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, Text

__all__ = ['Activity', 'TOLD', 'activity_of', 'note_login', 'source_of', 'tell']

TOLD = {'told': True}       # ``extra`` of a record of the log about what an Activity is told


class Activity(object):
    """The base of what receives the activity of a loop."""

    def record(self, server, source, what, result=u'', octets=None, seconds=None, well=True):
        # type: (Text, Text, Text, Text, Optional[int], Optional[float], Optional[bool]) -> None
        """Takes one line; texts of the peer are not escaped yet.

        Args:     server:  the name of the listener, such as 'smtp'.
                  source:  the client's address, after its account and an at sign if it has one.
                  what:    the command and its object.
                  result:  the outcome, in a few words.
                  octets:  of the content that was carried; None if that means nothing here.
                  seconds: that it took; None likewise.
                  well:    true if it succeeded, false if it did not, None if it is between.
        """
        raise NotImplementedError


def activity_of(loop):
    # type: (Any) -> Optional[Activity]
    """The Activity of a loop, None without one."""
    return metrics_of(loop).activity


def source_of(address, user=None):
    # type: (Any, Any) -> Text
    """The host of a client's Address or None, after its account if it has one."""
    host = u'-'
    if address is not None:
        host = u'%s' % (address.host if address.port is not None else u'unix')
    return u'%s@%s' % (escape(user), host) if user else host


def tell(transport, what, result=u'', octets=None, seconds=None, well=True, user=None):
    # type: (Any, Text, Text, Optional[int], Optional[float], Optional[bool], Any) -> None
    """Tells the Activity of the loop, if it has one, of something on this connection."""
    counters = counters_of(transport)
    activity = counters.activity
    if activity is not None:
        activity.record(counters.name, source_of(peer(transport), user), what, result, octets,
                        seconds, well)


def note_login(transport, result, name):
    # type: (Any, Text, Any) -> None
    """Counts a login, and tells of it.

    Args:     result: LOGIN_SUCCEEDED, LOGIN_FAILED or LOGIN_UNAVAILABLE of metrics.py.
              name:   of the account; empty if it is unknown.
    """
    count_login(transport, result)
    tell(transport, u'login %s' % escape(name or u'?'), result, well=result == LOGIN_SUCCEEDED)
