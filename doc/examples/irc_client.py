# Copyright the carryall authors.  See LICENSE.
"""Talk in #tea: start irc_server.py, then run this."""
from __future__ import print_function

from carryall import runtimes
from carryall.protocols.irc import connect

loop = runtimes.choose()
client = loop.run_until(connect(loop, '127.0.0.1', 6667, nick=b'ann'))
room = loop.run_until(client.join(b'#tea'))
client.say(b'#tea', b'Two lumps, please.')
print('with', len(room.members), 'in', room.name.decode('ascii'))
for name, members, topic in loop.run_until(client.list()):
    print(name.decode('ascii'), members.decode('ascii'))
loop.run_until(client.quit(b'Thank you.'))
loop.close()
