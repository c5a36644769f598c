# Copyright the carryall authors.  See LICENSE.
"""carryall serve irc: the bot and the client of each runtime meet on the server of each;
an operator bans a network there."""

from acceptance.stage import receive_all

PROVES = ['IRC-01', 'IRC-02', 'IRC-06', 'IRC-07']
NEEDS = []
EACH_RUNTIME = False


def run(stage):
    """A talk on each server; then lines of a program that is no IRC client."""
    for serving in stage.others:
        server = stage.start('carryall', 'serve', 'irc', '-p', 'tcp:0', '--user',
                             'root=secret', '--oper', 'root=admin', '--clear-logins',
                             runtime=serving)
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
        operate(stage, (host, port), serving.name)
        server.stop()


def operate(stage, address, name):
    """An operator bans its own network, after which no other connection is let in."""
    connection = stage.connect(address)
    connection.sendall(b'NICK root\r\nUSER r 0 * :R\r\nOPER root secret\r\nJOIN #tea\r\n'
                       b'MODE #tea +bC ~t:5:*!*@10.0.0.0/8\r\nMODE #tea b\r\n'
                       b'DLINE 127.0.0.0/8 :closed\r\nQUIT\r\n')
    answer = receive_all(connection)
    connection.close()
    for part in (b' 381 root ', b' 367 root #tea ~t:5:*!*@10.0.0.0/8 ', b'added D-line'):
        stage.demand(part in answer, '%s: %r', name, answer)
    connection = stage.connect(address)
    answer = receive_all(connection)
    connection.close()
    stage.demand(b' 465 * ' in answer and b'D-Lined: closed' in answer, '%s: %r', name, answer)
