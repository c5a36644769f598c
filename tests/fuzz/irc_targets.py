# Copyright the carryall authors.  See LICENSE.
"""The target of IRC: its grammar."""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import LocalProtocolError
from carryall.protocols.irc import (Mask, ModeTable, Support, fold_rfc1459, format_modes,
                                    format_offer, normalised_mask, parse_ctcp, parse_message,
                                    parse_offer, safe_name, spans, split_source, split_text)
from tests.fuzz.target import GrammarTarget, lines

__all__ = ['ALL']

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


ALL = [GrammarTarget('irc-grammar', ('protocols/irc/',),
                     [_message, _modes, _mask, _support, _offer, _split, spans], SEEDS, TOKENS)]
