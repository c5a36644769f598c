# Copyright the carryall authors.  See LICENSE.
"""Mail that is handed over: to another server by LMTP or SMTP, to a web server, to a program.

    lmtp:HOST:PORT, lmtp:/SOCKET    a mailbox server, which answers for each recipient (RFC 2033)
    smtp:HOST:PORT                  another mail server
    http://..., https://...         POST, the message as message/rfc822, the envelope in X-Envelope-From and X-Envelope-To
                                    (addresses after each other, a blank between, what is not plain
                                    ASCII as %XX)
    pipe:/PROGRAM                   run without arguments and without a shell: the message on its standard input, lines ended
                                    by LF, the envelope in the environment as SENDER and RECIPIENTS
                                    (one a line)

What is handed over lies in the queue until it was taken.  A web server takes it with 2xx, and
refuses it for good with 4xx other than 408, 425 and 429; a program takes it with exit status 0, and
64, 65, 67, 68 and 77 of sysexits.h refuse it for good. All else is tried again.

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
from carryall.protocols.smtp.transfer import NONE, Delivery, send
from carryall.services.mail.reports import DELAYED, DELIVERED, FAILED, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Sequence, Tuple

__all__ = ['HandOver', 'target_of']

# -- limits ------------------------------------------------------------------
TAKE_SECONDS = 600.0        # for a web server or a program to take a message; ours
MAX_SAID = 1000             # octets of what it says that are kept; ours

LATER_STATUS = (408, 425, 429)
NEVER_EXIT = {64: b'5.3.0', 65: b'5.6.0', 67: b'5.1.1', 68: b'5.1.2', 77: b'5.7.1'}


class HandOver(Text):
    """Where mail is handed over; see the module."""

    metavar = 'TARGET'

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 1, 1024)

    def check(self, value):
        Text.check(self, value)
        target_of(value, b'localhost')


def target_of(text, hostname):
    # type: (str, bytes) -> Any
    """The target that a text names; *hostname* is what we call ourselves."""
    kind, _, rest = text.partition(u':')
    if kind in (u'lmtp', u'smtp'):
        if kind == u'lmtp' and rest.startswith(u'/'):
            return _Server(Delivery(hostname, NONE, lmtp=True, path=rest), '', 0)
        from carryall.services.mail.options import Place
        host, port = Place().split(rest)
        return _Server(Delivery(hostname, NONE if kind == u'lmtp' else 'may', lmtp=kind == u'lmtp'),
                       native(host), port)
    if kind in (u'http', u'https'):
        try:
            parse_url(text)
        except CarryallError as exc:
            raise UsageError(u'"%s" is no URL: %s' % (text, exc.message))
        return _Web(text)
    if kind == u'pipe' and rest.startswith(u'/'):
        return _Program(rest)
    raise UsageError(u'"%s" is nothing to hand mail over to: lmtp:HOST:PORT, lmtp:/SOCKET, '
                     u'smtp:HOST:PORT, http://..., '
                     u'https://... or pipe:/PROGRAM are' % text)


class _Server(object):
    """By LMTP or SMTP."""

    needs = ()                      # type: Tuple[str, ...]  # capabilities of the loop

    def __init__(self, delivery, host, port):
        # type: (Delivery, str, int) -> None
        self._delivery = delivery
        self._host = host
        self._port = port
        self.needs = ('unix',) if delivery.path is not None else ()

    def take(self, loop, mail, addressees, judge):
        # type: (Any, Any, Sequence[Any], Callable[..., Verdict]) -> Future
        """A Future of a Verdict for each; it fails with CarryallError."""
        return send(loop, self._host, self._port, [mail], self._delivery).then(
            lambda outcome: [judge(to, reply) for to, reply in zip(addressees, outcome[0])])


class _Web(object):
    """By HTTP."""

    def __init__(self, url):
        # type: (str) -> None
        self._url = url
        self.needs = ('tls',) if url.startswith(u'https:') else ()      # type: Tuple[str, ...]

    @coroutine
    def take(self, loop, mail, addressees, judge):
        # type: (Any, Any, Sequence[Any], Any) -> Any
        """As of the others; one answer for all."""
        client = HTTPClient(loop, tls=TLSContext() if self.needs else None)
        headers = [(b'Content-Type', b'message/rfc822'),
                   (b'X-Envelope-From', b'<' + _plain(mail.sender) + b'>'),
                   (b'X-Envelope-To', b' '.join(_plain(address) for address in mail.recipients))]
        try:
            response = yield with_timeout(loop,
                                          client.request(b'POST', self._url, headers, mail.message,
                                                         follow=False), TAKE_SECONDS,
                                          u'the web server does not answer')
        finally:
            client.close()
        status = response.status
        told = b'HTTP %d' % status
        if 200 <= status < 300:
            verdict = DELIVERED, told, b''
        elif 400 <= status < 500 and status not in LATER_STATUS:
            verdict = FAILED, told, b'5.0.0'
        else:
            verdict = DELAYED, told, b'4.0.0'
        raise Return([Verdict(to, *verdict) for to in addressees])


class _Program(object):
    """To a program."""

    needs = ('subprocesses',)

    def __init__(self, path):
        # type: (str) -> None
        self._path = path

    @coroutine
    def take(self, loop, mail, addressees, judge):
        # type: (Any, Any, Sequence[Any], Any) -> Any
        """As of the others; one answer for all."""
        env = dict(os.environ)
        env['SENDER'] = native(_plain(mail.sender).decode('ascii'))
        env['RECIPIENTS'] = native(b'\n'.join(_plain(address)
                                              for address in mail.recipients).decode('ascii'))
        message = mail.message.replace(b'\r\n', b'\n')
        transport, program = yield loop.spawn(lambda: _Running(message), [native(self._path)],
                                              env=env)
        try:
            yield with_timeout(loop, program.over, TAKE_SECONDS, u'the program does not end')
        finally:
            transport.close()
        status = transport.get_returncode()
        told = (b'exit status %d: %s' % (status, program.said)) if status else b'taken'
        if not status:
            verdict = DELIVERED, told, b''
        else:
            verdict = (FAILED, told, NEVER_EXIT[status]) if status in NEVER_EXIT else (DELAYED,
                                                                                       told, b'4.3.0')
        raise Return([Verdict(to, *verdict) for to in addressees])


class _Running(ProcessProtocol):
    """Gives the message to a program that may not want all of it."""

    def __init__(self, message):
        # type: (bytes) -> None
        self.over = Future()
        self.said = b''
        self._message = message

    def connection_made(self, transport):
        self.transport = transport
        message, self._message = self._message, b''
        transport.write(message)
        transport.write_eof()

    def pipe_data_received(self, fd, data):
        self.said = (self.said + data)[:MAX_SAID]

    def connection_lost(self, exc):
        if not self.over.done():
            self.over.set_result(None)


def _plain(address):
    # type: (bytes) -> bytes
    """An address with everything as %XX that is no plain ASCII, or would end it."""
    return b''.join(octet if b'!' <= octet <= b'~' and octet != b'%'
                    else to_bytes('%%%02X' % ord(octet)) for octet in iterbytes(address))
