# Copyright the carryall authors.  See LICENSE.
"""Two pupils write on the blackboard of viewpoint_server.py."""
from __future__ import print_function

import sys

from carryall import runtimes
from carryall.core.auth.credentials import UsernamePassword
from carryall.core.future import coroutine
from carryall.protocols import pb

loop = runtimes.choose()


@coroutine
def main():
    """Each has another reference to the same object."""
    broker = yield pb.connect(loop, '127.0.0.1', int((sys.argv[1:] or [pb.PORT])[0]))
    for name, password in ((u'anna', b'a'), (u'ben', b'b')):
        pupil = yield pb.login(broker, UsernamePassword(name, password))
        board = yield pupil.call_remote('board')
        yield board.call_remote('write', u'I was here')
    lines = yield board.call_remote('read')
    print('\n'.join(lines))


loop.run_until(main())
loop.close()
