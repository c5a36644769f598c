# Copyright the carryall authors.  See LICENSE.
"""Perspective Broker over TLS: a login with a password that the store has as a hash alone."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.auth.checkers import CertificateChecker, Checker, fingerprint
from carryall.core.auth.credentials import Certificate, LoginFailed, UsernamePassword
from carryall.core.auth.portal import Portal
from carryall.core.future import completed, failed
from carryall.core.tls import Identity, TLSContext, listening
from carryall.core.tls.authority import authority, self_signed
from carryall.protocols import pb


class Hashes(Checker):
    """Judges clear passwords only, as a store of hashes does."""

    kinds = (UsernamePassword,)

    def check(self, credentials, loop):
        right = credentials.username == u'anna' and credentials.password == b'secret'
        return completed(u'anna') if right else failed(LoginFailed(u'no'))


class User(pb.Avatar):
    def perspective_here(self):
        return True


class Realm(object):
    def avatar(self, name, credentials, mind):
        return User()


def test_a_password_over_tls(loop):
    if not loop.caps.tls:
        pytest.skip(loop.caps.why_not('tls'))
    made = self_signed([u'localhost', u'127.0.0.1'], loop.wall())
    root = pb.LoginRoot(Portal(Realm(), [Hashes()]))

    def make():
        return pb.Broker(loop, root, extensions=True)

    listener = loop.listen_tcp(listening(loop, TLSContext(Identity(made.certificate, made.key)),
                                         make), '127.0.0.1', 0)
    client = TLSContext(trust=made.certificate)
    broker = loop.run_until(pb.connect(loop, '127.0.0.1', listener.address.port, client,
                                       extensions=True))
    anna = loop.run_until(pb.login(broker, UsernamePassword(u'anna', b'secret')))
    assert loop.run_until(anna.call_remote('here')) is True, 'PLAIN, which TLS protects'
    broker.close()
    loop.run_until(broker.closed)
    listener.close()
    plain = loop.listen_tcp(make, '127.0.0.1', 0)
    broker = loop.run_until(pb.connect(loop, '127.0.0.1', plain.address.port, extensions=True))
    error = loop.run_until(pb.login(broker, UsernamePassword(u'anna', b'secret')).then(
        None, lambda exc: exc))
    assert 'Mechanism' in type(error).__name__ or isinstance(error, pb.Unauthorized), \
        'and in clear it is not even sent: %r' % (error,)
    broker.close()
    loop.run_until(broker.closed)
    plain.close()


def test_a_certificate_as_login(loop):
    if not loop.caps.tls:
        pytest.skip(loop.caps.why_not('tls'))
    ours = authority(u'ours', loop.wall())
    there, here = (ours.issue([u'localhost', u'127.0.0.1'], loop.wall()) for _ in range(2))
    seen = []

    class Known(CertificateChecker):
        """Takes the first certificate that comes: its fingerprint is that of the client's."""

        def check(self, credentials, loop):
            seen.append(fingerprint(credentials.der))
            self._accounts = {seen[0]: u'anna'}
            return CertificateChecker.check(self, credentials, loop)

    root = pb.LoginRoot(Portal(Realm(), [Known({})]))
    context = TLSContext(Identity(there.certificate, there.key), trust=ours.certificate,
                         client_certificates='optional')
    listener = loop.listen_tcp(
        listening(loop, context, lambda: pb.Broker(loop, root, extensions=True)), '127.0.0.1', 0)
    for identity, comes_in in ((Identity(here.certificate, here.key), True), (None, False)):
        client = TLSContext(identity, trust=ours.certificate)
        broker = loop.run_until(pb.connect(loop, '127.0.0.1', listener.address.port, client,
                                           extensions=True))
        answer = loop.run_until(pb.login(broker, Certificate(b'')).then(None, lambda exc: exc))
        assert isinstance(answer, pb.RemoteReference) is comes_in, 'got %r' % (answer,)
        broker.close()
        loop.run_until(broker.closed)
    assert len(seen) == 1
    listener.close()
