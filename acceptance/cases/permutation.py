# Copyright the carryall authors.  See LICENSE.
"""Every backend as a server with every backend as a client, also across runtimes: 3 MB there and
back, half-close."""

PROVES = ['RT-01', 'RT-02', 'TST-04', 'X-08']
NEEDS = []
EACH_RUNTIME = False
COUNT = 3000000             # octets each way


def backends_of(stage, runtime):
    """The backends that a runtime has, as it says itself."""
    text = stage.call('carryall', 'runtimes', runtime=runtime)
    rows = [line.split() for line in text.split('\n') if line.startswith('  ')]
    return [row[0] for row in rows if row[1:2] in (['chosen'], ['there'])]


def run(stage):
    """All servers at once; then each client, one after another, with every server in turn."""
    sides = [(runtime, backend) for runtime in stage.others
             for backend in backends_of(stage, runtime)]
    stage.demand(len(sides) >= 2 * len(stage.others), 'too few backends: %s', sides)
    servers = [stage.peer('echo.py', 'serve', backend, runtime=runtime)
               for runtime, backend in sides]
    ports = [server.address()[1] for server in servers]
    for who, how in sides:
        client = stage.peer('echo.py', 'talk', how, COUNT, *ports, runtime=who)
        status = client.wait()
        for (runtime, backend), port in zip(sides, ports):
            stage.demand('%d: good %d of %d None' % (port, COUNT, COUNT) in client.output,
                         '%s/%s with %s/%s, status %s: %s', runtime.name, backend, who.name, how,
                         status, client.output)
    for server in servers:
        server.stop()
