# Copyright the carryall authors.  See LICENSE.
"""The manifest of ident."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import Manifest

MANIFEST = Manifest(
    name='ident',
    summary='ident, server and client (RFC 1413)',
    face='carryall.protocols.ident',
    port=113,
    moved={
        'carryall.protocols.simple.ident': 'carryall.protocols.ident',
    },
    paths=['tests/protocols/ident'],
)
