# Copyright the carryall authors.  See LICENSE.
"""Helpers that the tests of SASL share: a portal, a TLS connection that is none,
and both sides talking."""
from __future__ import absolute_import, division, print_function

from carryall.core.auth import sasl
from carryall.core.auth.checkers import (AnonymousChecker, CertificateChecker, ExternalChecker,
                                         MemoryChecker, TokenChecker,
                                         fingerprint)
from carryall.core.auth.portal import Portal, Realm
from carryall.core.tls import TLSInfo

DER = b'the DER of a certificate'
EXPORTER = b'keying material of the connection'
SECRET = b'hidden-word'


def TLS(peer_certificate=DER, exporter=EXPORTER, version='TLSv1.3', unique=None,
        server_end_point=None):
    """The TLSInfo of a connection that can be bound to, unless told otherwise."""
    return TLSInfo(version, 'X', None, None, peer_certificate, False, server_end_point, unique,
                   exporter)


class Office(Realm):
    """Notes who left."""

    def __init__(self):
        self.left = []

    def logged_out(self, session):
        self.left.append(session.name)


class Acting(Portal):
    """A realm in which the boss may act as anna."""

    def may_act_as(self, name, other):
        return (name, other) == (u'boss', u'anna')


def portal(kind=Portal):
    """All kinds of checkers."""
    return kind(Office(), [
        MemoryChecker({u'anna': SECRET, u'boss': b'b', u'a=b,c': SECRET}), AnonymousChecker(),
        CertificateChecker({fingerprint(DER): u'anna'}), ExternalChecker([u'anna']),
        TokenChecker(lambda token: u'anna' if token == b'good' else None)])


def converse(loop, server, client):
    """Both sides, to the end: (messages in order, the server's session)."""
    response = loop.run_until(client.step())
    messages = [response]
    while True:
        challenge = loop.run_until(server.step(response))
        messages.append(challenge)
        if challenge is None:
            break
        assert len(messages) < 12, 'it never ends: %r' % messages
        response = loop.run_until(client.step(challenge))
        messages.append(response)
    client.finish(server.success_data)
    return messages, server.session


def fails(loop, mechanism, *responses):
    """The error of the last of these steps; the ones before it must go well."""
    for response in responses[:-1]:
        loop.run_until(mechanism.step(response))
    try:
        result = loop.run_until(mechanism.step(responses[-1]))
    except (sasl.SASLError, sasl.NoMechanism, sasl.LoginFailed, sasl.LoginUnavailable) as exc:
        assert getattr(mechanism, 'session', None) is None
        return exc
    raise AssertionError('it took %r, and gave %r' % (responses[-1], result))
