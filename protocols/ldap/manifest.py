# Copyright the carryall authors.  See LICENSE.
"""The manifest of LDAP."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import (DONE, PART, BinaryEntry, CommandEntry, FeatureEntry,
                                    FixtureEntry, FuzzEntry, Manifest, StoreEntry, TypeEntry,
                                    URLEntry, UsageEntry)

MANIFEST = Manifest(
    name='ldap',
    summary='LDAP, server and client (RFC 4511)',
    face='carryall.protocols.ldap',
    port=389,
    types=[TypeEntry('ldap', 'carryall.services.ldap.service',
                     'a directory of people and groups (RFC 4511)')],
    commands=[
        CommandEntry('ldap', 'carryall.commands.ldapclient', 'search and change a directory',
                     usages=[UsageEntry(trailer='TRAILER')]),
    ],
    urls=[URLEntry('ldap', 'ldap')],
    stores=[StoreEntry('ldap', 'carryall.services.ldap.directorystore')],
    fixtures=[
        FixtureEntry('ldap_server', 'carryall.testservers.anyserver:LazyServer', 'ldap',
                     'LDAP on a free port; call it with words such as --ldif FILE.'),
    ],
    fuzz=[FuzzEntry('tests.fuzz.ldap_targets', ['ldap', 'ldap-client', 'ldap-grammar'])],
    examples=['ldap_client.py', 'ldap_server.py'],
    cases=['ldap_serve', 'ldap_slapd'],
    pages=['ldap'],
    binaries=[BinaryEntry('ldap', ['--port', 'tcp:0'], [])],
    readme=[
        ('`bin/carryall serve ldap --ldif FILE`, `bin/carryall ldap search "(uid=anna)"`',
         'a directory for programs that look people up, in memory or in a database; searches and '
         'changes one: [what is kept](doc/conformance/ldap.md)'),
    ],
    paths=['acceptance/peers/ldap_operations.py', 'commands/ldapclient.py', 'services/ldap',
           'tests/commands/test_ldapclient.py',
           'tests/fuzz/corpus/ldap.txt', 'tests/fuzz/corpus/ldap-client.txt',
           'tests/fuzz/corpus/ldap-grammar.txt', 'tests/fuzz/ldap_targets.py',
           'tests/protocols/ldap', 'tests/services/ldap'],
    features=[
        FeatureEntry('LDP-01', DONE, 'messages in BER, strict and bounded, at any cut; ldaps, '
                                     'StartTLS, Unix sockets'),
        FeatureEntry('LDP-02', PART, 'every operation, with pages, order, assertions, pre- and '
                                     'post-read, proxied authorization; no sync yet'),
        FeatureEntry('LDP-03', PART, 'schema of people and Unix accounts, matching rules, root '
                                     'DSE, password hashes; no rules of access yet'),
        FeatureEntry('LDP-04', PART, 'memory, LDIF files, SQLite and PostgreSQL, accounts'),
        FeatureEntry('LDP-05', PART, 'a client with pages, controls and LDIF, and a command; '
                                     'no pool and no credentials checker yet'),
        FeatureEntry('LDP-07', PART, "ldap-utils with ours, ours with slapd"),
    ],
)
