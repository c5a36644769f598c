# Copyright the carryall authors.  See LICENSE.
"""A client of IRC, which logs in by SASL, and one of Perspective Broker in one room.

The arguments are the ports of Perspective Broker and IRC, name and password for IRC, the same for
the other, and a number of messages.  Each that was acknowledged is told.
"""
from __future__ import print_function

import sys

from carryall import runtimes
from carryall.core.auth.credentials import UsernamePassword
from carryall.core.future import Future, Return, coroutine
from carryall.protocols import pb
from carryall.protocols.irc import ClientSettings, connect

pb_port = int(sys.argv[1])
irc_port = int(sys.argv[2])
count = int(sys.argv[7])
first, first_password, second, second_password = sys.argv[3:7]
loop = runtimes.choose()
heard_by_irc = Future()
heard_by_pb = Future()


class Mind(pb.Referenceable):
    def remote_receiveContactList(self, contacts):
        pass

    def remote_setGroupMetadata(self, metadata, group):
        pass

    def remote_memberJoined(self, name, group):
        pass

    def remote_memberLeft(self, name, group):
        pass

    def remote_receiveGroupMessage(self, sender, group, text, metadata=None):
        if not heard_by_pb.done():
            heard_by_pb.set_result((sender, text))


def received(client, message):
    if message.command == b'PRIVMSG' and message.params[0] == b'#tea' and not heard_by_irc.done():
        heard_by_irc.set_result(message.params[1])


@coroutine
def meet():
    broker = yield pb.connect(loop, '127.0.0.1', pb_port, extensions=True)
    found = yield pb.login(broker, UsernamePassword(u'%s' % second, second_password.encode()),
                           Mind())
    yield found.call_remote('joinGroup', u'tea')
    settings = ClientSettings(account=u'%s' % first, account_password=first_password.encode(),
                              clear_auth=True)
    client = yield connect(loop, '127.0.0.1', irc_port, first.encode(), settings=settings,
                           received=received)
    yield client.join(b'#tea')
    client.say(b'#tea', u'two lumps \u2615'.encode('utf-8'))
    said = yield heard_by_pb
    assert said == (u'%s' % first, u'two lumps \u2615'), said
    yield found.call_remote('groupMessage', u'tea', u'here they are')
    text = yield heard_by_irc
    assert text == b'here they are', text
    print('met')
    sys.stdout.flush()
    for number in range(count):
        yield found.call_remote('groupMessage', u'tea', u'number %d.' % number)
        print('kept %d.' % number)
        sys.stdout.flush()
    raise Return(broker)


loop.run_until(meet())
print('over')
