# Copyright the carryall authors.  See LICENSE.
"""carryall serve ldap: ldap-utils, Perl's Net::LDAP and our client search and change the directory
of each runtime, in clear, by StartTLS and by ldaps."""

PROVES = ['LDP-01', 'LDP-02', 'LDP-03', 'LDP-05', 'LDP-07']
NEEDS = ['ldapsearch', 'perl']
PACKAGES = {'ldapsearch': ('ldap-utils', 'libnet-ldap-perl'), 'perl': 'perl'}
LONG = True
EACH_RUNTIME = False

TOP = 'dc=example,dc=org'
ADMIN = 'cn=admin,' + TOP
SECRET = 'a long secret'
PEOPLE = '''dn: dc=example,dc=org
objectClass: domain

dn: ou=people,dc=example,dc=org
objectClass: organizationalUnit

''' + '\n'.join('''dn: uid=u%d,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
cn: User %d
sn: %s
mail: u%d@example.org
userPassword: pw%d
''' % (number, number, 'even' if number % 2 == 0 else 'odd', number, number)
                                for number in range(20))
CHANGES = '''dn: uid=new,ou=people,dc=example,dc=org
changetype: add
objectClass: inetOrgPerson
cn: New
sn: odd

dn: uid=new,ou=people,dc=example,dc=org
changetype: modify
replace: sn
sn: even
-
add: description
description:: w7ZsZQ==

dn: uid=new,ou=people,dc=example,dc=org
changetype: modrdn
newrdn: uid=newer
deleteoldrdn: 1
'''
PERL = r'''
use strict; use Net::LDAP; use Net::LDAP::Control::Paged; use Net::LDAP::Constant;
my ($host, $port, $ca) = @ARGV;
my $ldap = Net::LDAP->new($host, port => $port, version => 3) or die $@;
sub ok { my ($m, $w) = @_; $m->code and die "$w: " . $m->error; $m }
ok($ldap->start_tls(verify => 'require', cafile => $ca), 'StartTLS');
ok($ldap->bind('cn=admin,dc=example,dc=org', password => 'a long secret'), 'bind');
my $page = Net::LDAP::Control::Paged->new(size => 7); my $count = 0;
while (1) {
  my $r = ok($ldap->search(base => 'dc=example,dc=org', filter => '(uid=u*)', attrs => ['uid'],
                           control => [$page]), 'search');
  $count += $r->entries;
  my ($control) = $r->control(Net::LDAP::Constant::LDAP_CONTROL_PAGED) or last;
  my $cookie = $control->cookie; last unless length $cookie; $page->cookie($cookie);
}
print "count $count\n";
my $e = 'uid=perl,ou=people,dc=example,dc=org';
ok($ldap->add($e, attrs => [objectClass => 'inetOrgPerson', cn => 'Perl', sn => 'x']), 'add');
ok($ldap->modify($e, replace => { sn => 'y' }), 'modify');
print 'compare ', $ldap->compare($e, attr => 'sn', value => 'Y')->code, "\n";
ok($ldap->moddn($e, newrdn => 'uid=pearl', deleteoldrdn => 1), 'moddn');
ok($ldap->delete('uid=pearl,ou=people,dc=example,dc=org'), 'delete');
my $s = $ldap->schema or die 'no schema';
print 'schema ', scalar($s->all_attributes), ' ', $s->attribute('cn')->{oid}, "\n";
ok($ldap->unbind, 'unbind');
print "done\n";
'''


def run(stage):
    """Each server in turn."""
    stage.write('people.ldif', PEOPLE.encode())
    stage.write('perl.pl', PERL.encode())
    stage.call('carryall', 'cert', 'make', '--ca', 'ca.pem', '-o', 'server.pem', '127.0.0.1',
               'localhost')
    for serving in stage.others:
        server = stage.start(
            'carryall', 'serve', 'ldap', '-p', 'tcp:0', '--ldif', 'people.ldif',
            '--admin', 'admin=' + SECRET, '--certificate', 'server.pem', '--key',
            'server.key',
            '--password-rounds', '1000', runtime=serving)
        host, port = server.address()
        by_utils(stage, serving.name, 'ldap://%s:%d' % (host, port))
        by_perl(stage, serving.name, host, port)
        for asking in stage.others:
            by_ours(stage, '%s asking %s' % (asking.name, serving.name),
                    'ldap://%s:%d' % (host, port), asking)
        server.stop()


def by_utils(stage, name, url):
    """Drives each program of ldap-utils."""
    def call(program, *words, status=0, login=ADMIN, secret=SECRET):
        return stage.foreign(program, '-x', '-H', url, '-D', login, '-w', secret, *words,
                             status=status).decode()

    def demand(said, *parts):
        missing = [part for part in parts if part not in said]
        stage.demand(not missing, '%s says %r, without %r', name, said, missing)

    demand(call('ldapwhoami'), 'dn:' + ADMIN)
    found = call('ldapsearch', '-LLL', '-b', TOP, '-E', 'pr=6/noprompt', '(sn=even)', 'uid')
    stage.demand(found.count('dn:') == 10, '%s gives ldapsearch %r', name, found)
    demand(call('ldapsearch', '-LLL', '-b', '', '-s', 'base', '+'), 'namingContexts: ' + TOP,
           'supportedControl: 1.2.840.113556.1.4.319')
    stage.write('changes.ldif', CHANGES.encode())
    call('ldapmodify', '-f', stage.path('changes.ldif'))
    newer = 'uid=newer,ou=people,' + TOP
    demand(call('ldapsearch', '-LLL', '-b', newer), 'sn: even', 'description:: w7ZsZQ==')
    demand(call('ldapcompare', newer, 'sn:EVEN', status=6), 'TRUE')
    call('ldappasswd', '-s', 'one', newer)
    demand(call('ldapwhoami', login=newer, secret='one'), 'dn:' + newer)
    call('ldapwhoami', login=newer, secret='two', status=49)
    call('ldapdelete', newer, login='uid=u1,ou=people,' + TOP, secret='pw1', status=50)
    call('ldapdelete', newer)
    call('ldapsearch', '-b', newer, status=32)


def by_perl(stage, name, host, port):
    """Drives Net::LDAP under StartTLS."""
    said = stage.foreign('perl', stage.path('perl.pl'), host, str(port),
                         stage.path('ca.pem')).decode()
    for part in ('count 20', 'compare 6', ' 2.5.4.3', 'done'):
        stage.demand(part in said, '%s tells Net::LDAP %r, without %r', name, said, part)


def by_ours(stage, name, url, asking):
    """Searches with our client."""
    said = stage.call('carryall', 'ldap', 'search', '-H', url, '(uid=u7)', 'mail', runtime=asking)
    stage.demand('mail: u7@example.org' in said, '%s: %r', name, said)
