# Copyright the carryall authors.  See LICENSE.
"""AccessLog: one line for each response, in the usual formats: common, combined, JSON
(feature HTS-15).

    combined:  127.0.0.1 - anna [06/Nov/1994:08:49:37 +0000] "GET /a HTTP/1.1" 200 1024 "-"
        "curl/8.0"
    json:      {"time": "1994-11-06T08:49:37Z", "client": "127.0.0.1", "method": "GET", "target":
        "/a", ...}

A line names the account of a request that was let in.  It never names a failed login, as people
type passwords into the wrong field.

The client chooses most of a line.  So it is cut to a length, and octets that could end the line or
the quotes are escaped.  Values of a query with a secret's name are masked.  Lines are collected,
and written once a second, when there are many, and at the end.  If they cannot be written they are
counted and dropped, and the site continues.

The address of a client behind a proxy is not known here.
Tests:    tests/services/web/test_accesslog.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.logfiles import append_to
from carryall.core.compat import FAILURES, to_bytes
from carryall.core.errors import UsageError
from carryall.core.logs import escape, get_logger, scrub
from carryall.protocols.http.fields import format_clf, format_iso

__all__ = ['AccessLog', 'FORMATS', 'RequestLines']

# -- limits ------------------------------------------------------------------
FLUSH_SECONDS = 1.0         # the longest time that a line waits
FLUSH_BYTES = 65536         # octets that wait at most
MAX_TARGET = 2048           # octets kept of the target
MAX_FIELD = 512             # octets kept of Referer and of User-Agent

FORMATS = ('combined', 'common', 'json')

_VERSIONS = {(0, 9): b'HTTP/0.9', (1, 0): b'HTTP/1.0', (1, 1): b'HTTP/1.1'}
_PLAIN = bytes(bytearray([octet for octet in range(0x20, 0x7f) if octet not in bytearray(b'"\\')]))

log = get_logger('web')


class AccessLog(object):
    """Writes to the end of the file at *path*.

    Args:     form: one of FORMATS.
              loop: for its clocks and its timer.
    Raises:   UsageError: the file cannot be opened.
    """

    def __init__(self, path, loop, form='combined'):
        # type: (Any, Any, str) -> None
        if form not in FORMATS:
            raise UsageError(u'the format of an access log is one of %s' % u', '.join(FORMATS))
        self.path = path
        self.lost = 0               # lines that could not be written
        self._loop = loop
        self._line = self._json if form == 'json' else self._clf
        self._agent = form == 'combined'
        self._lines = []            # type: List[bytes]
        self._size = 0
        self._timer = None          # type: Any
        self._second = -1           # the second of which `_moment` is the text
        self._moment = b''
        self._file = self._open()

    def served(self, client, request, status, octets, seconds):
        # type: (Any, Any, int, int, float) -> None
        """Records one response; the engine calls this (see Site).

        Args:     client: Address or None.
                  request: None if the client sent no valid request.
        """
        line = self._line(client, request, status, octets, seconds)
        self._lines.append(line)
        self._size += len(line)
        if self._size >= FLUSH_BYTES:
            self.flush()
        elif self._timer is None:
            self._timer = self._loop.call_later(FLUSH_SECONDS, self.flush)

    def flush(self):
        # type: () -> None
        """Writes the collected lines."""
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
        lines, self._lines, self._size = self._lines, [], 0
        if not lines:
            return
        try:
            if self._file is None:
                self._file = self._open()
            self._file.write(b''.join(lines))
        except FAILURES as exc:
            if not self.lost:
                log.error('the access log %s cannot be written: %s', self.path, exc)
            self.lost += len(lines)
        else:
            if self.lost:
                log.warning('the access log %s is written again; %d lines were lost', self.path,
                            self.lost)
                self.lost = 0

    def reopen(self):
        # type: () -> None
        """Closes the file and opens it again, after it has been moved away."""
        self.close()
        self._file = self._open()

    def close(self):
        # type: () -> None
        """Writes the collected lines, and closes the file."""
        self.flush()
        fileobj, self._file = self._file, None
        if fileobj is not None:
            try:
                fileobj.close()
            except FAILURES as exc:
                log.error('the access log %s could not be closed: %s', self.path, exc)

    def _open(self):
        # type: () -> Any
        return append_to(self.path)

    def _now(self, form):
        # type: (Callable[[float], bytes]) -> bytes
        second = int(self._loop.wall())
        if second != self._second:
            self._second = second
            self._moment = form(second)
        return self._moment

    def _clf(self, client, request, status, octets, seconds):
        # type: (Any, Any, int, int, float) -> bytes
        host = _host(client)
        size = b'%d' % octets if octets else b'-'
        if request is None:
            line = b'%s - - [%s] "-" %d %s' % (host, self._now(format_clf), status, size)
        else:
            line = (b'%s - %s [%s] "%s %s %s" %d %s' % (
                host, _user(request), self._now(format_clf), request.method,
                _shown(request.target, MAX_TARGET),
                _VERSIONS.get(request.version, b'HTTP/?'), status, size))
        if not self._agent:
            return line + b'\n'
        referer = None
        agent = None
        if request is not None:
            referer = request.headers.get(b'referer')
            agent = request.headers.get(b'user-agent')
        return (b'%s "%s" "%s"\n'
                % (line, _shown(referer or b'-', MAX_FIELD), _shown(agent or b'-', MAX_FIELD)))

    def _json(self, client, request, status, octets, seconds):
        # type: (Any, Any, int, int, float) -> bytes
        import json         # late, for a quicker start
        pairs = [(u'time', _text(self._now(format_iso))),
                 (u'client', _text(_host(client)))]    # type: List[Any]
        if request is not None and request.user is not None:
            pairs.append((u'user', request.user[:MAX_FIELD]))
        if request is not None:
            pairs += [(u'method', _text(request.method)),
                      (u'target', _masked(request.target, MAX_TARGET)),
                      (u'version', _text(_VERSIONS.get(request.version, b'HTTP/?')))]
        pairs += [(u'status', status), (u'octets', octets), (u'seconds', round(seconds, 6))]
        if request is not None:
            for key, name in ((u'referer', b'referer'), (u'agent', b'user-agent')):
                value = request.headers.get(name)
                if value is not None:
                    pairs.append((key, _masked(value, MAX_FIELD)))
        # Joined by hand: 2.7 and Jython do not keep the order of a dict
        text = (u'{%s}\n'
                % u', '.join(u'"%s": %s' % (key, json.dumps(value)) for key, value in pairs))
        return text.encode('ascii')


class RequestLines(object):
    """Tells an Activity of each response, and then a log.

    Args:     activity: of the loop.
              log: an AccessLog or HostLogs, or None.
    """

    def __init__(self, activity, log=None):
        # type: (Any, Any) -> None
        self._activity = activity
        self._log = log

    def served(self, client, request, status, octets, seconds):
        # type: (Any, Any, int, int, float) -> None
        """Records one response; as `AccessLog.served`."""
        source = _text(_host(client))
        what = u'no request'
        if request is not None:
            what = escape(u'%s %s' % (_text(request.method), _masked(request.target, MAX_TARGET)))
            if request.user is not None:
                source = u'%s@%s' % (escape(request.user[:MAX_FIELD]), source)
        well = True if status < 300 else None
        self._activity.record(u'web', source, what, u'%d' % status, octets, seconds,
                              False if status >= 400 else well)
        if self._log is not None:
            self._log.served(client, request, status, octets, seconds)


def _host(client):
    # type: (Any) -> bytes
    """The address of a client, as one word."""
    host = getattr(client, 'host', None) or '-'
    return _shown(host if isinstance(host, bytes) else host.encode('utf-8', 'replace'),
                  MAX_FIELD).replace(b' ', b'_')


def _user(request):
    # type: (Any) -> bytes
    """The account of the request, as one word."""
    user = request.user
    return b'-' if user is None else _shown(user.encode('utf-8'), MAX_FIELD).replace(b' ', b'_')


def _masked(data, maximum):
    # type: (bytes, int) -> Text
    """The first *maximum* octets as text, with values of secret names masked."""
    text = _text(data[:maximum])
    return scrub(text) if u'=' in text else text


def _shown(data, maximum):
    # type: (bytes, int) -> bytes
    """The same in printable ASCII, for use in quotes: other octets as ``\\xNN``."""
    if b'=' in data:
        data = scrub(data[:maximum].decode('latin-1')).encode('latin-1')
    data = data[:maximum]
    if not data.translate(None, _PLAIN):
        return data
    return b''.join([bytes(bytearray((octet,))) if octet in bytearray(_PLAIN)
                     else b'\\x%02x' % octet
                     for octet in bytearray(data)])


def _text(octets):
    # type: (bytes) -> Text
    return octets.decode('utf-8', 'replace')


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Text
