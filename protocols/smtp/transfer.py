# Copyright the carryall authors.  See LICENSE.
"""Connecting to a server, and sending messages in one call: connect, encrypt, log in, send.

    client = yield connect(loop, 'mail.example', starttls=TLSContext())
    replies = yield send(loop, 'mail.example', 25, [Outgoing(...)])
    settings = ClientSettings(policy=MUST, username=u'anna', password=b'...')
    replies = yield send(loop, 'mail.example', 587, messages, settings)

Tests:    tests/protocols/smtp/test_transfer.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES
from carryall.core.errors import ConnectFailed
from carryall.core.future import Return, coroutine
from carryall.core.logs import escape, get_logger
from carryall.core.net.transport import peer
from carryall.core.net.transport import tls as tls_of
from carryall.core.tls import TLSContext, greet, open_session
from carryall.protocols.smtp.client import SMTPClient
from carryall.protocols.smtp.errors import SMTPError, TransientError
from carryall.protocols.smtp.settings import MAY, MUST, NONE, WRAPPED, ClientSettings, Delivery

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional, Sequence, Tuple
    from carryall.core.future import Future
    from carryall.protocols.smtp.client import Outgoing

__all__ = ['Delivery', 'PORT', 'SUBMISSION_PORT', 'TLS_PORT', 'connect', 'send', 'send_to_first']

PORT = 25
SUBMISSION_PORT = 587       # RFC 6409
TLS_PORT = 465              # RFC 8314

log = get_logger('smtp.client')


def connect(loop, host, port=PORT, tls=None, starttls=None, timeout=30.0, settings=None):
    # type: (Any, str, int, Any, Any, float, Optional[ClientSettings]) -> Future
    """A Future of an SMTPClient that was greeted and has said EHLO.

    Args:     tls: a TLSContext from the first octet on, or None.
              starttls: a TLSContext to upgrade to by STARTTLS, or None.
              timeout: seconds for all of this.
              settings: ``policy``, ``tls`` and ``timeout`` in it are not used.
    Raises:   ConnectFailed: no connection, or no TLS.  SMTPError: the server refuses us.
    """
    chosen = settings or ClientSettings()
    return _opened(loop, host, port, chosen.replace(timeout=timeout), tls,
                   lambda client: greet(client, starttls, host))


@coroutine
def send(loop, host, port, messages, settings=None):
    # type: (Any, str, int, Sequence[Outgoing], Optional[ClientSettings]) -> Any
    """Sends messages over one connection.

    Under MAY a server whose TLS does not work gets the messages in clear, over a second connection
    if necessary.  That is not done if certificates are verified, or if a password must not be
    shown.

    Returns:  a Future of a list: for each message the list of Replies of its recipients.
    Raises:   ConnectFailed: no connection.  SMTPError: the server refuses us, or the connection
                             broke.
    """
    chosen = settings or ClientSettings()
    client = yield _opened(loop, host, port, chosen, _context(chosen, WRAPPED))
    try:
        outcome = yield _sent(loop, client, host, messages, chosen)
    except FAILURES as exc:
        client.close()
        if not client.tls_broken or not chosen.may_go_in_clear():
            raise
        log.warning('%s port %d: %s; trying in clear', host, port, exc)
    else:
        raise Return(outcome)
    chosen = chosen.replace(policy=NONE)
    client = yield _opened(loop, host, port, chosen, None)
    try:
        outcome = yield _sent(loop, client, host, messages, chosen)
    except FAILURES:
        client.close()
        raise
    raise Return(outcome)


def _context(settings, policy):
    # type: (ClientSettings, str) -> Any
    """The TLSContext for a policy; None if the settings have another one."""
    if settings.policy != policy:
        return None
    return settings.tls or TLSContext(verify=policy != MAY)


def _opened(loop, host, port, settings, tls, ready=None):
    # type: (Any, str, int, ClientSettings, Any, Optional[Callable[[Any], Any]]) -> Future
    """A Future of an SMTPClient that is connected, and *ready*."""
    return open_session(loop, lambda: SMTPClient(loop, settings), host, port, ready, tls,
                        settings.timeout, settings.path)


@coroutine
def _sent(loop, client, host, messages, settings):
    # type: (Any, SMTPClient, str, Sequence[Outgoing], ClientSettings) -> Any
    """Uses a connection for all messages, and ends it; a Future as of ``send``."""
    outcome = []                    # type: List[Any]
    yield client.hello()
    yield _encrypted(loop, client, host, settings)
    if settings.username is not None:
        yield client.login(settings.username, settings.password or b'', settings.clear_auth,
                           settings.mechanism)
    for message in messages:
        replies = yield client.send(message)
        outcome.append(replies)
    yield client.quit()
    raise Return(outcome)


@coroutine
def _encrypted(loop, client, host, settings):
    # type: (Any, SMTPClient, str, ClientSettings) -> Any
    """Begins TLS as the policy says."""
    if settings.policy == MUST:
        yield client.start_tls(_context(settings, MUST), host)
    elif settings.policy == MAY and client.offers(b'STARTTLS') and loop.caps.tls:
        try:
            yield client.start_tls(_context(settings, MAY), host)
        except SMTPError as exc:
            # A reply within TLS shows that TLS works: the server refuses something else.
            within = exc.reply is not None and tls_of(client.transport) is not None
            if client.tls_broken or within or not settings.may_go_in_clear():
                raise
            log.warning('%s: STARTTLS was answered %s; going on in clear', peer(client.transport),
                        escape(exc.reply.wire()))


@coroutine
def send_to_first(loop, places, messages, settings):
    # type: (Any, Sequence[Tuple[str, int]], Sequence[Outgoing], ClientSettings) -> Any
    """As ``send``, to the first (host, port) that accepts a connection (RFC 5321 section 5.1)."""
    fault = None                    # type: Any
    for host, port in places:
        try:
            outcome = yield send(loop, host, port, messages, settings)
        except ConnectFailed as exc:
            fault = TransientError(u'%s port %d: %s' % (host, port, exc.message), cause=exc)
            continue
        except TransientError as exc:
            fault = exc
            continue
        raise Return(outcome)
    raise fault or TransientError(u'no server to send to')
