# Copyright the carryall authors.  See LICENSE.
"""The manifest of dict."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import (DONE, BinaryEntry, CommandEntry, FeatureEntry, FixtureEntry,
                                    FuzzEntry, Manifest, TypeEntry, URLEntry, UsageEntry)

MANIFEST = Manifest(
    name='dict',
    summary='dict, server and client (RFC 2229)',
    face='carryall.protocols.dict',
    port=2628,
    types=[TypeEntry('dict', 'carryall.services.dict.service',
                     'definitions of words, from databases of dictd (RFC 2229)',
                     words=['--database', 'words=words.txt'])],
    commands=[
        CommandEntry('dict', 'carryall.commands.dictclient', 'look words up in dictionaries',
                     usages=[UsageEntry(trailer='TRAILER')]),
    ],
    urls=[URLEntry('dict', 'dict')],
    fixtures=[
        FixtureEntry('dict_server', 'carryall.testservers.anyserver:LazyServer', 'dict',
                     'dict on a free port; call it with the words --database NAME=PATH.'),
    ],
    fuzz=[FuzzEntry('tests.fuzz.dict_targets', ['dict', 'dict-client', 'dict-grammar'])],
    examples=['dict_client.py', 'dict_server.py'],
    cases=['dict_client', 'dict_serve'],
    pages=['dict'],
    binaries=[BinaryEntry('dict', ['--database', 'own=SITE/words.txt', '--port', 'tcp:0'],
                          [('words.txt', 'apple\tA round fruit.\n')])],
    readme=[
        ('`bin/carryall serve dict -d NAME=PATH`, `bin/carryall dict WORD`',
         'dictionaries: databases of dictd and lists of words; looks words up: [what is '
         'kept](doc/conformance/dict.md)'),
    ],
    paths=['commands/dictclient.py', 'services/dict', 'tests/commands/test_dictclient.py',
           'tests/fuzz/corpus/dict.txt', 'tests/fuzz/corpus/dict-client.txt',
           'tests/fuzz/corpus/dict-grammar.txt', 'tests/fuzz/dict_targets.py',
           'tests/protocols/dict', 'tests/services/dict'],
    features=[
        FeatureEntry('DIC-01', DONE, 'a server with every command of RFC 2229'),
        FeatureEntry('DIC-02', DONE,
                     'databases of dictd, compressed or not, and lists of words, searched on disk'),
        FeatureEntry('DIC-03', DONE, 'ten strategies, with regular expressions in linear time'),
        FeatureEntry('DIC-04', DONE, 'a client that takes dict URLs and suggests other spellings'),
        FeatureEntry('DIC-05', DONE, "Debian's dict works with ours, ours with its dictd"),
    ],
)
