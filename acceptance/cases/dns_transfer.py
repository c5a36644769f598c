# Copyright the carryall authors.  See LICENSE.
"""Zone transfers both ways: BIND, Knot and NSD copy our zone, and we copy theirs.

With BIND they are signed by TSIG, and a NOTIFY leads to IXFR after an update.
"""
import os

from carryall.protocols.dns import parse_name, query
from acceptance.cases.dns_serve import ask

PROVES = ['DNS-03', 'DNS-09']
NEEDS = ['named', 'knotd', 'nsd', 'nsupdate', 'dig']
PACKAGES = {'named': 'bind9', 'knotd': 'knot', 'nsd': 'nsd', 'nsupdate': 'bind9-dnsutils',
            'dig': 'bind9-dnsutils'}
LONG = True
EACH_RUNTIME = False

ZONE = ('$TTL 3600\n@ SOA ns1 hostmaster 1 3600 900 604800 300\n NS ns1\nns1 A 127.0.0.1\n'
        '*.w TXT "x"\nsub NS ns.sub\nns.sub A 192.0.2.1\nred DNAME blue.test.\n'
        + ''.join('host%d A 192.0.2.1\n' % number for number in range(1, 2001)))
SECRET = 'MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI='
KEY = 'key "mover" { algorithm hmac-sha256; secret "%s"; };\n' % SECRET


def run(stage):
    """Each server in turn."""
    stage.write('t.test.zone', ZONE.encode())
    stage.write('keys', ('mover hmac-sha256 %s\n' % SECRET).encode())
    bind = bind_primary(stage)
    knot = knot_primary(stage)
    nsd = nsd_primary(stage)
    for serving in stage.others:
        for who, port in (('bind', bind), ('knot', knot), ('nsd', nsd)):
            copied_by_ours(stage, serving, who, port)
        copied_by_bind(stage, serving)
        by_dig(stage, serving)


def serial(port):
    """The serial number of the zone, or None."""
    reply = ask(port, query(parse_name('t.test'), 6, recurse=False))
    if reply is None or not reply.answers:
        return None
    return int.from_bytes(reply.answers[0].data[-20:-16], 'big')


def options(stage, folder, port):
    """The head of named.conf."""
    os.makedirs(stage.path(folder), exist_ok=True)
    where = stage.path(folder)
    return ('options { directory "%s"; listen-on port %d { 127.0.0.1; }; listen-on-v6 { none; };'
            ' recursion no; pid-file "%s/pid"; session-keyfile "%s/session.key";'
            ' dnssec-validation no; };\ncontrols { };\n' % (where, port, where, where)) + KEY


def bind_primary(stage):
    """named with the zone."""
    port = stage.free_port()
    text = options(stage, 'bind', port) + ('zone "t.test" { type primary; file "%s"; notify no;'
                                           ' allow-transfer { any; }; };\n'
                                           % stage.path('t.test.zone'))
    stage.write('bind/named.conf', text.encode())
    stage.launch(['named', '-g', '-n', '1', '-c', stage.path('bind/named.conf')],
                 foreign=True).wait_for('running')
    return port


def knot_primary(stage):
    """knotd with the zone."""
    port = stage.free_port()
    os.makedirs(stage.path('knot'), exist_ok=True)
    text = ('server:\n  listen: 127.0.0.1@%d\n  rundir: %s\n  udp-workers: 1\n  tcp-workers: 1\n'
            'acl:\n - id: all\n   address: 127.0.0.0/8\n   action: transfer\n'
            'database:\n  storage: %s\ntemplate:\n - id: default\n   storage: %s\n'
            '   journal-content: none\n   zonefile-load: whole\n'
            'zone:\n - domain: t.test\n   file: t.test.zone\n   acl: all\n'
            % (port, stage.path('knot'), stage.path('knot'), stage.folder))
    stage.write('knot.conf', text.encode())
    stage.launch(['knotd', '-c', stage.path('knot.conf')], foreign=True)
    stage.until(lambda: serial(port) == 1, 'knotd')
    return port


def nsd_primary(stage):
    """nsd with the zone."""
    port = stage.free_port()
    text = ('server:\n  ip-address: 127.0.0.1@%d\n  username: ""\n  zonesdir: "%s"\n'
            '  database: ""\n  pidfile: "%s"\n  xfrdfile: "%s"\n  zonelistfile: "%s"\n'
            '  xfrdir: "%s"\n  server-count: 1\nremote-control:\n  control-enable: no\n'
            'zone:\n  name: t.test\n  zonefile: t.test.zone\n  provide-xfr: 127.0.0.1 NOKEY\n'
            % (port, stage.folder, stage.path('nsd.pid'), stage.path('nsd.xfrd'),
               stage.path('nsd.list'), stage.folder))
    stage.write('nsd.conf', text.encode())
    stage.launch(['nsd', '-d', '-c', stage.path('nsd.conf')], foreign=True)
    stage.until(lambda: serial(port) == 1, 'nsd')
    return port


def copied_by_ours(stage, serving, who, port):
    """We are the secondary; the copy is served after a new start without the primary."""
    folder = 'copy-%s-%s' % (serving.name, who)
    os.makedirs(stage.path(folder))
    server = stage.start('carryall', 'serve', 'dns', '-p', 'tcp:0', '--secondary',
                         '127.0.0.1:%d/t.test' % port, '--folder', folder, runtime=serving)
    ours = server.address()[1]
    stage.until(lambda: serial(ours) == 1, '%s copies from %s' % (serving.name, who))
    reply = ask(ours, query(parse_name('host2000.t.test'), 1))
    stage.demand(reply and reply.answers, '%s lacks a record of %s', serving.name, who)
    server.stop()


def copied_by_bind(stage, serving):
    """BIND is the secondary: AXFR with TSIG, then NOTIFY and IXFR after an update."""
    theirs = stage.free_port()
    folder = 'served-%s' % serving.name
    os.makedirs(stage.path(folder))
    server = stage.start('carryall', 'serve', 'dns', '-p', 'tcp:0', '-z', 't.test=t.test.zone',
                         '--keys', 'keys', '--transfer', 'key:mover', '--update', 'key:mover',
                         '--notify', '127.0.0.1:%d' % theirs, '--folder', folder, runtime=serving)
    ours = server.address()[1]
    name = 'second-%s' % serving.name
    text = options(stage, name, theirs) + (
        'zone "t.test" { type secondary; file "copy"; masterfile-format text; notify no;'
        ' primaries { 127.0.0.1 port %d key "mover"; }; };\n' % ours)
    stage.write(name + '/named.conf', text.encode())
    named = stage.launch(['named', '-g', '-n', '1', '-c', stage.path(name, 'named.conf')],
                         foreign=True)
    named.wait_for('running')
    stage.until(lambda: serial(theirs) == 1, 'BIND copies from %s' % serving.name)
    change = 'server 127.0.0.1 %d\nzone t.test\nupdate add new.t.test 60 A 192.0.2.9\nsend\n' % ours
    stage.foreign('nsupdate', '-y', 'hmac-sha256:mover:' + SECRET, data=change.encode())
    stage.until(lambda: serial(theirs) == 2, 'BIND hears of the change in %s' % serving.name)
    said = named.wait_for(r'transfer of .t.test/IN. from .*: Transfer completed: 1 messages, '
                          r'([0-9]+) records')
    stage.demand(int(named.output.rsplit('messages, ', 1)[1].split()[0]) < 10,
                 '%s has sent the whole zone for a change: %s', serving.name, said.group(0))
    named.end()
    server.stop()


def by_dig(stage, serving):
    """dig copies the whole zone; a client without rights gets nothing."""
    server = stage.start('carryall', 'serve', 'dns', '-p', 'tcp:0', '-z', 't.test=t.test.zone',
                         '--transfer', '127.0.0.0/8', runtime=serving)
    port = server.address()[1]
    said = stage.foreign('dig', '@127.0.0.1', '-p', port, 't.test', 'AXFR').decode()
    stage.demand('2008 records' in said, '%s: %s', serving.name, said[-300:])
    said = stage.call('carryall', 'dig', '@127.0.0.1', '-p', port, 't.test', 'AXFR',
                      runtime=serving)
    stage.demand(len(said.splitlines()) == 2007, '%s: dig shows %d lines', serving.name,
                 len(said.splitlines()))
    server.stop()
