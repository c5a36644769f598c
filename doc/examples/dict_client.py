# Copyright the carryall authors.  See LICENSE.
"""Ask a dict server: start dict_server.py, then run this."""
from __future__ import print_function

from carryall import runtimes
from carryall.protocols.dict import connect

loop = runtimes.choose()
client = loop.run_until(connect(loop, '127.0.0.1', 7000))
for definition in loop.run_until(client.define(u'apple')):
    print(definition.description + ':', definition.text.strip())
for database, word in loop.run_until(client.match(u'app', strategy=u'prefix')):
    print(database, word)
loop.run_until(client.quit())
loop.close()
