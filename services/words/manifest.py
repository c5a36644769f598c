# Copyright the carryall authors.  See LICENSE.
"""The manifest of the words service."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import (DONE, PART, BinaryEntry, FeatureEntry, FixtureEntry, FuzzEntry,
                                    Manifest, StoreEntry, TypeEntry, URLEntry)

MANIFEST = Manifest(
    name='words',
    summary='one chat space for IRC, Perspective Broker, the web and bots',
    needs=['finger', 'http', 'irc', 'pb', 'web', 'websocket'],
    types=[TypeEntry('words', 'carryall.services.words.service',
                     'a chat server: IRC, Perspective Broker and the web')],
    urls=[URLEntry('words-irc', 'irc'), URLEntry('words-web', 'http', 'https')],
    stores=[StoreEntry('words', 'carryall.services.words.chatstore')],
    fixtures=[
        FixtureEntry('words_server', 'carryall.testservers.anyserver:LazyServer', 'words',
                     'Words on free ports; call it with --store memory: --user NAME=PASSWORD.'),
    ],
    fuzz=[FuzzEntry('tests.fuzz.words_targets', ['words-names'])],
    examples=['words_bot.py'],
    cases=['irc_bridge', 'words_serve'],
    pages=['words'],
    binaries=[BinaryEntry('words', ['--port', 'tcp:0', '--irc', 'tcp:0', '--web', 'tcp:0',
                                    '--store', 'sqlite:SITE/words.db'], request='x')],
    readme=[('`bin/mktap words`',
             'a chat by IRC, Perspective Broker and the web, with bots and bridges: [what is '
             'kept](doc/conformance/words.md)')],
    paths=['acceptance/peers/words_room.py', 'doc/words.png', 'tests/fuzz/words_targets.py',
           'tests/services/words'],
    features=[
        FeatureEntry('WRD-01', DONE, 'the ports of 0.19; an account by the web page, logins by '
                                     'NickServ, PASS and SASL, a client of PB in the same room'),
        FeatureEntry('WRD-02', PART, 'a chat space that IRC, PB, the web and bots share'),
        FeatureEntry('WRD-03', DONE, 'the interface of Twisted 0.19 and 1.2 by Perspective Broker'),
        FeatureEntry('WRD-04', PART, 'emotes, topics, contacts, absences, late messages, history '
                                     'and search'),
        FeatureEntry('WRD-05', PART, 'a web site for accounts, chat and administration'),
        FeatureEntry('WRD-06', PART, 'bots with an interface for those of your own'),
        FeatureEntry('WRD-07', PART, 'bridges to channels of IRC networks'),
        FeatureEntry('WRD-08', PART, 'what was acknowledged survives kill -9, on each runtime'),
        FeatureEntry('WRD-09', PART, 'one spelling of each name and group on IRC'),
    ],
)
