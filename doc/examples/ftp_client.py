# Copyright the carryall authors.  See LICENSE.
"""Lists the directory of an FTP server on 127.0.0.1:2121, such as ftp_server.py.

With the name of a file as argument it fetches that file, too.
"""
import sys

from carryall import runtimes
from carryall.core.future import coroutine
from carryall.protocols.ftp import connect
from carryall.services.ftp.memoryfiles import MemoryFiles


@coroutine
def look(loop, name):
    """Lists; and if a name is given, fetch that file and show its beginning."""
    client = yield connect(loop, '127.0.0.1', 2121)
    yield client.login(u'anonymous', b'example@')
    entries = yield client.entries()
    for entry in entries:
        print('%-4s %10d  %s' % (entry.kind, entry.size, entry.name.decode('utf-8', 'replace')))
    if name:
        files = MemoryFiles()
        count = yield client.retrieve(name.encode('utf-8'), files.store((b'copy',)))
        source, _size = files.open((b'copy',))
        print('%d octets, which begin with %r' % (count, source.read(60)))
    yield client.quit()


loop = runtimes.choose()
try:
    loop.run_until(look(loop, sys.argv[1] if len(sys.argv) > 1 else u''))
finally:
    loop.close()
