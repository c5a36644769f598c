# Copyright the carryall authors.  See LICENSE.
"""An FTP server on port 2121 of this machine.

Anonymous users read this directory; anna (password: secret) writes to memory.
Try it with: curl ftp://127.0.0.1:2121/ and curl -T FILE ftp://anna:secret@127.0.0.1:2121/
"""
from carryall import runtimes
from carryall.core.auth.checkers import MemoryChecker
from carryall.core.auth.guard import LoginGuard
from carryall.protocols.ftp import FTPBackend, FTPServer, Observer
from carryall.services.ftp.ftpaccounts import FTPAccounts, FTPRealm
from carryall.services.ftp.jail import Jail
from carryall.services.ftp.memoryfiles import MemoryFiles


class Printed(Observer):
    """Prints each transfer; the hooks are called on the thread of the loop."""

    def transferred(self, record):
        """A file was sent or received."""
        verb = 'received' if record.incoming else 'sent'
        print('%s %r: %d octets' % (verb, b'/'.join(record.path), record.octets))


loop = runtimes.choose()
memory = MemoryFiles({b'hello.txt': b'Hello, anna.\n'}, wall=loop.wall)
realm = FTPRealm('.', files=lambda name, anonymous: Jail('.') if anonymous else memory)
accounts = FTPAccounts(realm, [MemoryChecker({u'anna': b'secret'})], anonymous=u'anonymous')
backend = FTPBackend(accounts, LoginGuard(loop), Printed())
loop.listen_tcp(lambda: FTPServer(backend, loop), port=2121)
loop.run()
