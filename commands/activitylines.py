# Copyright the carryall authors.  See LICENSE.
"""The lines of a server on a terminal: one for each request, transfer, message and login.

    14:03:51 127.0.0.1 GET /index.html: 200, 1480 octets, 2 ms

Colours tell good from bad, unless NO_COLOR is set, CLICOLOR is 0 or TERM is dumb.  FORCE_COLOR and
CLICOLOR_FORCE ask for colours if the output is no terminal.

Tests:    tests/commands/test_activitylines.py
"""
from __future__ import absolute_import, division, print_function

import time

from carryall.commands.console import write_all
from carryall.core.activity import Activity
from carryall.core.compat import FAILURES
from carryall.core.logs import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Mapping, Optional, Text

__all__ = ['ActivityLines', 'in_colours', 'shown_octets', 'shown_seconds']

# -- limits ------------------------------------------------------------------
MAX_WHAT = 300              # characters of what a peer asked for
MAX_RESULT = 120

# SGR parameters of ECMA-48 section 8.3.117
DIM = u'2'
GREEN = u'32'
YELLOW = u'33'
RED = u'31'
COLOURS = {True: GREEN, None: YELLOW, False: RED}


def in_colours(environ, is_terminal):
    # type: (Mapping[str, str], bool) -> bool
    """True if the environment lets lines be coloured."""
    if environ.get('NO_COLOR'):
        return False
    for name in ('FORCE_COLOR', 'CLICOLOR_FORCE'):
        if environ.get(name, '0') not in ('', '0'):
            return True
    if environ.get('CLICOLOR') == '0' or environ.get('TERM') == 'dumb':
        return False
    return is_terminal


class ActivityLines(Activity):
    """Writes a line for each record to a stream.

    Args:     stream:  text, such as sys.stdout.
              name:    of the type of service; other names of listeners are shown.
              colours: whether to colour the lines.
              now:     the local time, as time.localtime gives it.
    """

    def __init__(self, stream, name, colours, now=time.localtime):
        # type: (Any, Text, bool, Any) -> None
        self._stream = stream       # type: Any     # None once it cannot be written
        self._name = name
        self._colours = colours
        self._now = now

    def record(self, server, source, what, result=u'', octets=None, seconds=None, well=True):
        if self._stream is None:
            return
        facts = []
        if octets is not None:
            facts.append(shown_octets(octets))
        if seconds is not None:
            facts.append(shown_seconds(seconds))
        moment = u'%02d:%02d:%02d' % tuple(self._now()[3:6])
        who = _cut(escape(source), MAX_RESULT)
        if server != self._name:
            who += u' ' + server
        line = u'%s %s %s: %s' % (self._painted(moment, DIM), who, _cut(escape(what), MAX_WHAT),
                                  self._painted(_cut(escape(result), MAX_RESULT), COLOURS[well]))
        try:
            write_all(self._stream, u', '.join([line] + facts) + u'\n')
        except FAILURES:            # the terminal is gone; the server goes on
            self._stream = None

    def _painted(self, text, colour):
        # type: (Text, Text) -> Text
        return u'\x1b[%sm%s\x1b[0m' % (colour, text) if self._colours else text


def _cut(text, most):
    # type: (Text, int) -> Text
    return text if len(text) <= most else text[:most] + u'...'


def shown_octets(octets):
    # type: (int) -> Text
    """A number of octets for a person: `1480 octets`, `1.5 MiB`."""
    if octets < 10000:
        return u'1 octet' if octets == 1 else u'%d octets' % octets
    size = float(octets)
    unit = u''
    for unit in (u'KiB', u'MiB', u'GiB', u'TiB'):
        size /= 1024
        if size < 1000:
            break
    return u'%.1f %s' % (size, unit)


def shown_seconds(seconds):
    # type: (float) -> Text
    """A time span for a person: `2 ms`, `1.3 s`, `4 min`."""
    if seconds < 1.0:
        return u'%d ms' % round(seconds * 1000.0)
    if seconds < 100.0:
        return u'%.1f s' % seconds
    return u'%d min' % round(seconds / 60.0)
