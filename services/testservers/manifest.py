# Copyright the carryall authors.  See LICENSE.
"""The manifest of the servers for tests."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import CommandEntry, Manifest

MANIFEST = Manifest(
    name='testservers',
    summary='servers for tests: they keep what came and fail on command',
    face='carryall.services.testservers',
    needs=['ftp', 'http', 'pop3', 'smtp', 'telnet', 'web', 'websocket'],
    commands=[
        CommandEntry('test-server', 'carryall.commands.testserver',
                     'servers for the tests of another program'),
    ],
    examples=['testservers-project/README.md', 'testservers-project/tests/test_files.py',
              'testservers-project/tests/test_mail.py', 'testservers-project/tests/test_others.py',
              'testservers-project/tests/test_web.py'],
    cases=['testservers'],
    paths=['carryall/testservers', 'tests/commands/test_testserver.py',
           'tests/core/wrap/test_faultrules.py', 'tests/house/testservers',
           'tests/services/testservers'],
)
