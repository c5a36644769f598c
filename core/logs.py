# Copyright the carryall authors.  See LICENSE.
"""Logging: one line an event, as text or JSON, safe against forged lines and free of secrets.

The standard ``logging`` package carries the records; this module adds the names, two formats and
two protections.  Control characters of a peer are escaped (X-17), so each line in the log is ours.
The value behind a secret's name is never written.

    text:  2026-11-21T06:12:04.123Z INFO  web: 127.0.0.1:51234 GET /index.html
    JSON:  {"time": "2026-11-21T06:12:04.123Z", "level": "INFO", "logger": "web", "message": "..."}

Tests:    tests/core/test_logs.py
"""
from __future__ import absolute_import, division, print_function

import logging
import time
import traceback

from carryall.core.compat import text_type
from carryall.core.patterns import Pattern

__all__ = ['JSONFormatter', 'LineFormatter', 'ROOT', 'ShortFormatter', 'escape', 'get_logger',
           'scrub']

ROOT = 'carryall'
MAX_MESSAGE = 8192          # characters of one message that are kept; a peer may have chosen them

# C0 and C1 controls, DEL, and the two Unicode line ends:
# what can end a line or move a terminal's cursor.
_CONTROL = Pattern(u'[\\x00-\\x1f\\x7f-\\x9f\u2028\u2029]')

# A name that says "secret", a separator, and the value up to the next blank, quote,
# comma or ampersand.
_SECRET = Pattern(
    u'(?i)\\b((?:password|passwd|passphrase|secret|token|authorization|cookie|set-cookie|apikey'
    u'|api_key)["\']?\\s*[=:]\\s*["\']?)((?:Basic|Bearer|Digest|Negotiate)\\s+)?[^\\s"\'&,;]+')


def get_logger(name):
    # type: (str) -> logging.Logger
    """The logger of one part of carryall, below the logger ``carryall``,
    by its short name ('web', 'runtimes.nio')."""
    return logging.getLogger(ROOT + '.' + name)


def escape(text):
    # type: (Any) -> Text
    """*text* with every control character as ``\\xNN``, for one line of a log; bytes are taken as
    UTF-8, or else as Latin-1."""
    if isinstance(text, bytes):
        try:
            text = text.decode('utf-8')
        except UnicodeError:
            text = text.decode('latin-1')
    return _CONTROL.sub(_escape_one, text)


def _escape_one(match):
    # type: (Any) -> Text
    code = ord(match.group())
    return {9: u'\\t', 10: u'\\n', 13: u'\\r'}.get(code, u'\\x%02x' % code if code < 256
                                                   else u'\\u%04x' % code)


def scrub(text):
    # type: (Text) -> Text
    """*text* with the value after each name of a secret (``password=``, ``Authorization:`` ...)
    replaced by ``***``."""
    return _SECRET.sub(lambda match: match.group(1) + (match.group(2) or u'') + u'***', text)


def _message_of(record):
    # type: (logging.LogRecord) -> Text
    message = record.getMessage()
    if not isinstance(message, text_type):
        message = message.decode('utf-8', 'replace')
    if len(message) > MAX_MESSAGE:
        message = message[:MAX_MESSAGE] + u' ... (%d characters in all)' % len(message)
    return scrub(message)


def _name_of(record):
    # type: (logging.LogRecord) -> str
    """The logger's short name; of one that is not ours the whole."""
    return record.name[len(ROOT) + 1:] if record.name.startswith(ROOT + '.') else record.name


def _time_of(record):
    # type: (logging.LogRecord) -> str
    """The moment in UTC with milliseconds (RFC 3339)."""
    seconds, thousandths = divmod(int(round(record.created * 1000)), 1000)
    return '%s.%03dZ' % (time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds)), thousandths)


def _trace_of(record):
    # type: (logging.LogRecord) -> Text
    lines = traceback.format_exception(*record.exc_info)     # type: ignore
    text = ''.join(lines).rstrip('\n')
    return scrub(text if isinstance(text, text_type) else text.decode('utf-8', 'replace'))


class LineFormatter(logging.Formatter):
    """One line an event; a traceback follows indented,
    so that no line of it passes for an event."""

    def format(self, record):
        # type: (logging.LogRecord) -> Text
        """The record as text without a final line end."""
        line = u'%s: %s' % (self.head(record), escape(_message_of(record)))
        if record.exc_info and record.exc_info[0]:
            line += u''.join(u'\n    ' + escape(part) for part in _trace_of(record).split(u'\n'))
        return line


    def head(self, record):
        # type: (logging.LogRecord) -> Text
        """The words before the message."""
        return u'%s %-7s %s' % (_time_of(record), record.levelname, _name_of(record))


class ShortFormatter(LineFormatter):
    """The same for a person at a terminal: the local time, and a level that is worth a look."""

    def head(self, record):
        level = u'' if record.levelno <= logging.INFO else u' ' + record.levelname.lower()
        moment = time.strftime('%H:%M:%S', time.localtime(record.created))
        return u'%s%s %s' % (moment, level, _name_of(record))


class JSONFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record):
        # type: (logging.LogRecord) -> Text
        """The record as JSON without a final line end; its keys in a fixed order."""
        parts = [(u'time', _time_of(record)), (u'level', record.levelname),
                 (u'logger', _name_of(record)), (u'message', _message_of(record))]
        if record.exc_info and record.exc_info[0]:
            parts.append((u'traceback', _trace_of(record)))
        import json         # here, because a start is quicker without it and few logs are JSON
        # Joined by hand: 2.7 and Jython do not keep the order of a dict.
        return u'{%s}' % u', '.join(u'"%s": %s' % (key, json.dumps(value)) for key, value in parts)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Text
