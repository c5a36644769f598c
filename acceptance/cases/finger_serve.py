# Copyright the carryall authors.  See LICENSE.
"""carryall finger and whois: the finger and whois of Debian ask us, ours asks fingerd,
each runtime asks each."""
import os

PROVES = ['FIN-01', 'FIN-02', 'FIN-03', 'FIN-04']
NEEDS = ['finger', 'whois', 'socat', 'in.fingerd']
LONG = True
EACH_RUNTIME = False
PORTS = [79]
HOST = '127.0.0.79'  # finger(1) knows no other port than 79, and of this address no one else has it


def run(stage):
    """Servers on each runtime, one after the other at the same address; clients of all kinds."""
    for name, files in (('ann', {'name': 'Ann Example', 'plan': 'to rest\n\x1b[2J'}),
                        ('bob', {'name': 'Bob', 'nofinger': ''})):
        for each, text in files.items():
            stage.write('people/%s/%s' % (name, each), text.encode())
    stage.write('records/example.org', b'domain: EXAMPLE.ORG\n')
    for serving in stage.others:
        server = stage.start('carryall', 'finger', '-p', 'tcp:79:interface=' + HOST, '--folder',
                             'people', '--list', '--whois', 'tcp:0:interface=127.0.0.1',
                             '--records', 'records', runtime=serving)
        whois = int(server.wait_for(r'whois on 127\.0\.0\.1:(\d+)').group(1))
        got = stage.foreign('finger', 'ann@' + HOST)
        stage.demand(b'Ann Example' in got and b'to rest' in got and b'\x1b' not in got,
                     'finger on %s said %r', serving.name, got)
        got = stage.foreign('finger', '-l', '@' + HOST)
        stage.demand(b'ann' in got and b'bob' not in got, 'finger -l on %s said %r',
                     serving.name, got)
        got = stage.foreign('whois', '-h', '127.0.0.1', '-p', whois, 'example.org')
        stage.demand(b'domain: EXAMPLE.ORG' in got, 'whois on %s said %r', serving.name, got)
        for asking in stage.others:
            said = stage.call('carryall', 'finger', '-l', 'ann@' + HOST, runtime=asking)
            stage.demand('Ann Example' in said and '\\x1b[2J' in said, '%s asking %s: %r',
                         asking.name, serving.name, said)
            said = stage.call('carryall', 'whois', '-s', '127.0.0.1', '-p', whois, 'EXAMPLE.org',
                              runtime=asking)
            stage.demand('EXAMPLE.ORG' in said, '%s asking %s for whois: %r', asking.name,
                         serving.name, said)
        server.stop()
    port = stage.free_port()
    program = next(path for path in ('/usr/sbin/in.fingerd', '/usr/bin/in.fingerd')
                   if os.path.exists(path))
    stage.launch(['socat', 'TCP-LISTEN:%d,bind=127.0.0.1,reuseaddr,fork' % port,
                  'EXEC:%s' % program], foreign=True)
    for asking in stage.others:
        said = []

        def try_once():
            process = stage.start('carryall', 'finger', '-p', port, 'root@127.0.0.1',
                                  runtime=asking)
            process.wait()
            said.append(process.output)
            return 'root' in said[-1] and 'refused' not in said[-1]

        stage.until(try_once, 'an answer of fingerd')
        stage.demand('Login' in said[-1], '%s asking fingerd: %r', asking.name, said[-1])
