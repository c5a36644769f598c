# Copyright the carryall authors.  See LICENSE.
"""The manifest of CGI."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import DONE, FeatureEntry, FuzzEntry, Manifest

MANIFEST = Manifest(
    name='cgi',
    summary='CGI programs of the web server, and the grammar of gateways (RFC 3875)',
    face='carryall.protocols.cgi',
    needs=['asgi', 'http', 'web', 'wsgi'],
    programs=['carryall.services.cgi.cgiprograms'],
    fuzz=[FuzzEntry('tests.fuzz.cgi_targets', ['cgi-answer', 'cgi-request'])],
    cases=['programs_git', 'web_mixed', 'web_programs'],
    pages=['cgi'],
    readme=[
        ('`bin/carryall web --path DIR`',
         'the same runs CGI programs, `.cgi` and `cgi-bin`: '
         '[what is kept](doc/conformance/cgi.md)'),
    ],
    paths=['acceptance/frontservers.py', 'services/cgi', 'tests/protocols/cgi',
           'tests/services/cgi'],
    features=[
        FeatureEntry('WEB-05', DONE, 'CGI programs, with limits on time, output and number'),
    ],
)
