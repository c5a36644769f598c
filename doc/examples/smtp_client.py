# Copyright the carryall authors.  See LICENSE.
"""Send a message; start ``carryall mail -d b.example=boxes -u anna=secret`` (or smtp_server.py),
then run this."""
from __future__ import print_function

from carryall import runtimes
from carryall.core.future import coroutine
from carryall.protocols.smtp.client import Outgoing
from carryall.protocols.smtp.transfer import Delivery, send

MESSAGE = b'Subject: hello\r\n\r\nThis is the message.\r\n'
loop = runtimes.choose()


@coroutine
def post():
    """One reply comes for each recipient."""
    mail = Outgoing(b'me@c.example', [b'anna@b.example', b'nobody@b.example'], MESSAGE)
    outcome = yield send(loop, '127.0.0.1', 8025, [mail], Delivery(b'client.example'))
    for address, reply in zip(mail.recipients, outcome[0]):
        print(address.decode('ascii'), reply.code,
              b' '.join(reply.lines).decode('ascii', 'replace'))


loop.run_until(post())
loop.close()
