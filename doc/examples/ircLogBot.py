# Copyright the carryall authors.  See LICENSE.
"""A bot that writes into a file what is said in a channel: ircLogBot.py CHANNEL FILE

It connects to the server of irc_server.py, or of `carryall serve irc`.
"""
import io
import sys

from carryall import runtimes
from carryall.core.codec.calendardates import civil
from carryall.protocols.irc import connect, split_source

channel = sys.argv[1].encode('utf-8') if len(sys.argv) > 1 else b'#tea'
loop = runtimes.choose()
out = io.open(sys.argv[2] if len(sys.argv) > 2 else 'irc.log', 'a', encoding='utf-8')


def note(text):
    year, month, day, hour, minute, second, _ = civil(loop.wall())
    out.write(u'[%02d:%02d:%02d] %s\n' % (hour, minute, second, text))
    out.flush()


def received(client, message):
    nick = split_source(message.source or b'').nick.decode('utf-8', 'replace')
    words = [each.decode('utf-8', 'replace') for each in message.params]
    if message.command == b'PRIVMSG' and message.params[0] == channel:
        note(u'<%s> %s' % (nick, words[1]))
    elif message.command == b'PRIVMSG' and client.nick == message.params[0]:
        client.say(nick.encode('utf-8'), b'I only write down what is said in ' + channel)
    elif message.command in (b'JOIN', b'PART', b'QUIT'):
        note(u'%s: %s' % (message.command.decode('ascii').lower(), nick))


bot = loop.run_until(connect(loop, '127.0.0.1', 6667, nick=b'logbot', received=received))
loop.run_until(bot.join(channel))
note(u'joined')
loop.run()
