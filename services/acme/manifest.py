# Copyright the carryall authors.  See LICENSE.
"""The manifest of ACME."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import DONE, FeatureEntry, Manifest

MANIFEST = Manifest(
    name='acme',
    summary='certificates of an authority by ACME, renewed while the server runs (RFC 8555)',
    face='carryall.services.acme',
    needs=['http', 'web'],
    cases=['web_acme'],
    pages=['acme'],
    readme=[
        ('`bin/carryall web --https 443 --acme NAME --acme-agree`',
         'a certificate by ACME, renewed without a restart: '
         '[what is kept](doc/conformance/acme.md)'),
    ],
    paths=['tests/services/acme'],
    features=[
        FeatureEntry('HTS-19', DONE, 'certificates by ACME: http-01 and tls-alpn-01, renewed'),
    ],
)
