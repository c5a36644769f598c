# Copyright the carryall authors.  See LICENSE.
"""carryall telnet HOST: against inetutils-telnetd, a plain echo, and our console on every runtime."""
PROVES = ['TEL-01', 'TEL-07', 'TEL-08', 'TST-04']
NEEDS = ['telnetd', 'socat']
LONG = True
EACH_RUNTIME = False

SCRIPT = b'username\npassword\nprint("%s" % (6 * 7))\nexit()\n'


def run(stage):
    """Each runtime's client with each server."""
    servers = [stage.start('carryall', 'telnet', '-p', '0', '-u', 'username', '-w', 'password', runtime=serving) for serving in stage.others]
    port = stage.free_port()
    stage.write('greet', b'#!/bin/sh\necho "terminal $TERM"\nread line\necho "heard <$line>"\nsleep 1\n')
    stage.foreign('chmod', '755', stage.path('greet'))
    stage.launch(['socat', 'TCP-LISTEN:%d,bind=127.0.0.1,reuseaddr,fork' % port,
                  'EXEC:/usr/sbin/telnetd -h -E %s,nofork' % stage.path('greet')], foreign=True)

    def listens():
        try:
            stage.connect(('127.0.0.1', port)).close()
        except ConnectionRefusedError:
            return False
        return True

    stage.until(listens, 'socat')
    for talking in stage.others:
        for serving, server in zip(stage.others, servers):
            said = stage.foreign(*stage.command('carryall', 'telnet', '127.0.0.1', server.address()[1], runtime=talking), data=SCRIPT)
            stage.demand(b'42' in said, '%s with the console on %s: %r', talking.name, serving.name, said)
        said = stage.foreign('env', 'TERM=vt220', *stage.command('carryall', 'telnet', '127.0.0.1', port, runtime=talking),
                             data=b'hello there\n')
        stage.demand(b'terminal vt220' in said and b'heard <hello there>' in said, '%s with telnetd: %r', talking.name, said)
    for server in servers:
        server.stop()
