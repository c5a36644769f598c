# Copyright the carryall authors.  See LICENSE.
"""The manifest of WSGI."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import (DONE, FeatureEntry, FixtureEntry, Manifest, TypeEntry,
                                    URLEntry)

MANIFEST = Manifest(
    name='wsgi',
    summary='applications of WSGI 1.0.1 (PEP 3333)',
    face='carryall.services.wsgi',
    needs=['http', 'web'],
    types=[TypeEntry('wsgi', 'carryall.services.wsgi.service', 'an application of WSGI (PEP 3333)',
                     words=['wsgiref.simple_server:demo_app'])],
    urls=[URLEntry('wsgi', 'http', 'https')],
    fixtures=[
        FixtureEntry('wsgi_server', 'carryall.testservers.anyserver:LazyServer', 'wsgi',
                     'wsgi on a free port; call it with the word MODULE:APP.'),
    ],
    cases=['apps_compared', 'apps_frameworks', 'apps_serve'],
    pages=['wsgi'],
    features=[
        FeatureEntry('WEB-10', DONE, 'files of other kinds of programs: .wsgi, .asgi'),
    ],
    readme=[
        ('`bin/carryall wsgi MODULE:APP`',
         'an application of WSGI on every runtime: threads, streaming both ways, `--reload`'),
    ],
    paths=['acceptance/peers/bottleapp.py', 'acceptance/peers/frameworks_py3.py',
           'acceptance/peers/smallapps.py', 'acceptance/peers/smallapps_py3.py',
           'app/objectnames.py', 'tests/app/test_objectnames.py', 'tests/services/wsgi'],
)
