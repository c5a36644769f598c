# Copyright the carryall authors.  See LICENSE.
"""The manifest of FastCGI."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import DONE, FeatureEntry, FuzzEntry, Manifest, TypeEntry

MANIFEST = Manifest(
    name='fastcgi',
    summary='FastCGI, application and gateway, and PHP by it or by php-cgi (FastCGI 1.0)',
    face='carryall.protocols.fastcgi',
    port=9000,
    needs=['cgi', 'web'],
    types=[TypeEntry('fastcgi', 'carryall.services.fastcgi.service',
                     'an application behind another server, by FastCGI')],
    programs=['carryall.services.fastcgi.phpprograms'],
    fuzz=[FuzzEntry('tests.fuzz.fastcgi_targets', [
        'fastcgi', 'fastcgi-client', 'fastcgi-grammar'])],
    cases=['fastcgi_serve', 'programs_bulk', 'web_adminer',
           'web_dokuwiki', 'web_php'],
    pages=['fastcgi'],
    readme=[('`bin/carryall serve fastcgi`',
             'an application behind another web server, by FastCGI: '
             '[what is kept](doc/conformance/fastcgi.md)')],
    paths=['services/fastcgi', 'tests/protocols/fastcgi', 'tests/services/fastcgi'],
    features=[
        FeatureEntry('FCG-01', DONE, 'an application behind another web server, by FastCGI'),
        FeatureEntry('WEB-06', DONE, 'PHP by php-cgi, or by FastCGI to php-fpm'),
    ],
)
