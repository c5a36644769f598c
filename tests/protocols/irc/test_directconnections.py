# Copyright the carryall authors.  See LICENSE.
"""DCC between two clients on one virtual network, and offers of hostile peers."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.core.errors import TimedOut
from carryall.core.net.protocol import Protocol
from carryall.core.testing import NullTLS, VirtualLoop
from carryall.core.tls import TLSContext
from carryall.protocols.irc import DCCError, DirectConnections, Support, format_ctcp, parse_message
from carryall.protocols.irc.directconnections import MAX_OFFERS, MAX_OURS

CAKE = bytes(bytearray(range(256))) * 600       # more than one read of a transport


class FakeClient(object):
    """An IRCClient as far as direct connections need one; its lines reach the others."""

    def __init__(self, nick):
        self.nick = nick
        self.support = Support()
        self.others = {}
        self.sent = []

    def send(self, command, target, text):
        """Brings a message to another."""
        self.sent.append((command, target, text))
        if target in self.others:
            self.others[target].hear(self.nick, text, command)


class Side(object):
    """One of two clients."""

    def __init__(self, loop, nick, folder, **options):
        self.loop = loop
        self.client = FakeClient(nick)
        self.offers = []
        self.direct = DirectConnections(loop, self.client, folder, self.offers.append, **options)

    def hear(self, nick, text, command=b'PRIVMSG'):
        """A message of a nick comes."""
        line = b':' + nick + b'!u@h ' + command + b' ' + self.client.nick + b' :' + text
        return self.direct.received(self.client, parse_message(line))

    def offer(self, text, nick=b'eve'):
        """A peer that is not there offers something; the text of CTCP DCC."""
        return self.hear(nick, format_ctcp(b'DCC', text))


class Pair(object):
    """ann and ben, with a folder each, and a file of ann."""

    def __init__(self, tmpdir, data=CAKE, tls=None, **options):
        self.loop = VirtualLoop(tls=tls)
        self.folders = [str(tmpdir.mkdir(name)) for name in ('ann', 'ben')]
        self.ann = Side(self.loop, b'ann', self.folders[0], **options)
        self.ben = Side(self.loop, b'ben', self.folders[1], **options)
        self.ann.client.others[b'ben'] = self.ben
        self.ben.client.others[b'ann'] = self.ann
        self.cake = os.path.join(self.folders[0], 'cake.bin')
        with open(self.cake, 'wb') as target:
            target.write(data)

    def run(self, *futures):
        """Their results."""
        for future in futures:
            self.loop.run_until(future)
        return [future.result() for future in futures]

    def offered(self):
        """The first offer that ben gets."""
        while not self.ben.offers:
            self.loop.advance(0.1)
        return self.ben.offers.pop(0)

    def received(self, name='cake.bin'):
        """The contents of a file in ben's folder."""
        with open(os.path.join(self.folders[1], name), 'rb') as source:
            return source.read()


@pytest.fixture
def pair(tmpdir):
    made = Pair(tmpdir)
    yield made
    made.ann.direct.close()
    made.ben.direct.close()
    made.loop.advance(200.0)


@pytest.fixture
def ben(tmpdir):
    loop = VirtualLoop()
    return Side(loop, b'ben', str(tmpdir))


# -- files -------------------------------------------------------------------------------

@pytest.mark.parametrize('passive', [False, True])
def test_a_file_arrives(pair, passive):
    sent = pair.ann.direct.send_file(b'ben', pair.cake, passive)
    offered = pair.offered()
    count, path = pair.run(sent, pair.ben.direct.accept(offered))
    assert (count, os.path.basename(path), pair.received() == CAKE) == (
        len(CAKE), 'cake.bin', True)


@pytest.mark.parametrize('passive', [False, True])
def test_a_file_arrives_by_tls(tmpdir, passive):
    context = TLSContext(verify=False)
    pair = Pair(tmpdir, tls=NullTLS(), server_tls=context, client_tls=context)
    sent = pair.ann.direct.send_file(b'ben', pair.cake, passive, True)
    offered = pair.offered()
    pair.run(sent, pair.ben.direct.accept(offered))
    assert (offered.offer.verb, pair.received() == CAKE) == (b'SSEND', True)


def test_an_empty_file_arrives(tmpdir):
    pair = Pair(tmpdir, b'')
    sent = pair.ann.direct.send_file(b'ben', pair.cake)
    pair.run(sent, pair.ben.direct.accept(pair.offered()))
    assert pair.received() == b''


@pytest.mark.parametrize('passive', [False, True])
def test_a_transfer_goes_on_where_the_last_has_ended(pair, passive):
    with open(os.path.join(pair.folders[1], 'cake.bin.part'), 'wb') as target:
        target.write(CAKE[:1000])
    sent = pair.ann.direct.send_file(b'ben', pair.cake, passive)
    pair.run(sent, pair.ben.direct.accept(pair.offered()))
    resumed = [text for _, _, text in pair.ben.client.sent if b'RESUME cake.bin' in text]
    assert (pair.received() == CAKE, len(resumed)) == (True, 1)


def test_a_transfer_begins_again_if_that_is_asked_for(pair):
    with open(os.path.join(pair.folders[1], 'cake.bin.part'), 'wb') as target:
        target.write(b'x' * 1000)
    sent = pair.ann.direct.send_file(b'ben', pair.cake)
    pair.run(sent, pair.ben.direct.accept(pair.offered(), resume=False))
    assert pair.received() == CAKE


def test_a_file_takes_the_name_of_no_other(pair):
    with open(os.path.join(pair.folders[1], 'cake.bin'), 'wb') as target:
        target.write(b'mine')
    sent = pair.ann.direct.send_file(b'ben', pair.cake)
    _, path = pair.run(sent, pair.ben.direct.accept(pair.offered()))
    assert (os.path.basename(path), pair.received()) == ('1-cake.bin', b'mine')


def test_a_second_file_of_a_name_waits_for_the_first(pair):
    for _ in range(2):
        pair.ann.direct.send_file(b'ben', pair.cake)
    first = pair.offered()
    second = pair.offered()
    pair.ben.direct.accept(first)
    with pytest.raises(DCCError):
        pair.run(pair.ben.direct.accept(second))


def test_a_link_in_the_folder_is_not_followed(pair):
    if not hasattr(os, 'symlink'):
        pytest.skip('no links here')
    victim = os.path.join(pair.folders[0], 'victim')
    with open(victim, 'wb') as target:
        target.write(b'mine')
    os.symlink(victim, os.path.join(pair.folders[1], 'cake.bin.part'))
    pair.ann.direct.send_file(b'ben', pair.cake)
    with pytest.raises((IOError, OSError)):
        pair.run(pair.ben.direct.accept(pair.offered()))
    with open(victim, 'rb') as source:
        assert source.read() == b'mine'


def test_a_file_that_is_not_taken_is_offered_for_a_while(pair):
    with pytest.raises(TimedOut):
        pair.run(pair.ann.direct.send_file(b'ben', pair.cake))


def test_a_missing_file_is_not_offered(pair):
    with pytest.raises((IOError, OSError)):
        pair.run(pair.ann.direct.send_file(b'ben', pair.cake + '.no'))


def test_no_more_files_are_offered_than_may_wait(pair):
    for _ in range(MAX_OURS):
        pair.ann.direct.chat(b'nobody')
    with pytest.raises(DCCError):
        pair.run(pair.ann.direct.chat(b'nobody'))


def test_a_second_connection_to_an_offer_is_refused(pair):
    pair.ann.direct.send_file(b'ben', pair.cake)
    offered = pair.offered()
    connected = []

    class Stranger(Protocol):
        """One of two that connect at the same time."""

        def data_received(self, data):
            connected.append(self)

    for _ in range(2):
        pair.loop.connect_tcp(Stranger, '127.0.0.1', offered.offer.port)
    pair.loop.advance(1.0)
    assert len(set(connected)) == 1


# -- chats -------------------------------------------------------------------------------

@pytest.mark.parametrize('passive', [False, True])
def test_a_chat_goes_both_ways(pair, passive):
    heard = []
    chat = pair.ann.direct.chat(b'ben', lambda _, line: heard.append(line), passive)
    offered = pair.offered()
    theirs = pair.ben.direct.accept(offered, lambda stream, line: stream.say(b're: ' + line))
    mine, _ = pair.run(chat, theirs)
    mine.say(b'two lumps')
    pair.loop.advance(0.1)
    assert (offered.is_chat, heard) == (True, [b're: two lumps'])


def test_a_refusal_is_told(pair):
    pair.ann.direct.chat(b'ben')
    pair.ben.direct.refuse(pair.offered())
    assert pair.ben.client.sent == [(b'NOTICE', b'ann', b'\x01ERRMSG DCC CHAT refused\x01')]


def test_the_end_ends_what_waits(pair):
    chat = pair.ann.direct.chat(b'ben')
    pair.ann.direct.close()
    pair.loop.advance(0.1)
    assert isinstance(chat.exception(), DCCError)


# -- hostile peers -----------------------------------------------------------------------

@pytest.mark.parametrize('host', ['10.0.0.1', '192.168.1.1', '169.254.169.254', '0.0.0.0',
                                  '255.255.255.255', '224.0.0.1', '::', 'fe80::1',
                                  '::ffff:10.0.0.1', '64:ff9b::a00:1'])
def test_an_address_that_is_not_public_is_refused(ben, host):
    ben.offer(b'SEND x.txt ' + host.encode('ascii') + b' 5000 10')
    with pytest.raises(DCCError):
        ben.direct.accept(ben.offers[0])


def test_the_loopback_address_is_refused_if_we_listen_elsewhere(tmpdir):
    side = Side(VirtualLoop(), b'ben', str(tmpdir), host='192.0.2.1')
    side.offer(b'CHAT chat 2130706433 5000')
    with pytest.raises(DCCError):
        side.direct.accept(side.offers[0])


def test_the_port_of_a_service_is_refused(ben):
    ben.offer(b'CHAT chat 2130706433 25')
    with pytest.raises(DCCError):
        ben.direct.accept(ben.offers[0])


@pytest.mark.parametrize('name, expected', [
    (b'../../etc/passwd', b'passwd'), (b'..', b'unnamed'),
    (b'C:\\x\\autoexec.bat', b'autoexec.bat'),
    (b'a\x02b', b'a_b'), (b'con', b'_con'), (b'.bashrc', b'bashrc'), (b'x' * 500, b'x' * 200)])
def test_the_name_of_a_file_is_made_safe(ben, name, expected):
    ben.offer(b'SEND "' + name + b'" 2130706433 5000 10')
    assert ben.offers[0].name == expected


@pytest.mark.parametrize('text', [
    b'SEND', b'SEND x', b'SEND x 1 2 3 4 5 6', b'SEND x 4294967296 5000 1', b'SEND x host 5000 1',
    b'SEND x 1 65536 1', b'SEND x 1 -1 1', b'SEND x 1 5000 99999999999999999999', b'NONE x 1 2',
    b'ACCEPT x 5000 10', b'RESUME x 5000 10'])
def test_a_malformed_offer_is_left_out(ben, text):
    assert (ben.offer(text), ben.offers) == (True, [])


def test_an_offer_to_a_channel_is_left_out(ben):
    line = b':eve!u@h PRIVMSG #tea :' + format_ctcp(b'DCC', b'CHAT chat 2130706433 5000')
    assert (ben.direct.received(ben.client, parse_message(line)), ben.offers) == (True, [])


def test_other_messages_are_for_the_program(ben):
    assert not ben.hear(b'eve', b'hello')


def test_a_flood_of_offers_keeps_the_latest(ben):
    for number in range(3 * MAX_OFFERS):
        ben.offer(b'CHAT chat 2130706433 %d' % (2000 + number))
    assert [each.offer.port for each in ben.direct.offers] == list(
        range(2000 + 2 * MAX_OFFERS, 2000 + 3 * MAX_OFFERS))


def test_an_offer_ends(ben):
    ben.offer(b'CHAT chat 2130706433 5000')
    ben.loop.advance(301.0)
    with pytest.raises(DCCError):
        ben.direct.accept(ben.offers[0])


def test_a_passive_offer_without_its_number_is_refused(ben):
    ben.offer(b'SEND x 2130706433 0 10')
    with pytest.raises(DCCError):
        ben.direct.accept(ben.offers[0])


def test_a_file_that_is_too_large_is_refused(tmpdir):
    side = Side(VirtualLoop(), b'ben', str(tmpdir), maximum=100)
    side.offer(b'SEND x 2130706433 5000 101')
    with pytest.raises(DCCError):
        side.direct.accept(side.offers[0])


def test_an_offer_by_tls_is_refused_without_settings(ben):
    ben.offer(b'SCHAT chat 2130706433 5000')
    with pytest.raises(DCCError):
        ben.direct.accept(ben.offers[0])


def test_no_file_is_taken_without_a_folder():
    side = Side(VirtualLoop(), b'ben', None)
    side.offer(b'SEND x 2130706433 5000 10')
    with pytest.raises(DCCError):
        side.direct.accept(side.offers[0])


def test_the_number_of_a_stranger_does_not_answer_our_offer(pair):
    pair.ann.direct.send_file(b'ben', pair.cake, True)
    token = pair.offered().offer.token
    pair.ann.offer(b'SEND cake.bin 2130706433 5000 10 %d' % token)
    assert len(pair.ann.offers) == 1


def test_a_peer_that_begins_elsewhere_is_refused(pair):
    with open(os.path.join(pair.folders[1], 'cake.bin.part'), 'wb') as target:
        target.write(CAKE[:1000])
    pair.ben.offer(b'SEND cake.bin 2130706433 5000 2000')
    accepted = pair.ben.direct.accept(pair.ben.offers.pop())
    pair.loop.advance(0.1)
    pair.ben.offer(b'ACCEPT cake.bin 5000 10')
    with pytest.raises(DCCError):
        pair.run(accepted)
