# Copyright the carryall authors.  See LICENSE.
"""The log of transfers in the format of wu-ftpd, which log readers know (xferlog).

    Sun Jul  7 20:02:51 2002 3 192.0.2.1 24486 /pub/readme.txt b _ o a me@host ftp 0 * c

Fields:   time, seconds, client, octets, path, a or b (TYPE), _,
          i or o (incoming, outgoing), a or r (anonymous, real), user, ftp, 0, *,
          c or i (complete, incomplete)

The client chooses a path: blanks and characters that could end the line are written as ``_``.
Tests:    tests/services/ftp/test_transferlog.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.logfiles import append_to
from carryall.core.compat import FAILURES, iterbytes, native, to_bytes
from carryall.core.errors import UsageError
from carryall.core.logs import escape, get_logger
from carryall.protocols.ftp import Observer, shown
from carryall.core.codec.calendardates import DAYS, MONTHS, civil

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

__all__ = ['TransferLines', 'TransferLog', 'format_record']

MAX_FIELD = 1024            # octets kept of a path or a name

log = get_logger('ftp')


def _plain(text):
    # type: (bytes) -> bytes
    octets = iterbytes(text[:MAX_FIELD])
    return b''.join([octet if b' ' < octet != b'\x7f' else b'_' for octet in octets]) or b'_'


def format_record(record, now):
    # type: (Any, float) -> bytes
    """One line of a TransferRecord, with its end; *now* in seconds since 1970."""
    year, month, day, hour, minute, second, weekday = civil(now)
    account = record.account
    anonymous = account is not None and account.anonymous
    if account is None:
        who = u'?'
    else:
        who = account.trace if anonymous else account.name
    return b'%s %s %2d %02d:%02d:%02d %d %d %s %d %s %s _ %s %s %s ftp 0 * %s\n' % (
        DAYS[weekday], MONTHS[month - 1], day, hour, minute, second, year,
        max(1, round(record.seconds)),
        to_bytes(record.host) or b'?', record.octets, _plain(shown(record.path)),
        b'a' if record.text else b'b',
        b'i' if record.incoming else b'o', b'a' if anonymous else b'r', _plain(to_bytes(who)),
        b'c' if record.complete else b'i')


class TransferLog(Observer):
    """Writes to the end of the file at *path*.

    Raises:   UsageError: it cannot be opened.
    """

    def __init__(self, path, wall):
        # type: (Any, Callable[[], float]) -> None
        self._path = path
        self._wall = wall
        self._file = self._open()       # type: Any

    def _open(self):
        # type: () -> Any
        return append_to(self._path)

    def reopen(self):
        # type: () -> None
        """Opens the file again, after a rotation; after an error the old one stays open."""
        fresh = self._open()
        self._file.close()
        self._file = fresh

    def transferred(self, record):
        try:
            self._file.write(format_record(record, self._wall()))
        except FAILURES as exc:         # a fault of the log does not stop the server
            log.error('the log of transfers cannot be written: %r', exc)

    def close(self):
        # type: () -> None
        """Closes the file."""
        self._file.close()


class TransferLines(Observer):
    """Tells an Activity of each transfer, and then another Observer of everything.

    Args:     activity: of the loop.
              observer: the other one, or None.
    """

    def __init__(self, activity, observer):
        # type: (Any, Any) -> None
        self._activity = activity
        self._observer = observer or Observer()
        self.logged_in = self._observer.logged_in
        self.login_failed = self._observer.login_failed
        self.logged_out = self._observer.logged_out

    def transferred(self, record):
        account = record.account
        source = u'%s' % native(record.host)
        if account is not None:
            source = u'%s@%s' % (escape(account.name), source)
        what = u'%s %s' % (u'STOR' if record.incoming else u'RETR', escape(shown(record.path)))
        self._activity.record(u'ftp', source, what,
                              u'complete' if record.complete else u'incomplete', record.octets,
                              record.seconds, record.complete)
        self._observer.transferred(record)
