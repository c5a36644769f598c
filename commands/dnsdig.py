# Copyright the carryall authors.  See LICENSE.
"""`carryall dig [@SERVER] NAME [TYPE] [+OPTION]`: asks a name server, and shows the whole answer.

    carryall dig @192.0.2.53 example.org MX         carryall dig example.org +short
    carryall dig -x 192.0.2.1                       carryall dig @ns1.example.org example.org AXFR

Status:   0 an answer came, whatever it says; 1 none did; 2 the command line is wrong; 130 Ctrl-C.
Tests:    tests/commands/test_dnsdig.py
"""
from __future__ import absolute_import, division, print_function

import sys

from carryall.app.options import Argument, Flag, HelpRequested, Option, Schema
from carryall.app.optiontypes import Integer, Path, Port, Seconds, Text
from carryall.commands.console import complain, show_help, write_all
from carryall.core.compat import native
from carryall.core.errors import CarryallError, LocalProtocolError, UsageError
from carryall.core.future import Return, coroutine, with_timeout
from carryall.core.net import ip
from carryall.core.tls import TLSContext
from carryall.protocols.dns import (CD, COOKIE, DO, EDNS, NSID, PORT, ROOT, DNSError, KeyRing,
                                    Message, ResourceRecord, connect, exchange, exchange_tcp,
                                    format_message, format_rdata, parse_message, parse_name,
                                    query, rdata_of, type_number)
from carryall.protocols.http.client import HTTPClient
from carryall.runtimes import choose
from carryall.services.dns.digtext import reply_text, reverse_name
from carryall.services.dns.nameservers import system_servers
from carryall.services.dns.zonefiles import load_keys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Sequence, Tuple
    from carryall.app.optionvalues import OptionValues

__all__ = ['SCHEMA', 'SUMMARY', 'TRAILER', 'main']

# -- limits ------------------------------------------------------------------
MAX_STEPS = 20              # of +trace, from the root down
MAX_REPLY = 65535           # octets of an answer over HTTPS

TLS_PORT = 853
HTTPS_PATH = u'/dns-query'
SUMMARY = u'Asks a name server, and shows its answer as dig does.'
SWITCHES = (u'short', u'tcp', u'tls', u'https', u'dnssec', u'trace', u'recurse', u'edns', u'nsid',
            u'cookie', u'cdflag')
TRAILER = (u'+short    the data of the answers alone     +dnssec   ask for signatures\n'
           u'+tcp      over TCP                          +tls      over TLS, port 853\n'
           u'+https    over HTTPS, path /dns-query       +trace    from the root servers down\n'
           u'+nsid     ask for the name of the server    +cookie   send a cookie\n'
           u'+norecurse, +noedns                         +cdflag   no checking by the server\n'
           u'type: A unless given; AXFR or IXFR=SERIAL transfer a zone\n'
           u'status: 0 an answer came, whatever it says; 1 none did;\n'
           u'        2 the command line is wrong')


SCHEMA = Schema([
    Option('port', Port(1), short='p', help='port of the server; 53, or 853 for +tls'),
    Option('type', Text(1, 20), short='t', help='record type'),
    Option('reverse', Text(1, 64, 'ADDRESS'), short='x', help='ask for the name of an address'),
    Option('keys', Path('file'), short='k',
           help='file of TSIG keys: a name, an algorithm and a secret in base 64; the first signs'),
    Option('trust', Path('file'), help='PEM file of the authorities to trust with +tls and +https'),
    Flag('insecure', help='take any certificate'),
    Option('tries', Integer(1, 20), default='2', help='times that a server is asked over UDP'),
    Option('timeout', Seconds(0.001), default='5s', help='how long one answer may take'),
    Option('backend', Text(1, 30, 'NAME'),
           help='the loop to run on; "carryall runtimes" lists them'),
], arguments=[Argument('words', Text(1, 1100), required=False, repeat=True,
                       help='@SERVER, a name, a type, and options that begin with +')],
    examples=[('carryall dig @127.0.0.1 -p 5353 example.org MX', 'a server on another port'),
              ('carryall dig example.org AAAA +short', 'the addresses alone')])


class Query(object):
    """The question of a command line.

    Attributes:
        server: text, or None for that of the machine.
        name: octets; rtype: a number; serial: of IXFR, or None.
        switches: the words behind +, without it.
    """

    def __init__(self, options):
        # type: (OptionValues) -> None
        self.server = None              # type: Any
        self.serial = None              # type: Any
        self.switches = {u'recurse': True, u'edns': True}
        name = None                     # type: Any
        kind = options.type
        for word in options.words:
            if word.startswith(u'@') and len(word) > 1:
                self.server = word[1:]
            elif word.startswith(u'+'):
                self._switch(word[1:])
            elif kind is None and name is not None and _is_type(word):
                kind = word
            elif name is None:
                name = word
            else:
                raise UsageError(u'"%s" is one word too many' % word)
        if options.reverse is not None:
            name = reverse_name(options.reverse)
            kind = kind or u'PTR'
        elif name is not None and kind is None and _is_type(name) and u'.' not in name:
            name, kind = u'.', name     # "dig NS" asks for the root's
        try:
            self.name = ROOT if name is None else parse_name(name)
            self.rtype = self._type(kind or (u'NS' if name is None else u'A'))
        except LocalProtocolError as exc:
            raise UsageError(exc.message)

    def _switch(self, word):
        # type: (str) -> None
        on = not (word.startswith(u'no') and word[2:] in SWITCHES)
        name = word if on else word[2:]
        if name not in SWITCHES:
            raise UsageError(u'+%s is unknown; --help lists the options' % word)
        self.switches[name] = on

    def _type(self, text):
        # type: (str) -> int
        name, equals, serial = text.partition(u'=')
        if name.upper() == u'IXFR':
            if not serial.isdigit() or int(serial) >= 1 << 32:
                raise UsageError(u'IXFR needs the serial number that you have: IXFR=2026010101')
            self.serial = int(serial)
        elif equals:
            raise UsageError(u'"%s" is no record type' % text)
        return type_number(name)

    def has(self, name):
        # type: (str) -> bool
        """True if the switch is on."""
        return bool(self.switches.get(name))

    def message(self):
        # type: () -> Message
        """The message to send."""
        edns = self.has(u'edns') or self.has(u'dnssec')
        message = query(self.name, self.rtype, recurse=self.has(u'recurse'), edns=edns)
        if self.has(u'cdflag'):
            message.flags |= CD
        if edns:
            given = []                  # type: List[Tuple[int, bytes]]
            if self.has(u'nsid'):
                given.append((NSID, b''))
            if self.has(u'cookie'):
                given.append((COOKIE, b'carryall'))
            message.edns = EDNS(flags=DO if self.has(u'dnssec') else 0, options=given)
        return message


def _is_type(word):
    # type: (str) -> bool
    try:
        type_number(word.partition(u'=')[0])
    except LocalProtocolError:
        return False
    return True


def main(words):
    # type: (Sequence[Any]) -> int
    """The command, with the words after its name."""
    try:
        options = SCHEMA.parse(words)
    except HelpRequested as asked:
        return show_help(asked, u'carryall dig', SCHEMA, SUMMARY, TRAILER)
    asked = Query(options)
    keys = load_keys(options.keys)
    loop = choose(options.backend and native(options.backend))
    try:
        return loop.run_until(_run(loop, options, asked, keys))
    except CarryallError as exc:
        if isinstance(exc, UsageError):
            raise
        complain(u'carryall dig', exc.message)
        return 1
    finally:
        loop.close()


@coroutine
def _run(loop, options, asked, keys):
    # type: (Any, OptionValues, Query, KeyRing) -> Any
    """A Future of the command's status."""
    if asked.has(u'trace'):
        yield _trace(loop, options, asked)
        raise Return(0)
    server = yield _address(loop, options, asked)
    began = loop.time()
    signer = keys.first() if len(keys) else None
    if asked.rtype in (251, 252):
        yield _transfer(loop, options, asked, server, signer)
        raise Return(0)
    reply = yield _asked(loop, options, asked, server, asked.message(), signer)
    if asked.has(u'short'):
        _show(u''.join(format_rdata(each.rtype, each.data) + u'\n' for each in reply.answers))
    else:
        _show(reply_text(reply, u'%s#%d' % server, 1000 * (loop.time() - began)))
    raise Return(0)


@coroutine
def _address(loop, options, asked):
    # type: (Any, OptionValues, Query) -> Any
    """A Future of the server's (numeric host, port)."""
    port = PORT
    if asked.has(u'tls'):
        port = TLS_PORT
    elif asked.has(u'https'):
        port = 443
    port = options.port or port
    if asked.server is None:
        servers = system_servers()
        if not servers:
            raise UsageError(u'this machine has no name server; give one: @192.0.2.53')
        raise Return((servers[0][0], options.port or servers[0][1]))
    host = native(asked.server.encode('ascii', 'replace').decode('ascii'))
    found = ip.canonical(host)
    if found is None:
        addresses = yield loop.resolve(host, port)
        found = addresses[0].host
    raise Return((found, port))


@coroutine
def _asked(loop, options, asked, server, message, signer):
    # type: (Any, OptionValues, Query, Any, Message, Any) -> Any
    """A Future of the reply, over the transport of the switches."""
    if asked.has(u'https'):
        reply = yield _over_https(loop, options, asked, server, message)
        raise Return(reply)
    tls = None
    if asked.has(u'tls'):
        tls = TLSContext(trust=options.trust, verify=not options.insecure)
    if tls is not None:
        hostname = native(asked.server) if asked.server else server[0]
        client = yield connect(loop, server[0], server[1], tls=tls, timeout=options.timeout,
                               hostname=hostname)
        try:
            reply = yield with_timeout(loop, client.ask(message, signer), options.timeout,
                                       u'no answer')
        finally:
            client.close()
        raise Return(reply)
    if asked.has(u'tcp'):
        reply = yield exchange_tcp(loop, server, message, options.timeout, signer)
        raise Return(reply)
    fault = None                        # type: Any
    for _ in range(options.tries):
        try:
            reply = yield exchange(loop, server, message, options.timeout, signer)
            raise Return(reply)
        except DNSError:
            raise
        except CarryallError as exc:
            fault = exc
    raise fault


@coroutine
def _over_https(loop, options, asked, server, message):
    # type: (Any, OptionValues, Query, Any, Message) -> Any
    """A Future of the reply to a POST (RFC 8484 section 4.1)."""
    host = asked.server or server[0]
    if u':' in host:
        host = u'[%s]' % host
    client = HTTPClient(loop, tls=TLSContext(trust=options.trust, verify=not options.insecure))
    try:
        response = yield with_timeout(loop, client.request(
            u'POST', u'https://%s:%d%s' % (host, server[1], HTTPS_PATH),
            headers=[(b'Content-Type', b'application/dns-message'),
                     (b'Accept', b'application/dns-message')],
            body=format_message(message)), options.timeout, u'no answer')
        data = yield response.read_all(MAX_REPLY)
    finally:
        client.close()
    if response.status != 200:
        raise DNSError(u'the server answers with the status %d' % response.status)
    raise Return(parse_message(data))


@coroutine
def _transfer(loop, options, asked, server, signer):
    # type: (Any, OptionValues, Query, Any, Any) -> Any
    """Shows a whole zone, or its changes."""
    tls = None
    if asked.has(u'tls'):
        tls = TLSContext(trust=options.trust, verify=not options.insecure)
    hostname = native(asked.server) if asked.server else server[0]
    client = yield connect(loop, server[0], server[1], tls=tls, timeout=options.timeout,
                           hostname=hostname)
    soa = None
    if asked.serial is not None:
        soa = _soa_of(asked.name, asked.serial)
    try:
        reader = yield client.transfer(asked.name, soa, signer)
    finally:
        client.close()
    if reader.zone is not None:
        for record in reader.zone.records():
            _show(record.text() + u'\n')
    for change in reader.changes:
        _show(u''.join(u'- %s\n' % record.text() for record in change.removed))
        _show(u''.join(u'+ %s\n' % record.text() for record in change.added))
    if reader.current:
        _show(u';; the zone has not changed\n')


def _soa_of(name, serial):
    # type: (bytes, int) -> Any
    return ResourceRecord(name, 6, 1, 0, rdata_of(6, u'. . %d 0 0 0 0' % serial))


@coroutine
def _trace(loop, options, asked):
    # type: (Any, OptionValues, Query) -> Any
    """Asks from the root down, and shows each referral."""
    server = yield _address(loop, options, asked)
    first = query(ROOT, 2)
    reply = yield exchange(loop, server, first, options.timeout)
    addresses = yield _glue(loop, options, reply, reply.answers, server)
    _show(_rows(reply.answers, server))
    for _ in range(MAX_STEPS):
        if not addresses:
            raise DNSError(u'no server of the zone has an address')
        place = (addresses[0], options.port or PORT)
        message = query(asked.name, asked.rtype, recurse=False)
        reply = yield exchange(loop, place, message, options.timeout)
        if reply.answers or reply.rcode or not any(each.rtype == 2 for each in reply.authority):
            _show(_rows(reply.answers or reply.authority, place))
            return
        referral = [each for each in reply.authority if each.rtype == 2]
        _show(_rows(referral, place))
        addresses = yield _glue(loop, options, reply, referral, server)
    raise DNSError(u'more than %d referrals' % MAX_STEPS)


@coroutine
def _glue(loop, options, reply, servers, resolver):
    # type: (Any, OptionValues, Message, List[Any], Any) -> Any
    """A Future of the addresses of name servers: from the reply, or from the resolver."""
    names = set(each.data.lower() for each in servers if each.rtype == 2)
    found = [u'%s' % format_rdata(each.rtype, each.data) for each in reply.additional
             if each.rtype == 1 and each.name.lower() in names]
    for name in sorted(names):
        if found:
            break
        answer = yield exchange(loop, resolver, query(name, 1), options.timeout)
        found = [format_rdata(1, each.data) for each in answer.answers if each.rtype == 1]
    raise Return([native(each) for each in found])


def _rows(records, server):
    # type: (List[Any], Any) -> str
    return u''.join(each.text() + u'\n' for each in records) \
        + u';; %d records from %s#%d\n\n' % (len(records), server[0], server[1])


def _show(text):
    # type: (str) -> None
    write_all(sys.stdout, text)
