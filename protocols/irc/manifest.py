# Copyright the carryall authors.  See LICENSE.
"""The manifest of IRC."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import (DONE, PART, BinaryEntry, FeatureEntry, FixtureEntry,
                                    FuzzEntry, Manifest, StoreEntry, TypeEntry, URLEntry)

MANIFEST = Manifest(
    name='irc',
    needs=['http', 'websocket'],
    summary='IRC, server and client (RFC 1459, 2812; IRCv3)',
    face='carryall.protocols.irc',
    port=6667,
    types=[TypeEntry('irc', 'carryall.services.irc.service', 'a chat server (RFC 2812, IRCv3)')],
    urls=[URLEntry('irc', 'irc')],
    stores=[StoreEntry('irc', 'carryall.services.irc.ircstore')],
    fixtures=[
        FixtureEntry('irc_server', 'carryall.testservers.anyserver:LazyServer', 'irc',
                     'IRC on a free port; call it with --user NAME=PASSWORD --clear-logins.'),
    ],
    fuzz=[FuzzEntry('tests.fuzz.irc_targets', ['irc', 'irc-client', 'irc-grammar'])],
    examples=['ircLogBot.py', 'irc_client.py', 'irc_echo_bot.py', 'irc_server.py'],
    cases=['irc_bots', 'irc_clients', 'irc_kill', 'irc_limnoria', 'irc_serve', 'irc_servers',
           'irc_store', 'words_irc'],
    pages=['irc'],
    binaries=[BinaryEntry('irc', ['--port', 'tcp:0'], request='PING x\r\n')],
    readme=[('`bin/carryall serve irc`',
             'a chat server for irssi, weechat and other programs: [what is '
             'kept](doc/conformance/irc.md)')],
    paths=['acceptance/ircservers.py', 'acceptance/peers/bots_py3.py',
           'acceptance/peers/irc_gateway.py', 'acceptance/peers/irc_talk.py',
           'acceptance/peers/irc_visit.py', 'services/irc', 'tests/fuzz/corpus/irc.txt',
           'tests/fuzz/corpus/irc-client.txt', 'tests/fuzz/corpus/irc-grammar.txt',
           'tests/fuzz/irc_targets.py', 'tests/protocols/irc', 'tests/services/irc'],
    features=[
        FeatureEntry('IRC-01', PART, 'the commands of RFC 2812; connection classes, pace'),
        FeatureEntry('IRC-02', DONE, 'modes, extended bans, operators, bans of networks, WHOX, '
                                     'MONITOR, SILENCE, ACCEPT, KNOCK'),
        FeatureEntry('IRC-03', PART, 'capabilities of IRCv3 and seven drafts, SASL, WEBIRC, '
                                     'PROXY, WebSockets, sts'),
        FeatureEntry('IRC-04', DONE, 'NickServ, ChanServ, HostServ, MemoServ, BotServ; clients '
                                     'that stay, with history'),
        FeatureEntry('IRC-06', PART, 'a client with capabilities, SASL, labels, DCC, CTCP, sts, '
                                     'pins; it comes back after a loss'),
        FeatureEntry('IRC-07', DONE, 'messages, masks, modes, tokens, CTCP and DCC as values'),
        FeatureEntry('IRC-08', PART, 'irssi, weechat, sic, ii, ircII, pydle and irc on our server; '
                                     'our client on ngircd, InspIRCd and BitlBee'),
    ],
)
