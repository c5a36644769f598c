# Copyright the carryall authors.  See LICENSE.
"""Show the subjects in a mailbox; start pop3_server.py, then run this."""
from __future__ import print_function

from carryall import runtimes
from carryall.core.future import coroutine
from carryall.protocols.pop3.client import POP3Client

loop = runtimes.choose()


@coroutine
def look():
    """Each ``yield`` waits for the answer; what is asked without waiting is pipelined."""
    _, client = yield loop.connect_tcp(lambda: POP3Client(loop), '127.0.0.1', 8110)
    yield client.hello()
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
