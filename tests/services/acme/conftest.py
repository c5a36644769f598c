# Copyright the carryall authors.  See LICENSE.
"""Fixtures of the tests of ACME."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.testing import VirtualLoop
from carryall.core.tls.authority import new_key
from carryall.protocols.http.client import HTTPClient
from carryall.services.acme.acmeclient import ACMEClient
from carryall.services.acme.jws import AccountKey
from tests.services.acme.fakeca import FakeCA

NAMES = ('shop.example', 'www.shop.example')


class Proofs(object):
    """Challenges that keep what they show."""

    def __init__(self, kind='http-01'):
        self.kind = kind
        self.shown = {}
        self.count = 0

    def show(self, name, token, authorization):
        """Shows an answer."""
        self.shown[name, token] = authorization
        self.count += 1

    def hide(self, name, token):
        """Ends that."""
        del self.shown[name, token]


class ACMEWorld(object):
    """An authority, and a client of it."""

    def __init__(self):
        self.loop = VirtualLoop()
        self.loop.wall = lambda: 1.9e9 + self.loop.now
        self.proofs = Proofs()
        self.ca = FakeCA(self.loop, lambda name, token: self.proofs.shown.get((name, token)))
        self.http = HTTPClient(self.loop)
        self.client = self.new_client()

    def new_client(self, url=None, account=None):
        """A client with a new key."""
        return ACMEClient(self.loop, self.http, url or self.ca.url, AccountKey(new_key()[1]),
                          account)

    def ask(self, names=NAMES, **more):
        """The chain of a certificate."""
        private, _ = new_key()
        return self.loop.run_until(self.client.certificate(names, private, self.proofs, **more))


@pytest.fixture
def acme_world():
    """An authority, and a client of it."""
    made = ACMEWorld()
    yield made
    made.http.close()
    made.ca.close()
