# Copyright the carryall authors.  See LICENSE.
"""Send messages in one call: connect, encrypt, log in, send.

    replies = yield send(loop, 'mail.example', 25, [Outgoing(...)])
    replies = yield send(loop, 'mail.example', 587, mails, Delivery(tls='must', username=u'anna',
    password=b'...'))

Tests:    tests/protocols/smtp/test_transfer.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES
from carryall.core.errors import ConnectFailed
from carryall.core.future import Return, coroutine
from carryall.core.net.loop import CONNECT_SECONDS
from carryall.core.logs import escape, get_logger
from carryall.core.tls import TLSContext, connect_tls
from carryall.core.net.transport import peer
from carryall.core.net.transport import tls as tls_of
from carryall.protocols.smtp.client import SMTPClient
from carryall.protocols.smtp.wire import SMTPError, TransientError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Sequence, Tuple
    from carryall.protocols.smtp.client import Outgoing

__all__ = ['Delivery', 'MAY', 'MUST', 'NONE', 'WRAPPED', 'send', 'send_to_first']

log = get_logger('smtp.client')

# What becomes of TLS: not used; used if it is offered and works, with any certificate, for the
# other choice is none at all (RFC 7435, RFC 3207 section 4); demanded, with a certificate that is
# checked; from the first octet on (RFC 8314).
NONE, MAY, MUST, WRAPPED = 'none', 'may', 'must', 'wrapped'


class Delivery(object):
    """How to talk with a server.

    Args:     hostname: what we call ourselves (bytes).
              tls: NONE, MAY, MUST or WRAPPED.
              context: a TLSContext for the client; None: the machine's authorities.
              username, password: text and bytes, None for no login.
              clear: whether the password may be shown without TLS.
              mechanism: of SASL; None for the best that both have.
              lmtp: speak LMTP.
              path: a Unix socket to use instead of host and port.
              connector: called as ``loop.connect_tcp`` is, to go through a proxy.
              seconds: for the connection.
    """

    def __init__(self, hostname=b'localhost', tls=MAY, context=None, username=None, password=None,
                 clear=False, mechanism=None,
                 lmtp=False, path=None, connector=None, seconds=CONNECT_SECONDS):
        # type: (...) -> None
        if tls not in (NONE, MAY, MUST, WRAPPED):
            raise ValueError('there is no TLS policy %s' % tls)
        self.hostname = hostname
        self.tls = tls
        self.context = context
        self.username = username
        self.password = password
        self.clear = clear
        self.mechanism = mechanism
        self.lmtp = lmtp
        self.path = path
        self.connector = connector
        self.seconds = seconds

    def may_go_in_clear(self):
        # type: () -> bool
        """Whether mail may go in clear to a server that offers TLS and fails to do it."""
        checked = self.context is not None and self.context.verify
        return self.tls == MAY and not checked and (self.username is None or self.clear)


@coroutine
def send(loop, host, port, mails, delivery=None):
    # type: (Any, str, int, Sequence[Outgoing], Optional[Delivery]) -> Any
    """Send messages over one connection; a Future of a list, for each message the list of Replies
    of its recipients.

    With MAY a server whose TLS does not work gets the messages in clear, if need be over a second
    connection.  Not so if certificates are checked, or if a password must not be shown.

    Raises:   ConnectFailed: nobody is there.  SMTPError: the server wants nothing of us, or the
                             connection broke.
    """
    delivery = delivery or Delivery()
    try:
        outcome = yield _send(loop, host, port, mails, delivery, delivery.tls)
    except _BrokenTLS as exc:
        log.warning('%s port %d: %s; trying in clear', host, port, exc.message)
        outcome = yield _send(loop, host, port, mails, delivery, NONE)
    raise Return(outcome)


@coroutine
def _send(loop, host, port, mails, delivery, tls):
    # type: (Any, str, int, Sequence[Outgoing], Delivery, str) -> Any
    """As ``send``, with *tls* in place of that of the Delivery; _BrokenTLS: another connection in
    clear is worth a try."""
    client = yield _connected(loop, host, port, delivery)
    outcome = []                    # type: List[Any]
    try:
        yield client.hello()
        yield _encrypted(loop, client, host, delivery, tls)
        if delivery.username is not None:
            yield client.login(delivery.username, delivery.password or b'', delivery.clear,
                               delivery.mechanism)
        for mail in mails:
            replies = yield client.send(mail)
            outcome.append(replies)
    except FAILURES:
        client.close()
        raise
    yield client.quit()
    raise Return(outcome)


@coroutine
def _connected(loop, host, port, delivery):
    # type: (Any, str, int, Delivery) -> Any
    def make():
        # type: () -> SMTPClient
        return SMTPClient(loop, delivery.hostname, delivery.lmtp)

    if delivery.path is not None:
        _, client = yield loop.connect_unix(make, delivery.path, delivery.seconds)
    elif delivery.tls == WRAPPED and delivery.connector is None:
        _, client = yield connect_tls(loop, delivery.context or TLSContext(), make, host, port,
                                      hostname=host,
                                      timeout=delivery.seconds)
    else:
        transport, client = yield (delivery.connector or loop.connect_tcp)(make, host, port,
                                                                           delivery.seconds)
        if delivery.tls == WRAPPED:
            yield loop.start_tls(transport, delivery.context or TLSContext(), server_side=False,
                                 hostname=host)
    raise Return(client)


@coroutine
def _encrypted(loop, client, host, delivery, tls):
    # type: (Any, SMTPClient, str, Delivery, str) -> Any
    if tls == MUST:
        yield client.start_tls(delivery.context or TLSContext(), host)
    elif tls == MAY and client.offers(b'STARTTLS') and loop.caps.tls:
        try:
            yield client.start_tls(delivery.context or TLSContext(verify=False), host)
        except SMTPError as exc:
            # A server that refuses within TLS is none whose TLS is broken.
            if not delivery.may_go_in_clear(
                ) or exc.reply is not None and tls_of(client.transport) is not None:
                raise
            if exc.reply is None or exc.reply.code == 421:
                raise _BrokenTLS(exc.message, exc.reply, exc)
            log.warning('%s: STARTTLS was answered %s; going on in clear', peer(client.transport),
                        escape(exc.reply.wire()))


class _BrokenTLS(TransientError):
    """The server offers TLS and cannot do it, and the connection is of no more use."""


@coroutine
def send_to_first(loop, places, mails, delivery):
    # type: (Any, Sequence[Tuple[str, int]], Sequence[Outgoing], Delivery) -> Any
    """As ``send``, to the first of (host, port) that talks with us at all (RFC 5321 section
    5.1)."""
    fault = None                    # type: Any
    for host, port in places:
        try:
            outcome = yield send(loop, host, port, mails, delivery)
        except ConnectFailed as exc:
            fault = TransientError(u'%s port %d: %s' % (host, port, exc.message), cause=exc)
            continue
        except TransientError as exc:
            fault = exc
            continue
        raise Return(outcome)
    raise fault or TransientError(u'there is no server to send to')
