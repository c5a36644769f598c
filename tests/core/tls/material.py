# Copyright the carryall authors.  See LICENSE.
"""Certificates for the tests, made once a run."""
from __future__ import absolute_import, division, print_function

import time

from carryall.core.tls import TLSContext, pem
from carryall.core.tls.authority import authority

__all__ = ['NOW', 'material']

NOW = time.time()

_made = []


class Material(object):
    """An authority, a site for localhost and 127.0.0.1, and contexts of both."""

    def __init__(self):
        self.authority = authority(u'carryall tests', NOW)
        self.site = self.authority.issue([u'localhost', u'127.0.0.1', u'::1'], NOW)
        self.der = self.der_of(self.site)

    @staticmethod
    def der_of(pair):
        """The DER of a pair's own certificate."""
        return pem.certificates(pair.certificate)[0]

    def server(self, **more):
        """A new context of a server."""
        return TLSContext(self.site.identity(), **more)

    def client(self, **more):
        """A new context of a client that trusts the authority."""
        return TLSContext(trust=self.authority.certificate, **more)


def material():
    """The one Material of this run: to make keys takes a moment on some runtimes."""
    if not _made:
        _made.append(Material())
    return _made[0]
