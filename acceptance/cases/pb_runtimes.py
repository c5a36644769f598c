# Copyright the carryall authors.  See LICENSE.
"""Perspective Broker between every two runtimes: logins by SCRAM, copies, caches, views,
failures, pages."""

PROVES = ['PB-04', 'PB-06', 'PB-08', 'PB-12', 'NEW-06']
NEEDS = []
LONG = True
EACH_RUNTIME = False


def run(stage):
    """A server on each; then each as a client of all."""
    servers = [(side, stage.peer('pb.py', 'serve', runtime=side)) for side in stage.others]
    for side in stage.others:
        for served, server in servers:
            client = stage.peer('pb.py', 'talk', server.address()[1], 'own', runtime=side)
            stage.demand(client.wait() == 0 and 'all right' in client.output,
                         '%s with the server on %s said:\n%s\nthe server:\n%s', side.name,
                         served.name, client.output, server.output)
    for _, server in servers:
        server.stop()
