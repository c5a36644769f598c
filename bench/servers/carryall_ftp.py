# Copyright the carryall authors.  See LICENSE.
"""Our FTP server over one backend: the user bench writes and reads the folder --root."""
from __future__ import absolute_import, division, print_function

import sys

from carryall.core.auth.checkers import MemoryChecker
from carryall.protocols.ftp.service import FTPSite
from carryall.services.ftp.ftpaccounts import FTPAccounts, FTPRealm
from ours import announce, chosen_loop, options

chosen = options(sys.argv[1:])
loop = chosen_loop(chosen)
site = FTPSite(loop, FTPAccounts(FTPRealm(chosen.root), [MemoryChecker({u'bench': b'bench'})]))
announce(loop.listen_tcp(site, '127.0.0.1', 0))
loop.run()
