# Copyright the carryall authors.  See LICENSE.
"""WebSockets: our server with the client of the Python package websockets and the reverse, and ours
between runtimes."""
import os
import sys

from acceptance import foreign
from acceptance.stage import ROOT

PROVES = ['HTS-08']
NEEDS = []
LONG = True
PYTHON = ('websockets',)


def theirs(stage, *args):
    """The other end, by the package."""
    argv = [sys.executable, os.path.join(ROOT, 'acceptance', 'peers', 'websocket_py3.py')] + list(
        args)
    return stage.launch(['env', 'PYTHONPATH=' + foreign.python_path('websockets')] + argv,
                        foreign=True)


def right(stage, client, server):
    """The client ends well."""
    stage.demand(client.wait() == 0 and 'all right' in client.output,
                 '%s said:\n%s\nthe server said:\n%s', client.argv, client.output, server.output)


def run(stage):
    """Everybody with everybody."""
    server = stage.peer('websocket.py', 'serve')
    url = 'ws://%s:%d/' % server.address()
    right(stage, theirs(stage, 'talk', url), server)
    for side in stage.others:
        right(stage, stage.peer('websocket.py', 'talk', url + 'squeezed', 'squeezed', runtime=side),
              server)
    server.end()
    server = theirs(stage, 'serve')
    for more in ((), ('squeezed',)):
        right(stage, stage.peer('websocket.py', 'talk', 'ws://%s:%d/' % server.address(), *more),
              server)
    server.end()
