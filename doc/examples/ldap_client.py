# Copyright the carryall authors.  See LICENSE.
"""A client that looks people up: start ldap_server.py, then run this."""
from __future__ import print_function

from carryall import runtimes
from carryall.protocols.ldap import connect

loop = runtimes.choose()
client = loop.run_until(connect(loop, '127.0.0.1', 3890))
for entry in loop.run_until(client.search(u'dc=example', u'(uid=*)', [u'cn', u'mail'])):
    print(entry.dn, entry.text(u'cn'), entry.text(u'mail'))
loop.run_until(client.unbind())
loop.close()
