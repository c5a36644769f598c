# Copyright the carryall authors.  See LICENSE.
"""Mail services in memory: the whole of one, or two that relay to each other, under virtual
time."""
from __future__ import absolute_import, division, print_function

import os

from carryall.core.future import Return, coroutine
from carryall.protocols.pop3 import POP3Client
from carryall.protocols.smtp import ClientSettings, Outgoing, send
from carryall.services.mail.maildir import Maildir
from carryall.services.mail.options import SCHEMA
from carryall.services.mail.service import MailService

MESSAGE = b'From: x\r\nSubject: hi\r\n\r\nhello\r\n.dot\r\n'


def service(loop, tmpdir, *words):
    """A service that is started; (it, the ports by the names of its listeners)."""
    made = MailService(SCHEMA.parse([word.replace('TMP', str(tmpdir)) for word in words]))
    made.start(loop)
    return made, ports_of(made)


def ports_of(made):
    found = {}
    for line in made.listening():
        name, _, address = line.replace(' with TLS', '').partition(' on ')
        found[name] = int(address.rpartition(':')[2])
    return found


def post(loop, port, sender, recipients, message=MESSAGE, **given):
    """A Future of [(code, enhanced code)]."""
    sent = send(loop, '127.0.0.1', port, [Outgoing(sender, recipients, message)],
                ClientSettings(**given))
    return sent.then(lambda outcome: [(reply.code, reply.enhanced) for reply in outcome[0]])


@coroutine
def fetch(loop, port, user, password, delete=False, mechanism=None, context=None):
    """A Future of all messages."""
    _, client = yield loop.connect_tcp(lambda: POP3Client(loop), '127.0.0.1', port)
    yield client.hello()
    if context is not None:
        yield client.start_tls(context, 'localhost')
    yield client.login(user, password, True, mechanism)
    messages = []
    uids = yield client.uidl()
    for number, _ in uids:
        message = yield client.retrieve(number)
        messages.append(message)
        if delete:
            yield client.delete(number)
    yield client.quit()
    raise Return(messages)


def stored(tmpdir, *parts):
    """The messages in a maildir, as they lie there."""
    box = Maildir(os.path.join(str(tmpdir), *parts))
    found = []
    for entry in box.scan():
        with box.open(entry) as source:
            found.append(source.read())
    return found
