# Copyright the carryall authors.  See LICENSE.
"""Perspective Broker with Twisted 26.10, our client and its server and the reverse: logins, copies,
caches, views, failures, pages, chat."""
from acceptance import twistedpeer
from acceptance.cases.pb_examples import start

PROVES = ['PB-01', 'PB-05', 'PB-06', 'PB-07', 'PB-08', 'PB-12', 'PB-17']
NEEDS = []
LONG = True
PYTHON = ('twisted',)


def run(stage):
    """Each side uses everything that the other has."""
    theirs = twistedpeer.script(stage, 'pb_twisted_py3.py', 'serve')
    ours = stage.peer('pb.py', 'serve')
    for client in (stage.peer('pb.py', 'talk', theirs.address()[1]),
                   twistedpeer.script(stage, 'pb_twisted_py3.py', 'talk', ours.address()[1])):
        stage.demand(client.wait() == 0 and 'all right' in client.output,
                     '%s said:\n%s\nthe server said:\n%s', client.argv, client.output,
                     theirs.output + ours.output)
    load = stage.peer('pb.py', 'load', theirs.address()[1], 1000, 'friends')
    stage.demand(load.wait() == 0, 'with Twisted as server: %s', load.output)
    ours.stop()
    chat = twistedpeer.script(stage, 'pb_twisted_py3.py', 'words')
    users = stage.peer('pb_words.py', chat.address()[1])
    stage.demand(users.wait() == 0 and 'all right' in users.output,
                 'in the chat of Twisted: %s\nthe chat:\n%s', users.output, chat.output)
    chat = start(stage, 'words_server.py', 0)
    port = chat.address()[1]
    # One pair after the other: each counts what it hears, and there is one lobby.
    for begin in (lambda: twistedpeer.script(stage, 'pb_twisted_py3.py', 'chat', port),
                  lambda: stage.peer('pb_words.py', port)):
        users = begin()
        stage.demand(users.wait() == 0 and 'all right' in users.output,
                     'in our chat: %s\nthe chat:\n%s', users.output, chat.output)
    chat.end()
