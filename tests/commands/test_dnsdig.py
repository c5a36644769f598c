# Copyright the carryall authors.  See LICENSE.
"""`carryall dig` asks a server; the examples are a server and a client too."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall import runtimes
from carryall.commands import dnsdig
from carryall.core.errors import UsageError
from carryall.core.testing import VirtualLoop
from carryall.protocols.dns import (AccessRules, Authority, DNSDatagrams, DNSServer, MasterFile,
                                    Zone, Zones, parse_name)
from tests.support.examples import Standing

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ZONE = (b'$TTL 60\n@ SOA ns a 1 2 3 4 5\n NS ns\n MX 5 ns\nns A 127.0.0.1\n'
        b'1.0.0.127.in-addr.arpa. PTR x\nwww CNAME ns\n')


class Everything(AccessRules):
    """Lets every client transfer."""

    def may_transfer(self, zone, host, key):
        return True


@pytest.fixture
def loop(monkeypatch):
    """The loop of the command, with a server."""
    made = VirtualLoop()
    monkeypatch.setattr(dnsdig, 'choose', lambda backend: Standing(made))
    zones = Zones()
    for name in (u'.', u'example.'):
        zone = Zone(parse_name(name))
        for record in MasterFile(ZONE, zone.origin):
            zone.add(record)
        zones.put(zone)
    authority = Authority(zones, made, None, Everything())
    made.open_udp(lambda: DNSDatagrams(authority), '127.0.0.1', 53)
    made.listen_tcp(lambda: DNSServer(authority, made), '127.0.0.1', 53)
    return made


def run(capsys, *words):
    """(status, stdout, stderr) of the command."""
    status = dnsdig.main(['@127.0.0.1'] + list(words))
    out, err = capsys.readouterr()
    return status, out, err


@pytest.mark.parametrize('words, out', [
    (['example', 'MX', '+short'], '5 ns.example.\n'),
    (['www.example', '+short'], 'ns.example.\n127.0.0.1\n'),
    (['example', 'MX', '+short', '+tcp'], '5 ns.example.\n'),
    (['-x', '127.0.0.1', '+short'], 'x.\n'), (['+short'], 'ns.\n'), (['NS', '+short'], 'ns.\n'),
    (['none.example', '+short'], ''), (['-t', 'SOA', 'example', '+short'],
                                       'ns.example. a.example. 1 2 3 4 5\n')])
def test_the_data_alone_are_shown(loop, capsys, words, out):
    assert run(capsys, *words) == (0, out, '')


@pytest.mark.parametrize('words, part', [
    (['example', 'MX'], 'example.\t60\tIN\tMX\t5 ns.example.'), (['x.example'], 'NXDOMAIN'),
    (['example', '+dnssec'], 'flags: do;'), (['example', '+cookie'], 'COOKIE: 6361727279616c6c'),
    (['example', '+noedns'], 'ADDITIONAL: 0'), (['example', '+norecurse', '+cdflag'], 'aa cd;')])
def test_a_whole_answer_is_shown(loop, capsys, words, part):
    status, out, err = run(capsys, *words)
    assert status == 0
    assert part in out


def test_a_zone_is_transferred(loop, capsys):
    status, out, _ = run(capsys, 'example', 'AXFR')
    assert status == 0
    assert out.startswith('example. 60 IN SOA ns.example. a.example. 1 2 3 4 5\n')
    assert len(out.splitlines()) == 5
    assert run(capsys, 'example', 'IXFR=1')[1] == ';; the zone has not changed\n'


def test_a_trace_goes_from_the_root_down(loop, capsys):
    status, out, _ = run(capsys, 'example', 'MX', '+trace')
    assert status == 0
    assert out.startswith('. 60 IN NS ns.\n')
    assert 'example. 60 IN MX 5 ns.example.\n' in out


def test_a_server_that_does_not_answer_is_a_failure(loop, capsys):
    status = dnsdig.main(['@127.0.0.2', '-p', '5399', 'example', '--timeout', '1', '+tcp'])
    assert status == 1
    assert capsys.readouterr()[1].startswith('carryall dig: ')


@pytest.mark.parametrize('words', [['a', 'MX', 'b'], ['+what'], ['a..b'], ['a', 'IXFR'],
                                   ['a', 'IXFR=x'], ['-x', 'host'], ['-t', 'NOTYPE', 'a'],
                                   ['a', '-t', 'A=1']])
def test_a_wrong_command_line_is_told(words):
    with pytest.raises(UsageError):
        dnsdig.main(words)


def test_the_examples_work_together(capsys, monkeypatch):
    loop = VirtualLoop()
    monkeypatch.setattr(runtimes, 'choose', lambda *args: Standing(loop))
    for name in ('simpledns', 'dnstest'):
        path = os.path.join(ROOT, 'doc', 'examples', name + '.py')
        with open(path, 'rb') as source:
            eval(compile(source.read(), path, 'exec'), {'__name__': '__main__'})
    assert capsys.readouterr()[0] == ('www.example.org. 3600 IN A 192.0.2.1\n'
                                      'example.org. 3600 IN MX 10 mail.example.org.\n')
