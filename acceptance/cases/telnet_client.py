# Copyright the carryall authors.  See LICENSE.
"""carryall telnet HOST: against inetutils-telnetd, and from each runtime to our console on each, in
clear and under TLS."""
PROVES = ['TEL-01', 'TEL-05', 'TEL-07', 'TEL-08', 'TST-04']
NEEDS = ['telnetd', 'socat']
LONG = True
EACH_RUNTIME = False

TURNS = [(b'username: ', b'username\n'), (b'password: ', b'password\n'),
         (b'>>> ', b'print("%s" % (6 * 7))\nexit()\n')]


def run(stage):
    """Each runtime's client with each server, and with Debian's."""
    stage.call('carryall', 'cert', 'make', '-o', 'site.pem', 'localhost', '127.0.0.1')
    stage.call('carryall', 'cert', 'make', '-o', 'other.pem', 'localhost', '127.0.0.1')
    login = ['-u', 'username', '-w', 'password']
    servers = [(serving, stage.start('carryall', 'telnet', '-p', '0', *login, runtime=serving),
                stage.start('carryall', 'telnet', '-p', 'tls:0:certificate=site.pem:key=site.key',
                            *login, runtime=serving))
               for serving in stage.others]
    port = telnetd(stage)
    for talking in stage.others:
        for serving, plain, secured in servers:
            label = '%s with the console on %s' % (talking.name, serving.name)
            said = talk(stage, talking, ['127.0.0.1', plain.address()[1]])
            stage.demand(b'42' in said, '%s: %r', label, said)
            said = talk(stage, talking, ['--tls', '--trust', stage.path('site.pem'), 'localhost',
                                         secured.address()[1]])
            stage.demand(b'42' in said, '%s under TLS: %r', label, said)
        wrong = ['--tls', '--trust', stage.path('other.pem'), 'localhost',
                 servers[0][2].address()[1]]
        said = stage.foreign(*stage.command('carryall', 'telnet', *wrong, runtime=talking),
                             data=b'username\n', status=1)
        stage.demand(b'42' not in said and b'username' not in said, '%s trusts anybody: %r',
                     talking.name, said)
        said = stage.foreign('env', 'TERM=vt220', *stage.command('carryall', 'telnet', '127.0.0.1',
                                                                 port, runtime=talking),
                             data=b'hello there\n')
        stage.demand(b'terminal vt220' in said and b'heard <hello there>' in said,
                     '%s with telnetd: %r', talking.name, said)
    for _serving, plain, secured in servers:
        plain.stop()
        secured.stop()


def talk(stage, talking, words):
    """The output of our client when it logs in and computes."""
    return stage.dialogue(TURNS, *stage.command('carryall', 'telnet', *words, runtime=talking))


def telnetd(stage):
    """Debian's server, with a script instead of a login; its port."""
    port = stage.free_port()
    stage.write('greet', b'#!/bin/sh\necho "terminal $TERM"\nread line\necho "heard '
                         b'<$line>"\nsleep 1\n')
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
    return port
