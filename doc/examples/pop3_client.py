# Copyright the carryall authors.  See LICENSE.
"""Prints the subjects in a mailbox; start pop3_server.py, then run this."""
from __future__ import print_function

from carryall import runtimes
from carryall.core.future import coroutine
from carryall.protocols.pop3 import connect

loop = runtimes.choose()


@coroutine
def look():
    """Waits for an answer at each ``yield``; commands given without waiting are pipelined."""
    client = yield connect(loop, '127.0.0.1', 8110)
    yield client.login(u'anna', b'secret', clear=True)
    uids = yield client.uidl()
    heads = [client.top(number, 0) for number, _ in uids]
    for future in heads:
        head = yield future
        print([line.decode('utf-8', 'replace') for line in head.split(b'\r\n')
               if line.lower().startswith(b'subject:')])
    yield client.quit()


loop.run_until(look())
loop.close()
