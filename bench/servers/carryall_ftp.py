# Copyright the carryall authors.  See LICENSE.
"""Our FTP server over one backend: the user bench writes and reads the folder --root."""
from __future__ import absolute_import, division, print_function

import sys

from carryall.core.auth.checkers import MemoryChecker
from carryall.core.auth.guard import LoginGuard
from carryall.protocols.ftp import FTPBackend, FTPServer
from carryall.services.ftp.ftpaccounts import FTPAccounts, FTPRealm
from ours import announce, chosen_loop, options

chosen = options(sys.argv[1:])
loop = chosen_loop(chosen)
accounts = FTPAccounts(FTPRealm(chosen.root), [MemoryChecker({u'bench': b'bench'})])
backend = FTPBackend(accounts, LoginGuard(loop))
announce(loop.listen_tcp(lambda: FTPServer(backend, loop), '127.0.0.1', 0))
loop.run()
