# Copyright the carryall authors.  See LICENSE.
"""An echo bot of a foreign library, pydle or irc: NAME PORT."""
import sys

NAME = sys.argv[1]
PORT = int(sys.argv[2])
CHANNEL = '#tea'


def run_pydle():
    """A bot of pydle."""
    import pydle

    class Bot(pydle.Client):
        """It asks about itself before it enters a channel."""

        async def on_connect(self):
            await super().on_connect()
            await self.whois(self.nickname)
            await self.join(CHANNEL)

        async def on_message(self, target, source, message):
            await super().on_message(target, source, message)
            if target == CHANNEL and message.startswith('say '):
                await self.message(CHANNEL, 'pydle: ' + message[4:])

    Bot('pydle', realname='pydle').run('127.0.0.1', port=PORT, tls=False)


def run_irc():
    """A bot of irc."""
    import irc.bot

    class Bot(irc.bot.SingleServerIRCBot):
        """One server, one channel."""

        def on_welcome(self, connection, event):
            connection.join(CHANNEL)

        def on_pubmsg(self, connection, event):
            if event.arguments[0].startswith('say '):
                connection.privmsg(CHANNEL, 'irc: ' + event.arguments[0][4:])

    Bot([('127.0.0.1', PORT)], 'irc', 'irc').start()


{'pydle': run_pydle, 'irc': run_irc}[NAME]()
