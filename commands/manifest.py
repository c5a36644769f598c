# Copyright the carryall authors.  See LICENSE.
"""The manifest of the suite itself: all that belongs to no protocol and no service."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import CommandEntry, FixtureEntry, Manifest, UsageEntry

MANIFEST = Manifest(
    name='carryall',
    summary='the suite: loops, TLS, taps, commands, artifacts and tests',
    commands=[
        CommandEntry('cert', 'carryall.commands.cert', 'make and show certificates',
                     usages=[UsageEntry('make', 'MAKE', 'MAKE_SUMMARY'),
                             UsageEntry('show', 'SHOW', 'SHOW_SUMMARY')]),
        CommandEntry('completion', 'carryall.commands.completion',
                     'print a completion script for a shell'),
        CommandEntry('mktap', 'carryall.commands.mktap', 'save a service and its options as a tap',
                     usages=[UsageEntry(extra=('TYPE', '[option ...]'))]),
        CommandEntry('passwd', 'carryall.commands.passwd',
                     'set or check a password in a password file'),
        CommandEntry('run', 'carryall.commands.run', 'run a Python program with this carryall'),
        CommandEntry('runtimes', 'carryall.commands.listing',
                     'list the backends of this interpreter', 'runtimes_main',
                     [UsageEntry('', 'RUNTIMES', 'RUNTIMES_SUMMARY')]),
        CommandEntry('serve', 'carryall.commands.serve', 'run a service in the foreground',
                     usages=[UsageEntry(extra=('TYPE', '[option ...]'))]),
        CommandEntry('twistd', 'carryall.commands.twistd', 'run a tap, in the background'),
        CommandEntry('types', 'carryall.commands.listing', 'list the types of service',
                     'types_main', [UsageEntry('', 'PLAIN', 'TYPES_SUMMARY')]),
    ],
    fixtures=[
        FixtureEntry('tcp_server', 'tcp', '',
                     'Call it with a factory of protocols, and tls=True for TLS; (host, port).'),
    ],
    examples=['echo_server.py', 'java/ServeFolder.java', 'pytest-project/README.md',
              'pytest-project/downloader.py', 'pytest-project/tests/test_downloader.py',
              'shout_server.py'],
    cases=['accept_storm', 'artifact', 'bad_peers', 'descriptors', 'doc', 'floods', 'jar_start',
           'java_embed', 'life', 'log_rotation', 'passwd', 'permutation', 'pipes', 'readme',
           'rights', 'symlink_race', 'tap_matrix'],
    paths=['acceptance/peers/HttpsFetch.java', 'acceptance/peers/echo.py',
           'acceptance/peers/flood.py', 'acceptance/peers/treerace.py'],
)
