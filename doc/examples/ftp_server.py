# Copyright the carryall authors.  See LICENSE.
"""An FTP server on port 2121 of this machine: everybody reads this folder, anna (password: secret) writes to memory.

Try it with: curl ftp://127.0.0.1:2121/ and curl -T FILE ftp://anna:secret@127.0.0.1:2121/
"""
from carryall import runtimes
from carryall.core.auth.checkers import MemoryChecker
from carryall.protocols.ftp.hooks import Observer
from carryall.protocols.ftp.service import FTPSite
from carryall.services.ftp.ftpaccounts import FTPAccounts, FTPRealm
from carryall.services.ftp.jail import Jail
from carryall.services.ftp.memoryfiles import MemoryFiles


class Told(Observer):
    """Hooks: called on the loop's thread, for what has happened."""

    def transferred(self, record):
        """A file went one way or the other."""
        print('%s %r: %d octets' % ('got' if record.incoming else 'sent', b'/'.join(record.path), record.octets))


loop = runtimes.choose()
memory = MemoryFiles({b'hello.txt': b'Hello, anna.\n'}, wall=loop.wall)
realm = FTPRealm('.', files=lambda name, anonymous: Jail('.') if anonymous else memory)
accounts = FTPAccounts(realm, [MemoryChecker({u'anna': b'secret'})], anonymous=u'anonymous')
loop.listen_tcp(FTPSite(loop, accounts, observer=Told()), port=2121)
loop.run()
