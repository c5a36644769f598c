# Copyright the carryall authors.  See LICENSE.
"""The manifest of uwsgi."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import DONE, FeatureEntry, FuzzEntry, Manifest, TypeEntry

MANIFEST = Manifest(
    name='uwsgi',
    summary='uwsgi, application and gateway',
    face='carryall.protocols.uwsgi',
    port=3031,
    needs=['cgi', 'http'],
    types=[TypeEntry('uwsgi', 'carryall.services.uwsgi.service',
                     'an application behind another server, by uwsgi')],
    programs=['carryall.services.uwsgi.uwsgiprograms'],
    fuzz=[FuzzEntry('tests.fuzz.uwsgi_targets', ['uwsgi', 'uwsgi-grammar'])],
    cases=['uwsgi_serve', 'uwsgi_programs'],
    pages=['uwsgi'],
    readme=[('`bin/carryall serve uwsgi`',
             'an application behind another web server, by uwsgi: '
             '[what is kept](doc/conformance/uwsgi.md)')],
    paths=['services/uwsgi', 'tests/protocols/uwsgi', 'tests/services/uwsgi'],
    features=[
        FeatureEntry('UWS-01', DONE, 'an application behind another web server, by uwsgi'),
    ],
)
