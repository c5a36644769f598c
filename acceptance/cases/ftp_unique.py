# Copyright the carryall authors.  See LICENSE.
"""carryall ftp: tnftp, inetutils-ftp and Perl's Net::FTP store a file uniquely,
twice under one name."""
import os

PROVES = ['FTP-02']
NEEDS = ['tnftp', 'inetutils-ftp', 'perl']
PACKAGES = {'inetutils-ftp': 'inetutils-ftp', 'perl': 'perl'}
LONG = True

PERL = r'''
use Net::FTP;
my $ftp = Net::FTP->new($ARGV[0], Port => $ARGV[1]) or die "connect";
$ftp->login('twisted', 'twisted') or die $ftp->message;
$ftp->binary;
print $ftp->put_unique($ARGV[2], 'wish-perl'), "\n" for 1, 2;
$ftp->quit;
'''


def run(stage):
    """One server; each client in turn, which sends ``STOU name``."""
    os.mkdir(stage.path('pub'))
    server = stage.start('carryall', 'ftp', '--root', 'pub', '--port', 'tcp:0:interface=127.0.0.1',
                         '--demo-user')
    host, port = server.address()
    content = stage.write('wish', b'unique\n')
    for name, words in (('tnftp', ['-n', host, port]), ('inetutils-ftp', ['-n', host, port])):
        script = 'user twisted twisted\nbinary\nsunique\nput %s wish-%s\nput %s wish-%s\nbye\n' \
            % (content, name, content, name)
        said = stage.foreign(name, *words, data=script.encode('ascii'))
        demand(stage, 'wish-' + name, said)
    said = stage.foreign('perl', '-e', PERL, host, port, content)
    demand(stage, 'wish-perl', said)
    stage.demand(said.split()[1] == b'wish-perl.1' or b'wish-perl.1' in said,
                 'Net::FTP was told %r', said)
    server.stop()


def demand(stage, name, said):
    """Both files are there, and nothing else of the kind."""
    found = sorted(each for each in os.listdir(stage.path('pub')) if each.startswith(name))
    stage.demand(found == [name, name + '.1'], '%s: there are %s; it said %r', name, found, said)
    for each in found:
        stage.demand(stage.read('pub/' + each) == b'unique\n', '%s: other octets', each)
