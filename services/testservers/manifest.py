# Copyright the carryall authors.  See LICENSE.
"""The manifest of the servers for tests."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import CommandEntry, KindEntry, Manifest

MANIFEST = Manifest(
    name='testservers',
    summary='servers for tests: they keep what came and fail on command',
    face='carryall.services.testservers',
    needs=['http', 'web'],
    commands=[
        CommandEntry('test-server', 'carryall.commands.testserver',
                     'servers for the tests of another program'),
    ],
    kinds=[
        KindEntry('http', 'carryall.services.testservers.expectations'),
        KindEntry('tcp', 'carryall.services.testservers.script'),
        KindEntry('type', 'carryall.services.testservers.typeserver'),
    ],
    examples=['testservers-project/README.md', 'testservers-project/tests/test_files.py',
              'testservers-project/tests/test_mail.py', 'testservers-project/tests/test_others.py',
              'testservers-project/tests/test_web.py'],
    cases=['peer_suites', 'testservers'],
    paths=['acceptance/peers/httpserver_shim.py', 'acceptance/peers/localftpserver_shim.py',
           'acceptance/peers/smtpdfix_shim.py', 'carryall/testservers',
           'tests/commands/test_testserver.py',
           'tests/core/wrap/test_faultrules.py', 'tests/house/testservers',
           'tests/services/testservers'],
)
