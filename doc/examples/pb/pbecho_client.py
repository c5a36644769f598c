# Copyright the carryall authors.  See LICENSE.
"""Log in to pbecho_server.py and say hello."""
from __future__ import print_function

import sys

from carryall import runtimes
from carryall.core.auth.credentials import UsernamePassword
from carryall.core.future import coroutine
from carryall.protocols import pb

loop = runtimes.choose()


@coroutine
def main():
    """Logs in by SCRAM, as ``extensions`` allows it.

    A server that is not carryall's gets the challenge of 2002.
    """
    port = int((sys.argv[1:] or [pb.PORT])[0])
    broker = yield pb.connect(loop, '127.0.0.1', port, extensions=True)
    guest = yield pb.login(broker, UsernamePassword(u'guest', b'guest'))
    answer = yield guest.call_remote('echo', u'hello world')
    print(answer)
    guest.release()
    try:
        yield pb.login(broker, UsernamePassword(u'guest', b'wrong'))
    except Exception as exc:
        print('with a wrong password: %s' % type(exc).__name__)


loop.run_until(main())
loop.close()
