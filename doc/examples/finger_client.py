# Copyright the carryall authors.  See LICENSE.
"""Ask a finger server: start finger_server.py, then run this."""
from __future__ import print_function

from carryall import runtimes
from carryall.protocols.finger import Query, clean, fetch

loop = runtimes.choose()
answer = loop.run_until(fetch(loop, Query(b'ann'), '127.0.0.1', 7979))
# clean() leaves nothing that could hurt a terminal.
print(clean(answer.decode('utf-8', 'replace')).rstrip())
loop.close()
