# Copyright the carryall authors.  See LICENSE.
"""The manifest of SCGI."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import DONE, FeatureEntry, FuzzEntry, Manifest, TypeEntry

MANIFEST = Manifest(
    name='scgi',
    summary='SCGI, application and gateway',
    face='carryall.protocols.scgi',
    port=4000,
    needs=['cgi', 'http'],
    types=[TypeEntry('scgi', 'carryall.services.scgi.service',
                     'an application behind another server, by SCGI')],
    programs=['carryall.services.scgi.scgiprograms'],
    fuzz=[FuzzEntry('tests.fuzz.scgi_targets', ['scgi', 'scgi-grammar'])],
    cases=['scgi_serve'],
    pages=['scgi'],
    readme=[('`bin/carryall serve scgi`',
             'an application behind another web server, by SCGI: '
             '[what is kept](doc/conformance/scgi.md)')],
    paths=['services/scgi', 'tests/protocols/scgi', 'tests/services/scgi'],
    features=[
        FeatureEntry('SCG-01', DONE, 'an application behind another web server, by SCGI'),
    ],
)
