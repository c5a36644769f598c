# Copyright the carryall authors.  See LICENSE.
"""The manifest of DNS."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import Manifest

MANIFEST = Manifest(
    name='dns',
    summary='look-ups of mail exchangers (RFC 1035, 7505)',
    face='carryall.protocols.dns',
    port=53,
    moved={
        'carryall.protocols.mxlookup': 'carryall.protocols.dns.mxlookup',
    },
    paths=['tests/protocols/dns'],
)
