# Copyright the carryall authors.  See LICENSE.
"""What an FTP server holds, and one of its files, from 127.0.0.1:2121 (see ftp_server.py); say the file's name behind it."""
import sys

from carryall import runtimes
from carryall.core.future import coroutine
from carryall.protocols.ftp.client import connect
from carryall.services.ftp.memoryfiles import MemoryFiles


@coroutine
def look(loop, name):
    """List; and if a name is given, fetch that and show how it begins."""
    session = yield connect(loop, '127.0.0.1', 2121)
    yield session.login(u'anonymous', b'example@')
    entries = yield session.entries()
    for entry in entries:
        print('%-4s %10d  %s' % (entry.kind, entry.size, entry.name.decode('utf-8', 'replace')))
    if name:
        files = MemoryFiles()
        count = yield session.retrieve(name.encode('utf-8'), files.store((b'copy',)))
        source, _size = files.open((b'copy',))
        print('%d octets, which begin with %r' % (count, source.read(60)))
    yield session.quit()


loop = runtimes.choose()
try:
    loop.run_until(look(loop, sys.argv[1] if len(sys.argv) > 1 else u''))
finally:
    loop.close()
