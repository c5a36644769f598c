# Copyright the carryall authors.  See LICENSE.
"""carryall get fetches from a server of every other runtime, and from Python's own."""
PROVES = ['HTC-01', 'HTC-03', 'TST-04']
NEEDS = []
EACH_RUNTIME = False


def run(stage):
    """Each runtime's client against each runtime's server."""
    body = b'0123456789abcdef' * 20000
    stage.write('site/data.bin', body)
    for serving in stage.others:
        server = stage.start('carryall', 'web', '--path', 'site', '--port',
                             'tcp:0:interface=127.0.0.1', runtime=serving)
        url = 'http://%s:%d/data.bin' % server.address()
        for fetching in stage.others:
            name = '%s-from-%s' % (fetching.name, serving.name)
            stage.call('carryall', 'get', url, '--output', name, runtime=fetching)
            stage.demand(stage.read(name) == body, '%s has other bytes', name)
        server.stop()
    stage.call('carryall', 'get', '--fail', url.replace('data.bin', 'nothing'), status=1)
