# Copyright the carryall authors.  See LICENSE.
"""The manifest of the words service."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import PART, FeatureEntry, Manifest, StoreEntry, TypeEntry, URLEntry

MANIFEST = Manifest(
    name='words',
    summary='one chat space for IRC, Perspective Broker, the web and bots',
    needs=['http', 'irc', 'pb', 'web', 'websocket'],
    types=[TypeEntry('words', 'carryall.services.words.service',
                     'a chat server: IRC, Perspective Broker and the web')],
    urls=[URLEntry('words-irc', 'irc'), URLEntry('words-web', 'http', 'https')],
    stores=[StoreEntry('words', 'carryall.services.words.chatstore')],
    paths=['tests/services/words'],
    features=[
        FeatureEntry('WRD-01', PART, 'a chat server with three interfaces on the ports of 0.19'),
        FeatureEntry('WRD-02', PART, 'a chat space that protocols share, with what it keeps'),
        FeatureEntry('WRD-03', PART, "the interface of Twisted 0.19 and 1.2 by Perspective Broker"),
        FeatureEntry('WRD-05', PART, 'a web site for accounts, chat and administration'),
        FeatureEntry('WRD-06', PART, 'bots with an interface for those of your own'),
        FeatureEntry('WRD-09', PART, 'spellings of names and groups for IRC'),
    ],
)
