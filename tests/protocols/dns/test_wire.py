# Copyright the carryall authors.  See LICENSE.
"""Messages: octets to values and back; what is malformed is refused."""
from __future__ import absolute_import, division, print_function

import struct

import pytest

from carryall.core.errors import LocalProtocolError
from carryall.protocols.dns import (AA, DNSError, EDNS, Message, QR, Question, RD, ResourceRecord,
                                    TC, format_message, parse_message, parse_name, rdata_of)

NAME = parse_name(u'www.example.')
QUERY = b'\x12\x34\1\0\0\1\0\0\0\0\0\0' + NAME + b'\0\1\0\1'


def answer(count=2):
    message = Message(7, QR | AA)
    message.questions = [Question(NAME, 15)]
    for number in range(count):
        message.answers.append(ResourceRecord(NAME, 15, 1, 60, rdata_of(
            15, u'%d mx%d.example.' % (number, number))))
    message.authority = [ResourceRecord(parse_name(u'example.'), 2, 1, 60, rdata_of(
        2, u'ns.example.'))]
    message.additional = [ResourceRecord(parse_name(u'mx0.example.'), 1, 1, 60, b'\1\2\3\4')]
    message.edns = EDNS(1232)
    return message


def texts(message):
    return [record.text() for record in message.records()]


def test_a_query_is_read():
    message = parse_message(QUERY)
    assert message.number == 0x1234
    assert message.flags == RD
    assert message.questions[0].text() == u'www.example. IN A'
    assert format_message(message) == QUERY


def test_a_message_is_the_same_after_octets():
    message = answer()
    again = parse_message(format_message(message))
    assert texts(again) == texts(message)
    assert again.edns.payload == 1232
    assert again.flags == QR | AA


def test_names_are_compressed_where_rfc_3597_allows_it():
    packet = format_message(answer())
    assert packet.count(b'\7example') == 1
    message = Message()
    message.answers = [ResourceRecord(NAME, 33, 1, 0, rdata_of(33, u'1 2 3 www.example.'))]
    assert format_message(message).count(b'\7example') == 2, 'RFC 2782: not in SRV'


def test_a_compressed_name_keeps_its_case():
    message = Message()
    message.questions = [Question(parse_name(u'WWW.example.'), 2)]
    message.answers = [ResourceRecord(parse_name(u'www.EXAMPLE.'), 2, 1, 0,
                                      rdata_of(2, u'www.example.'))]
    found = parse_message(format_message(message)).answers[0]
    assert found.text() == u'www.EXAMPLE. 0 IN NS www.example.'


@pytest.mark.parametrize('size', [60, 100, 120, 140])
def test_a_cut_message_is_marked(size):
    packet = format_message(answer(10), size)
    assert len(packet) <= size
    found = parse_message(packet)
    assert found.flags & TC
    assert found.edns is not None
    assert found.answers == [], 'a part of a set is none'


def test_additional_records_may_be_missing_unmarked():
    whole = format_message(answer())
    packet = format_message(answer(), len(whole) - 1)
    assert not parse_message(packet).flags & TC
    assert parse_message(packet).additional == []
    message = answer()
    message.glue = 1
    assert parse_message(format_message(message, len(whole) - 1)).flags & TC, 'RFC 9471'


def test_a_question_that_does_not_fit_is_refused():
    with pytest.raises(LocalProtocolError):
        format_message(answer(), 20)


def test_every_shorter_message_is_refused():
    packet = format_message(answer())
    for size in range(len(packet)):
        with pytest.raises(DNSError):
            parse_message(packet[:size])


OPT = b'\0\0\x29\4\xd0\0\0\0\0\0\0'
SIGNATURE = b'\0\0\xfa\0\xff\0\0\0\0\0\0'


@pytest.mark.parametrize('packet', [
    QUERY + b'x', QUERY[:4] + b'\0\2' + QUERY[6:], QUERY[:4] + b'\xff\xff' + QUERY[6:],
    QUERY[:6] + b'\xff\xff' + QUERY[8:], QUERY[:10] + b'\0\2' + QUERY[12:] + OPT + OPT,
    QUERY[:10] + b'\0\1' + QUERY[12:] + b'\1a' + OPT,
    QUERY[:10] + b'\0\2' + QUERY[12:] + SIGNATURE + OPT,
    QUERY[:10] + b'\0\1' + QUERY[12:] + OPT[:-2] + b'\0\3\0\x0a\0',
    QUERY[:10] + b'\0\1' + QUERY[12:] + OPT[:-2] + b'\0\4\0\x0a\0\1',
    QUERY[:10] + b'\0\1' + QUERY[12:] + OPT[:-2] + b'\1\x04' + b'\xff\xff\0\0' * 65,
    QUERY[:6] + b'\0\1' + QUERY[8:] + b'\xc0\x0c\0\1\0\1\0\0\0\0\0\5\1\2\3\4'])
def test_a_malformed_message_is_refused(packet):
    with pytest.raises(DNSError):
        parse_message(packet)


def test_two_questions_are_refused():
    """RFC 9619."""
    with pytest.raises(DNSError):
        parse_message(QUERY[:4] + b'\0\2' + QUERY[6:] + NAME + b'\0\1\0\1')


def test_thousands_of_pointers_are_followed_once():
    """A message of 64 KB whose names all are chains of pointers."""
    names = b'\0' + b''.join(struct.pack('!H', 0xc000 | (12 if at < 2 else 11 + 2 * (at - 1)))
                             for at in range(1, 128))
    head = b'\0\0\x80\0\0\0' + struct.pack('!H', 5000) + b'\0\0\0\0'
    record = b'\xc0\x0c\0\1\0\1\0\0\0\0\0\4\1\2\3\4'
    with pytest.raises(DNSError):
        parse_message(head + names + record * 3000)


def test_an_empty_record_of_an_update_is_read():
    message = Message(1, 5 << 11)
    message.questions = [Question(parse_name(u'example.'), 6)]
    message.authority = [ResourceRecord(NAME, 1, 255, 0, b'')]
    found = parse_message(format_message(message))
    assert found.authority[0].data == b''


def test_the_upper_bits_of_a_code_are_in_edns():
    message = answer(0)
    message.rcode = 23
    assert parse_message(format_message(message)).rcode == 23
