# Copyright the carryall authors.  See LICENSE.
"""carryall serve irc: the bot and the client of each runtime meet on the server of each."""

from acceptance.stage import receive_all

PROVES = ['IRC-01', 'IRC-06', 'IRC-07']
NEEDS = []
EACH_RUNTIME = False


def run(stage):
    """A talk on each server; then lines of a program that is no IRC client."""
    for serving in stage.others:
        server = stage.start('carryall', 'serve', 'irc', '-p', 'tcp:0', runtime=serving)
        host, port = server.address()
        for talking in stage.others:
            program = stage.peer('irc_talk.py', port, runtime=talking)
            program.wait_for('talked')
            stage.demand(program.wait() == 0, '%s on %s failed', talking.name, serving.name)
        connection = stage.connect((host, port))
        connection.sendall(b'NICK ann\r\nUSER a 0 * :A\r\nQUIT\r\n')
        answer = receive_all(connection)
        connection.close()
        stage.demand(b' 001 ann ' in answer and b'ERROR :Closing Link' in answer, '%s: %r',
                     serving.name, answer)
        server.stop()
