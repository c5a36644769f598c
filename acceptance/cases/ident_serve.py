# Copyright the carryall authors.  See LICENSE.
"""carryall ident: the client of each runtime asks the server of each for the owner of a
connection."""
import getpass

PROVES = ['IDN-01', 'IDN-02', 'OTH-01']
NEEDS = []
EACH_RUNTIME = False


def run(stage):
    """The owner of a connection to our own server; then a fixed name, and none."""
    for serving in stage.others:
        server = stage.start('carryall', 'serve', 'ident', '-p', 'tcp:0', runtime=serving)
        host, port = server.address()
        connection = stage.connect((host, port))
        theirs = connection.getsockname()[1]
        for asking in stage.others:
            said = stage.call('carryall', 'ident', '-p', port, theirs, port, host, runtime=asking)
            stage.demand(getpass.getuser() in said, '%s asking %s: %r', asking.name, serving.name,
                         said)
        said = stage.call('carryall', 'ident', '-p', port, 1, 1, host, status=1)
        stage.demand('NO-USER' in said, '%s: %r', serving.name, said)
        connection.close()
        server.stop()
