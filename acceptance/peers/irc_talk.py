# Copyright the carryall authors.  See LICENSE.
"""A bot and a client in one channel of the server at the port that is given."""
import sys

from carryall import runtimes
from carryall.core.future import Future
from carryall.protocols.irc import connect

port = int(sys.argv[1])
loop = runtimes.choose()
said = Future()


def parrot(client, message):
    if message.command == b'PRIVMSG' and message.params[0] == b'#tea':
        client.say(b'#tea', b'You said: ' + message.params[1])


def listen(client, message):
    if message.command == b'PRIVMSG' and not said.done():
        said.set_result(message)


bot = loop.run_until(connect(loop, '127.0.0.1', port, nick=b'parrot', received=parrot))
ann = loop.run_until(connect(loop, '127.0.0.1', port, nick=b'ann', received=listen))
for client in (bot, ann):
    loop.run_until(client.join(b'#tea'))
ann.say(b'#tea', u'two lumps \u2615'.encode('utf-8'))
assert loop.run_until(said).params[1] == u'You said: two lumps \u2615'.encode('utf-8')
loop.run_until(bot.quit())
loop.run_until(ann.quit())
loop.close()
print('talked')
