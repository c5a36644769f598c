# Copyright the carryall authors.  See LICENSE.
"""Ask a name server: start simpledns.py, then run this."""
from __future__ import print_function

from carryall import runtimes
from carryall.protocols.dns import MX, exchange, parse_name, query

SERVER = ('127.0.0.1', 5353)

loop = runtimes.choose()
for text, kind in ((u'www.example.org', 1), (u'example.org', MX)):
    reply = loop.run_until(exchange(loop, SERVER, query(parse_name(text), kind)))
    for record in reply.answers:
        print(record.text())
loop.close()
