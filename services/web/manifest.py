# Copyright the carryall authors.  See LICENSE.
"""The manifest of the web server."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import Manifest, TypeEntry

MANIFEST = Manifest(
    name='web',
    summary='a web server for a folder of files, with virtual hosts, accounts and HTTPS',
    types=[TypeEntry('web', 'carryall.services.web.service', 'web server for a folder of files')],
    cases=['big_file', 'https_serve', 'web_serve', 'web_tap'],
    binaries=['web'],
    paths=['tests/services/web'],
)
