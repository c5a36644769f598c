# Copyright the carryall authors.  See LICENSE.
"""The targets of IRC: server, client, grammar."""
from __future__ import absolute_import, division, print_function

from carryall.core.auth.checkers import MemoryChecker
from carryall.core.auth.portal import Portal, Realm
from carryall.core.errors import LocalProtocolError
from carryall.core.future import Return, coroutine
from carryall.protocols.irc import (IRCServer, Mask, ModeTable, Network, Settings, Support, connect,
                                    fold_rfc1459, format_modes, format_offer, normalised_mask,
                                    parse_ctcp, parse_message, parse_offer, safe_name, spans,
                                    split_source, split_text)
from tests.fuzz.target import ClientTarget, GrammarTarget, ServerTarget, lines

__all__ = ['ALL']

# One for all runs: the salts of its accounts are made by chance.
PORTAL = Portal(Realm(), [MemoryChecker({u'ann': b'secret'})])
SETTINGS = Settings(clear_auth=True, mechanisms=(u'PLAIN',), burst=200)
HELLO = [b'NICK ann', b'USER a 0 * :Ann']
SAID = [
    lines(b'CAP LS 302', b'CAP REQ :sasl message-tags labeled-response batch server-time',
          b'AUTHENTICATE PLAIN', b'AUTHENTICATE AGFubgBzZWNyZXQ=', b'CAP END', *HELLO),
    lines(*(HELLO + [b'JOIN #tea,#milk key', b'MODE #tea +ovbkl-t ann ann *!*@x key 5',
                     b'TOPIC #tea :two lumps', b'PRIVMSG #tea,ann :hi', b'MODE #tea b', b'NAMES',
                     b'WHO #tea %tcuhnfar,1', b'LIST >0', b'KICK #tea ann :x', b'JOIN 0'])),
    lines(*(HELLO + [b'@label=1;+x=2 PRIVMSG ann :x', b'WHOIS ann', b'MONITOR + ben,ann',
                     b'MONITOR L', b'AWAY :x', b'SETNAME :y', b'NICK ben', b'WHOWAS ann',
                     b'ISON ann ben', b'USERHOST ben', b'INVITE ben #tea', b'LUSERS', b'MOTD',
                     b'VERSION', b'TIME', b'ADMIN', b'INFO', b'MODE ben +i', b'QUIT :x'])),
    lines(*([b'CAP REQ :batch draft/multiline message-tags draft/extended-isupport', b'ISUPPORT',
             b'CAP END'] + HELLO + [
        b'JOIN #tea', b'MODE #tea +bCMf ~t:5:~m:~a:x 5:10', b'BATCH +1 draft/multiline #tea',
        b'@batch=1 PRIVMSG #tea :x', b'BATCH -1', b'OPER ann secret', b'KLINE 5 *@10.0.0.0/8 :x',
        b'STATS u', b'HELP', b'TRACE', b'SILENCE +ben', b'ACCEPT ben', b'MODE ann +gRTBwx',
        b'KNOCK #tea', b'REGISTER ann * secret', b'REDACT #tea 1', b'MARKREAD #tea',
        b'CHATHISTORY LATEST #tea * 5', b'METADATA * SET url :x'])),
    lines(b'WEBIRC x y z 192.0.2.1', *HELLO),
    [('wait', 70)], lines(*HELLO) + [('wait', 200)]]
HEARD = [
    lines(b':s CAP * LS * :batch sasl=PLAIN', b':s CAP * LS :setname', b':s CAP * ACK :batch',
          b'AUTHENTICATE +', b':s 903 ann :ok', b':s 001 ann :hi', b':s 005 ann CHANTYPES=# :x',
          b':ann!a@h JOIN #tea', b':s 353 ann = #tea :@ann ben', b':s 366 ann #tea :x',
          b':s 311 ann ben b h * :x', b':s 318 ann ben :x', b':s 322 ann #tea 2 :x',
          b':s 323 ann :x', b'ERROR :x'),
    lines(b':s 433 * ann :x', b':s 001 ann_ :x', b':s 473 ann_ #tea :x', b'PING x'),
    lines(b':s 001 ann :x', b':ann!a@h JOIN #tea', b':ben!b@h PRIVMSG ann :\x01VERSION\x01',
          b':ben!b@h NICK bob', b':bob!b@h KICK #tea ann :x', b':s CAP ann NEW :batch',
          b':s CAP ann DEL :batch'),
    lines(b':s 904 * :no', b':s 464 * :no')]
SEEDS = [
    lines(b'@time=1;+a/b=\\s :ann!a@h PRIVMSG #tea :two lumps', b':irc.example 001 ann :hi'),
    lines(b':s 005 ann CASEMAPPING=ascii PREFIX=(ov)@+ CHANMODES=b,k,l,t -EXCEPTS :are supported'),
    lines(b'MODE #tea +ob-v ann *!*@*.example ben', b'PRIVMSG ben :\x01ACTION waves\x01'),
    lines(b'SEND "a b.txt" 2130706433 5000 1024 7', b'RESUME a 5000 9', b'CHAT chat ::1 5000'),
    lines(b'\x02bold\x02 \x0304,12red \x04ff0000x\x0f', b'*a?b*!*@2001:db8::*')]
TOKENS = [b'@', b';', b'=', b'\\s', b'\\', b' ', b' :', b':', b'!', b'*', b'?', b'+', b'-', b'#',
          b'\x01', b'\x03', b'\x04', b'"', b'005 ', b'(', b')', b',', b'\\x20', b'\xc3\xa9', b'\r',
          b'\x00']


def _message(data):
    """A message that can be written is the same when it is read."""
    message = parse_message(data)
    try:
        line = message.to_bytes()
    except LocalProtocolError:
        return message
    assert parse_message(line[:-2]) == message
    return message


def _modes(data):
    words = data.split()
    return format_modes(ModeTable([b'be', b'k', b'l', b'nt'], b'ov').parse(b''.join(words[:1]),
                                                                           words[1:]))


def _mask(data):
    mask = normalised_mask(data[:200])
    return Mask(mask, fold_rfc1459).matches(data)


def _support(data):
    support = Support()
    support.update(data.split())
    return support.members, support.modes, support.split_member(data), support.limits(b'TARGMAX')


def _offer(data):
    offer = parse_offer(data)
    safe_name(offer.name)
    try:
        text = format_offer(offer)
    except LocalProtocolError:
        return offer
    assert parse_offer(text) == offer
    return offer


def _split(data):
    return [split_source(data).to_bytes() == data, list(split_text(data, 7)), parse_ctcp(data)]


@coroutine
def _visit(loop):
    client = yield connect(loop, '127.0.0.1', 2121, nick=b'ann')
    yield client.join(b'#tea')
    yield client.whois(b'ben')
    yield client.list()
    client.say(b'#tea', b'hello')
    yield client.quit()
    raise Return(None)


ALL = [
    ServerTarget('irc', ('protocols/irc/',),
                 lambda run: IRCServer(Network(run.loop, b'irc.example', portal=PORTAL), run.loop,
                                       SETTINGS), SAID, TOKENS),
    ClientTarget('irc-client', ('protocols/irc/',), _visit, HEARD, TOKENS),
    GrammarTarget('irc-grammar', ('protocols/irc/',),
                  [_message, _modes, _mask, _support, _offer, _split, spans], SEEDS, TOKENS),
]
