# Copyright the carryall authors.  See LICENSE.
"""carryall pb over WebSocket, called from every runtime."""

PROVES = ['PB-14']
NEEDS = []
LONG = True


def run(stage):
    """One server, and a client of each of the other runtimes."""
    server = stage.start('carryall', 'pb', '--websocket', '0')
    url = 'ws://%s:%d/pb' % server.address()
    for side in stage.others:
        client = stage.peer('pb_websocket.py', url, runtime=side)
        stage.demand(client.wait() == 0 and 'all right' in client.output,
                     '%s said:\n%s\nthe server said:\n%s', client.argv, client.output,
                     server.output)
    server.stop()
