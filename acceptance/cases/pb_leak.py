# Copyright the carryall authors.  See LICENSE.
"""50,000 calls over one connection, each with a reference, leave no more than 32 at either end,
whatever the collector does."""
import re

PROVES = ['PB-10']
NEEDS = []
LONG = True
CALLS = 50000


def run(stage):
    """The client counts itself, the server when it is asked."""
    server = stage.peer('pb.py', 'serve')
    client = stage.peer('pb.py', 'load', server.address()[1], CALLS, 'hold')
    client.seconds *= 10
    client.wait_for(r'right: few are left|failed')
    stage.demand('right: few are left' in client.output, 'the client said %s', client.output)
    server.signal('USR1')
    found = server.wait_for(r'live: Live\(objects=(\d+), cacheables=(\d+), references=(\d+), '
                            r'caches=(\d+)')
    left = sum(int(number) for number in found.groups())
    stage.demand(left <= 32, 'at the server %d are left', left)
    client.signal('TERM')
    client.wait()
    server.stop()
