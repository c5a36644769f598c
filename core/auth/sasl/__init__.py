# Copyright the carryall authors.  See LICENSE.
"""SASL: how mail, chat and directory protocols carry credentials (RFC 4422).

A server asks what to write in its capability line, and goes step by step through the mechanism that
the client picks::

    names = sasl.offered(loop, portal, tls=tls(transport))              ['SCRAM-SHA-256', 'PLAIN']
    mechanism = sasl.server(name, loop, portal, tls=tls(transport))     NoMechanism: not there, or
    only under TLS mechanism.step(initial_response_or_None) -> Future
        of bytes    the next challenge: send it, and hand what comes back to step()
        of None     logged in: mechanism.session is the portal's Session
        fails       LoginFailed: the credentials are refused (SMTP 535, IMAP NO, POP3 -ERR);
                    LoginUnavailable: they cannot be judged now (SMTP 454, POP3 -ERR [SYS/TEMP]),
                        which no guard counts;
                    SASLError: the exchange is broken (SMTP 501, IMAP BAD)

``carries_success=True`` is for a protocol that can send octets with the news of success (XMPP,
LDAP; not SMTP, POP3 or IMAP): ``mechanism.success_data`` has them.  A protocol without that place
sends SCRAM's last message as one more challenge, which the client answers with nothing; that is the
default.

A client chooses the best that both sides have, and must ask at the end whether the server was the
right one::

    mechanism = sasl.choose(names, loop, username=u'anna', password=b'...', tls=tls(transport))
    mechanism.step() -> Future of the initial response (None: the server speaks first)
    mechanism.step(challenge) -> Future of the response
    mechanism.finish()                                                  SASLError: SCRAM's server
    has not proved itself

On the wire of most protocols the messages are base64: ``decode``, ``decode_initial``, ``encode``,
``encode_initial``.  Mechanisms that show a secret to an eavesdropper (PLAIN, LOGIN, OAUTHBEARER)
are neither offered nor used without TLS, unless ``allow_plaintext``: for Unix sockets, say.

Tests:    tests/core/auth/sasl/
"""
from __future__ import absolute_import, division, print_function

from carryall.core.auth.credentials import LoginFailed, LoginUnavailable
from carryall.core.auth.sasl import bearer, cram, plain, scram
from carryall.core.auth.sasl.mechanism import (ClientMechanism, ClientSettings, ServerMechanism,
                                               ServerSettings)
from carryall.core.auth.sasl.wire import (MAX_BASE64, MAX_RESPONSE, NoMechanism, SASLCancelled,
                                          SASLError, decode,
                                          decode_initial, encode, encode_initial)
from carryall.core.compat import native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, List, Optional

__all__ = ['ClientMechanism', 'LoginFailed', 'LoginUnavailable', 'MAX_BASE64', 'MAX_RESPONSE',
           'MECHANISMS', 'NoMechanism',
           'SASLCancelled', 'SASLError', 'ServerMechanism', 'choose', 'client', 'decode',
           'decode_initial', 'encode', 'encode_initial',
           'offered', 'server']

# Best first: what proves without showing, and of these what is bound to the TLS connection.
_TABLE = (
    (scram.SCRAMSHA256PlusServer, scram.SCRAMSHA256PlusClient),
    (scram.SCRAMSHA1PlusServer, scram.SCRAMSHA1PlusClient),
    (scram.SCRAMSHA256Server, scram.SCRAMSHA256Client),
    (scram.SCRAMSHA1Server, scram.SCRAMSHA1Client),
    (plain.EXTERNALServer, plain.EXTERNALClient),
    (bearer.OAUTHBEARERServer, bearer.OAUTHBEARERClient),
    (cram.CRAMServer, cram.CRAMClient),
    (plain.PLAINServer, plain.PLAINClient),
    (plain.LOGINServer, plain.LOGINClient),
    (plain.ANONYMOUSServer, plain.ANONYMOUSClient),
)
MECHANISMS = tuple(row[0].name for row in _TABLE)
_SERVERS = dict((row[0].name, row[0]) for row in _TABLE)
_CLIENTS = dict((row[1].name, row[1]) for row in _TABLE)

# What a client takes by itself: EXTERNAL and ANONYMOUS only when it is told to.
_AUTOMATIC = tuple(name for name in MECHANISMS if name not in ('EXTERNAL', 'ANONYMOUS'))


# -- server ------------------------------------------------------------------

def offered(loop, portal, **settings):
    # type: (Any, Any, **Any) -> List[str]
    """The mechanisms that may be used on this connection now, best first; what ``server`` takes as
    settings is taken."""
    given = ServerSettings(loop, portal, **settings)
    return [row[0].name for row in _TABLE if _why_not(row[0], given) is None]


def server(name, loop, portal, **settings):
    # type: (Any, Any, Any, **Any) -> ServerMechanism
    """The server's side of one exchange.

    Args:     name: from the wire, text or bytes, in any case.
              tls: the connection's TLSInfo, or None.
              mind: handed to the realm.
              host: this server's name, for CRAM-MD5.
              external: an identity from below, for EXTERNAL (else the certificate of *tls*).
              allow_plaintext: whether PLAIN and the like may go without TLS.
              carries_success: whether the protocol can send ``success_data``.
              client: the numeric address of the peer, '' if it has none.
              bind: whether the -PLUS mechanisms may be offered, where the connection has what they
                  bind to.
    Raises:   NoMechanism: it is not there for this connection.
    """
    given = ServerSettings(loop, portal, **settings)
    found = _SERVERS.get(_canonical(name))
    if found is None:
        raise NoMechanism(u'there is no such mechanism')
    reason = _why_not(found, given)
    if reason is not None:
        raise NoMechanism(u'%s: %s' % (found.name, reason),
                          found.plaintext and not given.tls and found.missing(given) is None)
    return found(given)


def _why_not(mechanism, given):
    # type: (Any, ServerSettings) -> Optional[str]
    if mechanism.plaintext and not given.tls and not given.allow_plaintext:
        return u'it would show the password to an eavesdropper; not without TLS'
    return mechanism.missing(given)


def _canonical(name):
    # type: (Any) -> str
    """A mechanism's name from the wire (RFC 4422 section 3.1: upper case, but peers are lax); '' if
    it is none."""
    try:
        return native(name).upper() if len(name) <= 20 else ''
    except UnicodeError:
        return ''


# -- client ------------------------------------------------------------------

def client(name, loop, allow_plaintext=False, **settings):
    # type: (Any, Any, bool, **Any) -> ClientMechanism
    """The client's side of one exchange, by the name of the mechanism.

    Args:     username (text), password (bytes), authzid (text: act as somebody else), token (bytes:
              OAUTHBEARER).
              tls: the connection's TLSInfo, or None.
              host, port: of the server, for OAUTHBEARER.
              plus_offered: whether the server offers a -PLUS form of it (``choose`` knows).
    Raises:   NoMechanism: we do not have it, it would show the password without TLS, or something
                           for it is missing.
    """
    given = ClientSettings(loop, **settings)
    found = _CLIENTS.get(_canonical(name))
    if found is None:
        raise NoMechanism(u'there is no such mechanism')
    if found.plaintext and not given.tls and not allow_plaintext:
        raise NoMechanism(u'%s would show the password to an eavesdropper; not without TLS'
                          % found.name, True)
    if found.name.endswith('-PLUS') and not scram.bindings_of(given.tls):
        raise NoMechanism(u'%s: %s' % (found.name, scram.NO_BINDING), not given.tls)
    lacking = [each for each in found.needs if not getattr(given, each)]
    if lacking:
        raise NoMechanism(u'%s needs %s' % (found.name, u' and '.join(lacking)))
    return found(given)


def choose(names, loop, allow_plaintext=False, mechanism=None, **settings):
    # type: (Iterable[Any], Any, bool, Optional[str], **Any) -> ClientMechanism
    """The best mechanism of those that the server offers, as ``client`` gives it.

    Args:     mechanism: the name of one to use in any case.  EXTERNAL and ANONYMOUS are used only
                         if they are named.
    Raises:   NoMechanism: none of them can be used; says why the best cannot.
    """
    if mechanism is not None:
        return client(mechanism, loop, allow_plaintext, **settings)
    there = set(_canonical(name) for name in names)
    first = None        # type: Optional[NoMechanism]
    for name in _AUTOMATIC:
        if name in there:
            try:
                return client(name, loop, allow_plaintext, plus_offered=name + '-PLUS' in there,
                              **settings)
            except NoMechanism as exc:
                if first is None or exc.needs_tls and not name.endswith('-PLUS'):
                    first = exc
    raise first or NoMechanism(u'the server offers no mechanism that we have')
