# Copyright the carryall authors.  See LICENSE.
"""carryall serve news: Python 3.11's nntplib and Perl's Net::NNTP read and post on each runtime.

The server is then killed, and has every article when it starts again.
"""

PROVES = ['NNT-01', 'NNT-02', 'NNT-03', 'NNT-08', 'NNT-12']
NEEDS = ['perl', 'python3.11']
PACKAGES = {'perl': 'perl-modules-5.36', 'python3.11': 'python3.11'}
EACH_RUNTIME = False

NNTPLIB = r'''
import io, nntplib, sys, warnings
server = nntplib.NNTP(sys.argv[1], int(sys.argv[2]))
server.post(io.BytesIO(b"From: a@example.org\nNewsgroups: local.tea\nSubject: by nntplib\n"
                       b"Message-ID: <lib@example.org>\n\n.dots\n..\n"))
print(server.group("local.tea")[1:])
response, rows = server.over((1, 9))
for number, fields in rows:
    print(number, fields["subject"], fields["message-id"], fields[":lines"])
print(server.body("<lib@example.org>")[1].lines)
print([group.group for group in server.list()[1]])
print(server.descriptions("local.*")[1])
print(server.newnews("local.*", __import__("datetime").datetime(2020, 1, 1))[1])
print(server.xhdr("subject", "1-")[1])
print("READER" in server.getcapabilities(), server.stat("<lib@example.org>")[1:])
print(server.quit())
'''
PERL = r'''
use Net::NNTP;
my $server = Net::NNTP->new($ARGV[0], Port => $ARGV[1], Timeout => 30) or die "no server: $@";
$server->post("From: b\@example.org\n", "Newsgroups: local.tea\n", "Subject: by perl\n",
              "Message-ID: <perl\@example.org>\n", "\n", ".dots\n") or die $server->message;
my ($count, $first, $last) = $server->group("local.tea");
print "group $count $first $last\n";
my $rows = $server->xover([$first, $last]);
print "$_ $rows->{$_}[0]\n" for sort keys %$rows;
print "body ", @{$server->body("<perl\@example.org>")};
print "id ", $server->nntpstat(1), "\n";
my $active = $server->list;
print "list ", join(",", sort keys %$active), "\n";
my $found = $server->xpat("Subject", "*perl*", [$first, $last]);
print "xpat ", join(",", %$found), "\n";
$server->quit;
'''


def run(stage):
    """The server of each runtime."""
    for serving in stage.others:
        folder = 'news-%s' % serving.name
        words = ('carryall', 'serve', 'news', '-p', 'tcp:0', '-d', folder, '--group',
                 'local.tea=About tea')
        server = stage.start(*words, runtime=serving)
        host, port = server.address()
        by_nntplib(stage, serving.name, host, port)
        by_perl(stage, serving.name, host, port)
        server.signal('KILL')
        server.wait()
        server = stage.start(*words, runtime=serving)
        host, port = server.address()
        said = stage.foreign('python3.11', '-W', 'ignore', '-c', KEPT, host, port).decode()
        stage.demand(said.split() == ['2', '1', '2'], '%s has %r after a kill', serving.name, said)
        server.stop()


KEPT = r'''
import nntplib, sys
server = nntplib.NNTP(sys.argv[1], int(sys.argv[2]))
print(*server.group("local.tea")[1:4])
for name in ("<lib@example.org>", "<perl@example.org>"):
    server.article(name)
server.quit()
'''


def by_nntplib(stage, name, host, port):
    """Reads and posts with Python's module."""
    said = stage.foreign('python3.11', '-W', 'ignore', '-c', NNTPLIB, host, port).decode()
    for part in ("(1, 1, 1, 'local.tea')", '1 by nntplib <lib@example.org> 2',
                 "[b'.dots', b'..']", "['local.tea']", "{'local.tea': 'About tea'}",
                 "['<lib@example.org>']", "[('1', 'by nntplib')]",
                 "True (0, '<lib@example.org>')", '205 '):
        stage.demand(part in said, '%s tells nntplib %r, without %r', name, said, part)


def by_perl(stage, name, host, port):
    """Reads and posts with Net::NNTP."""
    said = stage.foreign('perl', '-e', PERL, host, port).decode()
    for part in ('group 2 1 2\n', '1 by nntplib\n', '2 by perl\n', 'body .dots\n',
                 'id <lib@example.org>\n', 'list local.tea\n', 'xpat 2,by perl\n'):
        stage.demand(part in said, '%s tells Net::NNTP %r, without %r', name, said, part)
