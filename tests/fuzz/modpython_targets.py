# Copyright the carryall authors.  See LICENSE.
"""The target of mod_python: configurations in Apache's syntax."""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import UsageError
from carryall.services.modpython import SiteConfig
from carryall.services.modpython.apachesyntax import parse
from tests.fuzz.target import GrammarTarget

__all__ = ['ALL']


def _read(data):
    config = SiteConfig()
    try:
        config.take(parse(data.decode('utf-8', 'replace'), u'fuzz.conf'))
    except UsageError:
        return
    host = config.done().host('a.example')
    filename, path_info = host.translate(host.candidate('/a/b.py/c'))
    host.values_for('/a/b.py' + path_info, filename)


SEEDS = [[('say', text)] for text in (
    b'DocumentRoot /srv\n<Directory /srv>\nSetHandler mod_python\nPythonHandler a::b | .py\n'
    b'</Directory>\n',
    b'<VirtualHost *:80>\nServerName a.example\nServerAlias *.b "c d"\n</VirtualHost>\n',
    b'PythonOption a \\\n"b \\" c"\n<FilesMatch \\.py$>\nRequire user x\n</FilesMatch>\n')]
WORDS = [b'<Directory ', b'</Directory>', b'<Files ', b'<Location ', b'>', b'\n', b'\\\n', b'"',
         b' ', b'~ ', b'*', b'[', b'PythonOption ', b'PythonHandler ', b'AddHandler ', b'::', b'|',
         b'IfModule ', b'!', b'ErrorDocument 404 ', b'On']

ALL = [
    GrammarTarget('modpython-config', ('services/modpython/',), [_read], SEEDS, WORDS),
]
