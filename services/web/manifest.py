# Copyright the carryall authors.  See LICENSE.
"""The manifest of the web server."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import (DONE, PART, BinaryEntry, FeatureEntry, Manifest, TypeEntry,
                                    StoreEntry, URLEntry)

MANIFEST = Manifest(
    name='web',
    summary='a web server for a folder of files, with virtual hosts, accounts and HTTPS',
    needs=['http'],
    types=[TypeEntry('web', 'carryall.services.web.service', 'web server for a folder of files',
                     ['files', 'http', 'http.server', 'httpd', 'https'])],
    urls=[URLEntry('http', 'http', 'https'), URLEntry('https', 'https', 'https'),
          URLEntry('web', 'http', 'https')],
    stores=[StoreEntry('sessions', 'carryall.services.web.sessionstore')],
    cases=['big_file', 'https_serve', 'web_acme', 'web_long_folder', 'web_pages', 'web_serve',
           'web_sessions', 'web_static', 'web_tap', 'web_upload', 'web_widgets'],
    binaries=[BinaryEntry('web', ['--path', 'SITE', '--port', 'tcp:0'])],
    pages=['acme'],
    readme=[
        ('`bin/carryall web --path DIR`',
         'static web server: ranges, conditions, compression, listings, strict HTTP/1.1'),
        ('`bin/carryall web --https PORT -c PEM`',
         "the same over TLS: virtual hosts by SNI, accounts (Basic, Digest), clients' "
         'certificates: [doc/https.md](doc/https.md)'),
        ('`bin/carryall web --https 443 --acme shop.example --acme-agree`',
         'a certificate by ACME, renewed without a restart: '
         '[what is kept](doc/conformance/acme.md)'),
    ],
    moved={
        'carryall.services.cgi.bodyspool': 'carryall.services.web.bodyspool',
        'carryall.services.web.guard': 'carryall.services.web.loginguard',
        'carryall.services.web.folderlisting': 'carryall.services.web.folderpage',
        'carryall.services.web.listing': 'carryall.services.web.folderpage',
        'carryall.services.web.memory': 'carryall.services.web.readyresponses',
        'carryall.services.web.paths': 'carryall.services.web.requestpaths',
        'carryall.services.web.patterns': 'carryall.services.web.pathpatterns',
        'carryall.services.web.rules': 'carryall.services.web.pathrules',
    },
    paths=['services/acme', 'tests/services/acme', 'tests/services/web'],
    features=[
        FeatureEntry('HTS-19', DONE, 'certificates by ACME: http-01 and tls-alpn-01, renewed'),
        FeatureEntry('WEB-01', DONE, "the options of Twisted's web service"),
        FeatureEntry('WEB-02', DONE, 'files, and nothing outside their folder'),
        FeatureEntry('WEB-03', DONE, 'types, charsets and validators of files'),
        FeatureEntry('WEB-04', DONE, 'index files, by configurable names'),
        FeatureEntry('WEB-11', DONE, 'virtual hosts, each with its certificate'),
        FeatureEntry('WEB-12', DONE,
                     'sessions in memory or a database, with a new id at each login'),
        FeatureEntry('WEB-13', DONE,
                     'Basic, Digest, a page with a form, tokens and client certificates, by path'),
        FeatureEntry('WEB-16', DONE, 'a page of widgets where nothing is given to serve'),
        FeatureEntry('WEB-18', DONE, 'runs for long without attention'),
        FeatureEntry('WEB-19', DONE, 'one command serves a folder, with uploads on request'),
    ],
)
