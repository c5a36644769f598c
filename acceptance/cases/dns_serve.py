# Copyright the carryall authors.  See LICENSE.
"""carryall serve dns: BIND, Knot and our server of each runtime answer the same queries alike.

dig, kdig and drill ask, nsupdate changes the zone, and the change is there after a kill.  The zones
that BIND has signed have NSEC, and NSEC3 with and without opt-out.
"""
import os
import socket
import struct

from carryall.protocols.dns import EDNS, TYPES, format_message, parse_message, parse_name, query

PROVES = ['DNS-01', 'DNS-02', 'DNS-03', 'DNS-04', 'DNS-09']
NEEDS = ['named', 'dig', 'nsupdate', 'knotd', 'kdig', 'drill', 'dnssec-keygen', 'dnssec-signzone']
PACKAGES = {'named': 'bind9', 'dig': 'bind9-dnsutils', 'nsupdate': 'bind9-dnsutils',
            'knotd': 'knot', 'kdig': 'knot-dnsutils', 'drill': 'ldnsutils',
            'dnssec-keygen': 'bind9-utils', 'dnssec-signzone': 'bind9-utils'}
LONG = True
EACH_RUNTIME = False

ZONE = '''$TTL 3600
@ SOA ns1 hostmaster 2026 3600 900 604800 300
 NS ns1
 NS ns2.other.test.
 MX 10 mail
 TXT "hello" ( "more" ; a comment
  "words" )
ns1 A 127.0.0.1
 AAAA ::1
mail 300 A 192.0.2.10
www CNAME web
web A 192.0.2.1
web A 192.0.2.2
ext CNAME www.other.test.
*.wild TXT "wild"
*.wild MX 5 mail
a.b.c A 192.0.2.7
sub NS ns.sub
sub NS ns1
ns.sub A 192.0.2.53
sec NS ns.sec
sec DS 12345 8 2 0101010101010101010101010101010101010101010101010101010101010101
ns.sec A 192.0.2.54
red DNAME blue
host.blue A 192.0.2.77
toblue CNAME host.red
_sip._tcp SRV 1 2 5060 mail
svc HTTPS 1 web alpn=h2
Mixed.Case A 192.0.2.99
''' + ''.join('host%d A 192.0.2.%d\n' % (number, number) for number in range(1, 21))
NAMES = ('@ ns1 www web ext x.wild a.x.wild wild c b.c a.b.c x.a.b.c sub x.sub ns.sub sec '
         'x.sec red host.red nope.red blue host.blue toblue _sip._tcp _tcp svc mixed.case '
         'MIXED.Case case host7 nope x.nope mail').split()
KINDS = 'A AAAA NS SOA MX TXT CNAME DS DNSKEY SRV HTTPS DNAME TYPE777'.split()
ZONES = ('plain.test', 'nsec.test', 'nsec3.test', 'optout.test')
SIGNING = {'nsec.test': [], 'nsec3.test': ['-3', 'aabb', '-H', '2'],
           'optout.test': ['-3', '-', '-A']}
NS = 2
RRSIG = 46
SOA = 6


def run(stage):
    """Compares each server with BIND and with Knot; then updates."""
    zones(stage)
    bind = start_bind(stage)
    knot = start_knot(stage)
    for serving in stage.others:
        words = [word for zone in ZONES for word in ('-z', '%s=%s.zone' % (zone, zone))]
        server = stage.start('carryall', 'serve', 'dns', '-p', 'tcp:0', *words, runtime=serving)
        port = server.address()[1]
        compare(stage, serving.name, port, bind, 'BIND')
        compare(stage, serving.name, port, knot, 'Knot')
        by_programs(stage, serving.name, port)
        by_ours(stage, serving, port)
        server.stop()
        update(stage, serving)


def zones(stage):
    """Writes the plain zone, and lets BIND sign three others."""
    stage.write('plain.test.zone', ZONE.encode())
    for zone in ZONES[1:]:
        keys = []
        for flags in ([], ['-f', 'KSK']):
            name = stage.foreign('dnssec-keygen', '-q', *flags, '-a', 'ECDSAP256SHA256',
                                 zone).decode().strip()
            keys.append(stage.read(name + '.key').decode())
        stage.write(zone, (ZONE + ''.join(keys)).encode())
        stage.foreign('dnssec-signzone', '-q', *SIGNING[zone], '-o', zone, '-f', zone + '.zone',
                      zone)


def start_bind(stage):
    """named on a free port, which is returned."""
    port = stage.free_port()
    text = ('options { directory "%s"; listen-on port %d { 127.0.0.1; }; listen-on-v6 { none; };'
            ' recursion no; pid-file "%s/named.pid"; session-keyfile "%s/session.key";'
            ' notify no; dnssec-validation no; };\ncontrols { };\n'
            % (stage.folder, port, stage.folder, stage.folder))
    for zone in ZONES:
        text += 'zone "%s" { type primary; file "%s.zone"; };\n' % (zone, zone)
    stage.write('named.conf', text.encode())
    server = stage.launch(['named', '-g', '-n', '1', '-c', stage.path('named.conf')], foreign=True)
    server.wait_for('running')
    return port


def start_knot(stage):
    """knotd on a free port, which is returned."""
    port = stage.free_port()
    os.makedirs(stage.path('knot'), exist_ok=True)
    text = ('server:\n  listen: 127.0.0.1@%d\n  rundir: %s\n  udp-workers: 1\n  tcp-workers: 1\n'
            'log:\n - target: stdout\n   any: info\n'
            'database:\n  storage: %s\ntemplate:\n - id: default\n   storage: %s\n'
            '   zonefile-load: whole\n   journal-content: none\nzone:\n'
            % (port, stage.path('knot'), stage.path('knot'), stage.folder))
    for zone in ZONES:
        text += ' - domain: %s\n   file: %s.zone\n' % (zone, zone)
    stage.write('knot.conf', text.encode())
    stage.launch(['knotd', '-c', stage.path('knot.conf')], foreign=True)
    stage.until(lambda: ask(port, query(parse_name('plain.test'), SOA)) is not None, 'knotd')
    return port


def ask(port, message, seconds=2.0):
    """The reply over UDP, or over TCP if it is truncated; None without one."""
    message.number = 4711
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(seconds)
        try:
            sock.connect(('127.0.0.1', port))
            sock.send(format_message(message))
            reply = parse_message(sock.recv(65535))
        except OSError:
            return None
    if not reply.flags & 0x0200:
        return reply
    packet = format_message(message)
    with socket.create_connection(('127.0.0.1', port), timeout=10.0) as sock:
        sock.sendall(struct.pack('!H', len(packet)) + packet)
        data = b''
        while len(data) < 2 or len(data) < 2 + struct.unpack('!H', data[:2])[0]:
            data += sock.recv(65536)
    return parse_message(data[2:])


def rows(records, without=()):
    """The records of a section, which may come in any order."""
    return set((record.name.lower(), record.rtype, record.ttl, record.data.lower()
                if record.rtype != RRSIG else record.data) for record in records
               if record.rtype not in without
               and (record.rtype != RRSIG or covered(record) not in without))


def covered(record):
    """The type that a signature is for."""
    return struct.unpack('!H', record.data[:2])[0]


def compare(stage, name, ours, theirs, who):
    """Asks both servers for each name and type, with and without signatures.

    BIND adds NS to positive answers, and gives the SOA the time 0 when SOA was asked for.  For a
    CNAME below a DNAME, Knot goes on to the target, as it does for other types.
    """
    differing = []
    for zone in ZONES:
        for first in NAMES:
            for kind in KINDS:
                for signed in (False, True):
                    text = zone if first == '@' else '%s.%s' % (first, zone)
                    message = query(parse_name(text), TYPES.get(kind, 777), recurse=False)
                    message.edns = EDNS(1232, flags=0x8000) if signed else None
                    left = ask(ours, message)
                    right = ask(theirs, message)
                    if left is None or right is None:
                        differing.append((text, kind, signed, 'no answer'))
                    elif not alike(left, right, kind, who):
                        differing.append((text, kind, signed, [r.text() for r in left.records()],
                                          [r.text() for r in right.records()]))
    stage.demand(not differing, '%s and %s differ in %d answers: %s', name, who, len(differing),
                 differing[:3])


def alike(left, right, kind, who):
    """True if two replies say the same."""
    if who == 'Knot' and kind == 'CNAME' and 39 in [each.rtype for each in left.answers]:
        return True
    without = (NS,) if left.answers else ()
    if kind == 'SOA':
        without += (SOA,)
    return (left.rcode, left.flags & 0x0400) == (right.rcode, right.flags & 0x0400) \
        and rows(left.answers) == rows(right.answers) \
        and rows(left.authority, without) == rows(right.authority, without)


def by_programs(stage, name, port):
    """dig, kdig and drill read our answers."""
    for argv in (['dig', '@127.0.0.1', '-p', port, '+short', 'host7.plain.test'],
                 ['kdig', '@127.0.0.1', '-p', port, '+short', 'host7.plain.test'],
                 ['kdig', '@127.0.0.1', '-p', port, '+short', '+tcp', 'host7.plain.test'],
                 ['drill', '-Q', '-p', port, '@127.0.0.1', 'host7.plain.test']):
        said = stage.foreign(*argv).decode()
        stage.demand(said.split() == ['192.0.2.7'], '%s tells %s %r', name, argv[0], said)
    said = stage.foreign('dig', '@127.0.0.1', '-p', port, 'plain.test', 'MX', '+cookie').decode()
    stage.demand('(good)' in said and 'malformed' not in said, '%s: %s', name, said)


def by_ours(stage, serving, port):
    """carryall dig shows the same as dig +short."""
    said = stage.call('carryall', 'dig', '@127.0.0.1', '-p', port, 'plain.test', 'MX', '+short',
                      runtime=serving)
    stage.demand(said.split() == ['10', 'mail.plain.test.'], '%s: %r', serving.name, said)


def update(stage, serving):
    """nsupdate with a key adds a record, which is there after kill -9."""
    folder = 'changes-%s' % serving.name
    os.makedirs(stage.path(folder))
    stage.write('keys', b'writer hmac-sha256 MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=\n')
    words = ['carryall', 'serve', 'dns', '-p', 'tcp:0', '-z', 'plain.test=plain.test.zone',
             '--keys', 'keys', '--update', 'key:writer', '--folder', folder]
    server = stage.start(*words, runtime=serving)
    port = server.address()[1]
    change = ('server 127.0.0.1 %d\nzone plain.test\nupdate add new.plain.test 300 A 192.0.2.200\n'
              'update delete mail.plain.test\nsend\n' % port).encode()
    key = 'hmac-sha256:writer:MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI='
    stage.foreign('nsupdate', data=change, status=2)
    wrong = 'hmac-sha256:writer:AAAANDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI='
    stage.foreign('nsupdate', '-y', wrong, data=change, status=2)
    stage.foreign('nsupdate', '-y', key, data=change)
    server.signal('KILL')
    server.wait()
    server = stage.start(*words, runtime=serving)
    port = server.address()[1]
    reply = ask(port, query(parse_name('new.plain.test'), 1))
    stage.demand(reply and [each.data for each in reply.answers] == [b'\xc0\0\2\xc8'],
                 '%s has lost an update', serving.name)
    gone = ask(port, query(parse_name('mail.plain.test'), 1))
    stage.demand(gone and gone.rcode == 3, '%s has a deleted name', serving.name)
    server.stop()
