# Copyright the carryall authors.  See LICENSE.
"""Posts an article and reads the group: start nntp_server.py, then run this."""
from __future__ import print_function

from carryall import runtimes
from carryall.protocols.nntp import connect

ARTICLE = (b'From: Ann <ann@example.org>\r\nNewsgroups: local.tea\r\nSubject: Green or black?\r\n'
           b'\r\nWhich do you like?\r\n')

loop = runtimes.choose()
client = loop.run_until(connect(loop, '127.0.0.1', 1119))
loop.run_until(client.post(ARTICLE))
count, low, high, name = loop.run_until(client.group(u'local.tea'))
for number, fields in loop.run_until(client.over(low, high)):
    print(number, fields[b'subject'].decode('utf-8', 'replace'))
loop.run_until(client.quit())
loop.close()
