# Copyright the carryall authors.  See LICENSE.
"""A library written in C for programs on the JVM.

Run it with CPython, then sqlite_client.py with Jython, which has no sqlite3.  This file chooses
what is offered: two questions, and no SQL of others.
"""
from __future__ import print_function

import sqlite3
import sys

from carryall import runtimes
from carryall.protocols import pb


class Shop(pb.Root):
    """The part of this database that clients may use."""

    def __init__(self):
        self.database = sqlite3.connect(':memory:')
        self.database.execute('create table goods (name text primary key, price integer)')

    def remote_add(self, name, price):
        """Puts something on the shelf."""
        with self.database:
            self.database.execute('insert or replace into goods values (?, ?)', (name, price))

    def remote_cheaper(self, price):
        """(name, price) of what costs less, the cheapest first."""
        return self.database.execute('select name, price from goods where price < ? '
                                     'order by price', (price,)).fetchall()


loop = runtimes.choose()
port = int((sys.argv[1:] or [pb.PORT])[0])
listener = loop.listen_tcp(lambda: pb.Broker(loop, Shop()), '127.0.0.1', port)
print('listening on %s' % (listener.address,))
sys.stdout.flush()
loop.run()
