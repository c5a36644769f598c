# Copyright the carryall authors.  See LICENSE.
"""Talk to a Telnet server by a script: start telnet_server.py, then run this."""
from __future__ import print_function

from carryall import runtimes
from carryall.core.future import coroutine
from carryall.protocols import telnet

loop = runtimes.choose()


@coroutine
def talk():
    """Waits for what is asked, answers, shows the rest."""
    client = yield telnet.connect(loop, '127.0.0.1', 2323)
    yield client.read_until(b': ')
    client.write(b'hello\n')
    answer = yield client.read()
    print(answer.decode('utf-8').strip())


loop.run_until(talk())
loop.close()
