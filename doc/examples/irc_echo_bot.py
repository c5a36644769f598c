# Copyright the carryall authors.  See LICENSE.
"""A bot that repeats what is said in #tea: start irc_server.py, then run this."""
from carryall import runtimes
from carryall.protocols.irc import connect


def parrot(client, message):
    if message.command == b'PRIVMSG' and message.params[0] in client.rooms:
        client.say(message.params[0], b'You said: ' + message.params[1])


loop = runtimes.choose()
bot = loop.run_until(connect(loop, '127.0.0.1', 6667, nick=b'parrot', received=parrot))
loop.run_until(bot.join(b'#tea'))
loop.run()
