# Copyright the carryall authors.  See LICENSE.
"""The store of accounts at the location given: ``fill`` puts rows in, ``rows`` tells them."""
from __future__ import print_function

import sys

from carryall import runtimes
from carryall.app.datastore import DataStore
from carryall.services.database.dbaccounts import STORE

loop = runtimes.choose()
store = DataStore(STORE, sys.argv[1])
loop.run_until(store.open(loop))
if sys.argv[2] == 'fill':
    rows = [(u'user %d \u2615' % number, u'verifier %d' % number) for number in range(1200)]
    loop.run_until(store.pool.run_many(u'INSERT INTO accounts (name, verifier) VALUES (?, ?)',
                                       rows))
for name, verifier in loop.run_until(store.pool.run_query(
        u'SELECT name, verifier FROM accounts ORDER BY name')):
    print(''.join('%02x' % each for each in bytearray((name + verifier).encode('utf-8'))))
loop.run_until(store.close())
loop.close()
print('over')
