# Copyright the carryall authors.  See LICENSE.
"""Sends a message.

Start ``carryall mail -d b.example=boxes -u anna=secret`` (or smtp_server.py), then run this.
"""
from __future__ import print_function

from carryall import runtimes
from carryall.core.future import coroutine
from carryall.protocols.smtp import ClientSettings, Outgoing, send

MESSAGE = b'Subject: hello\r\n\r\nThis is the message.\r\n'
loop = runtimes.choose()


@coroutine
def post():
    """Prints the reply for each recipient."""
    outgoing = Outgoing(b'me@c.example', [b'anna@b.example', b'nobody@b.example'], MESSAGE)
    settings = ClientSettings(hostname=b'client.example')
    outcome = yield send(loop, '127.0.0.1', 8025, [outgoing], settings)
    for address, reply in zip(outgoing.recipients, outcome[0]):
        print(address.decode('ascii'), reply.code,
              b' '.join(reply.lines).decode('ascii', 'replace'))


loop.run_until(post())
loop.close()
