# Copyright the carryall authors.  See LICENSE.
"""The manifest of ASGI."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import FixtureEntry, Manifest, TypeEntry, URLEntry

MANIFEST = Manifest(
    name='asgi',
    summary='applications of ASGI 3, for Python 3',
    face='carryall.services.asgi',
    needs=['http', 'websocket', 'wsgi'],
    types=[TypeEntry('asgi', 'carryall.services.asgi.service',
                     'an application of ASGI 3, for Python 3', words=['shop.site:app'])],
    urls=[URLEntry('asgi', 'http', 'https')],
    fixtures=[
        FixtureEntry('asgi_server', 'carryall.testservers.anyserver:LazyServer', 'asgi',
                     'asgi on a free port; call it with the word MODULE:APP.'),
    ],
    pages=['asgi'],
    readme=[
        ('`bin/carryall asgi MODULE:APP`',
         'an application of ASGI 3 on CPython and PyPy: HTTP, WebSocket, lifespan, `--reload`'),
    ],
    paths=['acceptance/peers/shouttalk.py', 'tests/services/asgi'],
)
