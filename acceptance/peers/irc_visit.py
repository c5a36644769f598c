# Copyright the carryall authors.  See LICENSE.
"""Two of our clients on a foreign server: they meet in a channel, speak, ask, and leave."""
import sys

from carryall import runtimes
from carryall.core.future import Future, sleep
from carryall.protocols.irc import ClientSettings, IRCError, connect

port = int(sys.argv[1])
channel = sys.argv[2].encode('ascii')
loop = runtimes.choose()
said = Future()
settings = ClientSettings(username=b'visit', rate=20.0)


def listen(client, message):
    if message.command == b'PRIVMSG' and message.params[0] == channel and not said.done():
        said.set_result(message.params[1])


ann = loop.run_until(connect(loop, '127.0.0.1', port, nick=b'ann', received=listen,
                             settings=settings))
ben = loop.run_until(connect(loop, '127.0.0.1', port, nick=b'ben', settings=settings))
room = loop.run_until(ann.join(channel))
loop.run_until(ben.join(channel))
text = u'two lumps \u2615 and a spoon '.encode('utf-8') * 30
ben.say(channel, text)
first = loop.run_until(said)
assert text.startswith(first.rstrip()) and first.decode('utf-8'), first
assert loop.run_until(ann.ping()) >= 0.0
rows = loop.run_until(ann.whois(b'ben'))
assert any(row.command == b'311' and row.params[1] == b'ben' for row in rows), rows
rows = loop.run_until(ann.who(channel))
assert sorted(row.params[5] for row in rows) == [b'ann', b'ben'], rows
try:
    loop.run_until(ann.whois(b'nobodyhere'))
    raise AssertionError('there is no such nick')
except IRCError:
    pass
loop.run_until(ben.rename(b'benjamin'))
loop.run_until(ann.ping())
nicks = sorted(nick for _, nick in room.members.values())
assert nicks == [b'ann', b'benjamin'], nicks
loop.run_until(sleep(loop, 0.2))
loop.run_until(ben.part(channel, b'bye'))
loop.run_until(ann.ping())
assert [nick for _, nick in room.members.values()] == [b'ann']
loop.run_until(ben.quit())
loop.run_until(ann.quit())
loop.close()
print('visited')
