# Copyright the carryall authors.  See LICENSE.
"""Targets to which mail is handed over: a server of LMTP or SMTP, a web server, a program.

    lmtp:HOST:PORT, lmtp:/SOCKET    a mailbox server, which answers for each recipient (RFC 2033)
    smtp:HOST:PORT                  another server
    http://..., https://...         POST of message/rfc822; the envelope is in the header fields
                                    X-Envelope-From and X-Envelope-To
    pipe:/PROGRAM                   run without arguments and without a shell: the message on its
                                    standard input, lines ended by LF, the envelope in SENDER and
                                    RECIPIENTS of its environment

A web server accepts with 2xx and refuses permanently with 4xx (except 408, 425 and 429); any other
status means a retry.  A program uses its exit status: 0, those of sysexits.h, any other.

Tests:    tests/services/mail/test_transports.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.core.compat import iterbytes, native, to_bytes
from carryall.core.errors import CarryallError, UsageError
from carryall.core.future import Future, Return, coroutine, with_timeout
from carryall.app.optiontypes import Text
from carryall.core.net.process import ProcessProtocol
from carryall.core.tls import TLSContext
from carryall.protocols.http.client import HTTPClient, parse_url
from carryall.protocols.smtp import MAY, NONE, ClientSettings, send
from carryall.services.mail.reports import DELAYED, DELIVERED, FAILED, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Sequence, Tuple
    from carryall.protocols.smtp import Outgoing

__all__ = ['HandOver', 'target_of']

# -- limits ------------------------------------------------------------------
TAKE_SECONDS = 600.0        # for a web server or a program to accept a message; default
MAX_SAID = 1000             # octets of a program's output that are kept; default

LATER_STATUS = (408, 425, 429)
# EX_USAGE, EX_DATAERR, EX_NOUSER, EX_NOHOST and EX_NOPERM of sysexits.h
NEVER_EXIT = {64: b'5.3.0', 65: b'5.6.0', 67: b'5.1.1', 68: b'5.1.2', 77: b'5.7.1'}


class HandOver(Text):
    """The type of an option that names a target."""

    metavar = 'TARGET'

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 1, 1024)

    def check(self, value):
        Text.check(self, value)
        target_of(value, b'localhost')


def target_of(text, hostname):
    # type: (str, bytes) -> Any
    """The target that a text names.

    Args:     hostname: the name that we give ourselves.
    """
    kind, _, rest = text.partition(u':')
    if kind == u'lmtp' and rest.startswith(u'/'):
        return _Server(ClientSettings(hostname=hostname, policy=NONE, lmtp=True, path=rest), '', 0)
    if kind in (u'lmtp', u'smtp'):
        from carryall.services.mail.options import Place
        host, port = Place().split(rest)
        lmtp = kind == u'lmtp'
        settings = ClientSettings(hostname=hostname, policy=NONE if lmtp else MAY, lmtp=lmtp)
        return _Server(settings, native(host), port)
    if kind in (u'http', u'https'):
        try:
            parse_url(text)
        except CarryallError as exc:
            raise UsageError(u'"%s" is not a URL: %s' % (text, exc.message))
        return _Web(text)
    if kind == u'pipe' and rest.startswith(u'/'):
        return _Program(rest)
    raise UsageError(u'"%s" is not a target for mail: expected lmtp:HOST:PORT, lmtp:/SOCKET, '
                     u'smtp:HOST:PORT, http://..., https://... or pipe:/PROGRAM' % text)


class _Server(object):
    """A server of LMTP or SMTP.

    Attributes:
        needs: capabilities of the loop.
    """

    def __init__(self, settings, host, port):
        # type: (ClientSettings, str, int) -> None
        self._settings = settings
        self._host = host
        self._port = port
        self.needs = ()                 # type: Tuple[str, ...]
        if settings.path is not None:
            self.needs = ('unix',)

    def hand_over(self, loop, outgoing, addressees, judge):
        # type: (Any, Outgoing, Sequence[Any], Callable[..., Verdict]) -> Future
        """Hands a message over; a Future of a Verdict for each addressee.

        Args:     judge: called with an addressee and the Reply for it; returns the Verdict.
        Raises:   CarryallError: no connection, or it broke.
        """
        return send(loop, self._host, self._port, [outgoing], self._settings).then(
            lambda outcome: [judge(to, reply) for to, reply in zip(addressees, outcome[0])])


class _Web(object):
    """A web server."""

    def __init__(self, url):
        # type: (str) -> None
        self._url = url
        self.needs = ('tls',) if url.startswith(u'https:') else ()      # type: Tuple[str, ...]

    @coroutine
    def hand_over(self, loop, outgoing, addressees, judge):
        # type: (Any, Outgoing, Sequence[Any], Any) -> Any
        """As ``_Server.hand_over``, with one answer for all addressees."""
        client = HTTPClient(loop, tls=TLSContext() if self.needs else None)
        recipients = b' '.join(_plain(address) for address in outgoing.recipients)
        fields = [(b'Content-Type', b'message/rfc822'),
                  (b'X-Envelope-From', b'<' + _plain(outgoing.sender) + b'>'),
                  (b'X-Envelope-To', recipients)]
        posted = client.request(b'POST', self._url, fields, outgoing.message, follow=False)
        try:
            response = yield with_timeout(loop, posted, TAKE_SECONDS,
                                          u'the web server does not answer')
        finally:
            client.close()
        status = response.status
        told = b'HTTP %d' % status
        verdict = DELAYED, told, b'4.0.0'
        if 200 <= status < 300:
            verdict = DELIVERED, told, b''
        elif 400 <= status < 500 and status not in LATER_STATUS:
            verdict = FAILED, told, b'5.0.0'
        raise Return([Verdict(to, *verdict) for to in addressees])


class _Program(object):
    """A program."""

    needs = ('subprocesses',)

    def __init__(self, path):
        # type: (str) -> None
        self._path = path

    @coroutine
    def hand_over(self, loop, outgoing, addressees, judge):
        # type: (Any, Outgoing, Sequence[Any], Any) -> Any
        """As ``_Server.hand_over``, with one answer for all addressees."""
        recipients = b'\n'.join(_plain(address) for address in outgoing.recipients)
        env = dict(os.environ)
        env['SENDER'] = native(_plain(outgoing.sender).decode('ascii'))
        env['RECIPIENTS'] = native(recipients.decode('ascii'))
        message = outgoing.message.replace(b'\r\n', b'\n')
        transport, program = yield loop.spawn(lambda: _Input(message), [native(self._path)],
                                              env=env)
        try:
            yield with_timeout(loop, program.ended, TAKE_SECONDS, u'the program does not end')
        finally:
            transport.close()
        status = transport.get_returncode()
        verdict = DELIVERED, b'delivered', b''
        if status:
            told = b'exit status %d: %s' % (status, program.said)
            verdict = DELAYED, told, b'4.3.0'
            if status in NEVER_EXIT:
                verdict = FAILED, told, NEVER_EXIT[status]
        raise Return([Verdict(to, *verdict) for to in addressees])


class _Input(ProcessProtocol):
    """Writes the message to a program, which may not read all of it.

    Attributes:
        ended: a Future of the program's end.
        said: the beginning of its output.
    """

    def __init__(self, message):
        # type: (bytes) -> None
        self.ended = Future()
        self.said = b''
        self._message = message

    def connection_made(self, transport):
        self.transport = transport
        transport.write(self._message)
        transport.write_eof()
        self._message = b''

    def pipe_data_received(self, fd, data):
        self.said = (self.said + data)[:MAX_SAID]

    def connection_lost(self, exc):
        if not self.ended.done():
            self.ended.set_result(None)


def _plain(address):
    # type: (bytes) -> bytes
    """An address with %XX for each octet that is not printable ASCII, and for the percent sign."""
    return b''.join(octet if b'!' <= octet <= b'~' and octet != b'%'
                    else to_bytes('%%%02X' % ord(octet)) for octet in iterbytes(address))
