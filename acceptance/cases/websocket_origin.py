# Copyright the carryall authors.  See LICENSE.
"""Our WebSocket server, and carryall pb, with the Python package websocket-client, which always
sends an Origin: the server's own."""
import os
import sys

from acceptance import foreign
from acceptance.stage import ROOT

PROVES = ['HTS-08', 'PB-14']
NEEDS = []
PYTHON = ('websocket',)


def client(stage, *args):
    """The program, with the package."""
    argv = [sys.executable] + list(args)
    return stage.launch(['env', 'PYTHONPATH=' + foreign.python_path('websocket')] + argv,
                        foreign=True)


def run(stage):
    """Everything with the defaults of both sides."""
    server = stage.peer('websocket.py', 'serve')
    url = 'ws://%s:%d/' % server.address()
    talking = client(stage, os.path.join(ROOT, 'acceptance', 'peers', 'websocket_client_py3.py'),
                     url)
    stage.demand(talking.wait() == 0, 'the client said:\n%s\nthe server said:\n%s', talking.output,
                 server.output)
    stage.demand('all right' in talking.output, 'the client said:\n%s', talking.output)
    server.end()
    served = stage.start('carryall', 'pb', '--websocket', '0')
    url = 'ws://%s:%d/pb' % served.address()
    opening = client(stage, '-c', 'import websocket; websocket.create_connection("%s", '
                                  'timeout=20).close()' % url)
    stage.demand(opening.wait() == 0, 'the client said:\n%s', opening.output)
    served.stop()
