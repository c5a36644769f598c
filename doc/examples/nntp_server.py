# Copyright the carryall authors.  See LICENSE.
"""A news server on port 1119 with one group; its articles end with it."""
from carryall import runtimes
from carryall.protocols.nntp import Group, MemoryArticles, NewsRoom, NNTPServer

loop = runtimes.choose()
room = NewsRoom(loop, MemoryArticles(), b'news.localhost')
room.add_group(Group(b'local.tea', description=b'About tea'))
loop.listen_tcp(lambda: NNTPServer(room, loop), port=1119)
loop.run()
