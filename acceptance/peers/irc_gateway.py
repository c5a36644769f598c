# Copyright the carryall authors.  See LICENSE.
"""Our client on BitlBee: its control channel begins with &, and root answers there."""
import sys

from carryall import runtimes
from carryall.core.future import Future
from carryall.protocols.irc import connect

loop = runtimes.choose()
entered = Future()
answered = Future()


def listen(client, message):
    if message.command == b'366' and not entered.done():
        entered.set_result(message.params[1])
    if message.command == b'PRIVMSG' and message.params[0] == b'&bitlbee' \
            and b'help' in message.params[1] and entered.done() and not answered.done():
        answered.set_result(message.params[1])


client = loop.run_until(connect(loop, '127.0.0.1', int(sys.argv[1]), nick=b'ann', received=listen))
name = loop.run_until(entered)
assert client.support.is_channel(name), name
assert b'root' in [nick for _, nick in client.rooms[name].members.values()]
client.say(name, b'help nosuch')
client.say(name, b'help')
loop.run_until(answered)
loop.run_until(client.quit())
loop.close()
print('visited')
