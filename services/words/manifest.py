# Copyright the carryall authors.  See LICENSE.
"""The manifest of the words service."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import PART, FeatureEntry, Manifest, StoreEntry

MANIFEST = Manifest(
    name='words',
    summary='one chat space for IRC, Perspective Broker, the web and bots',
    needs=['irc', 'pb'],
    stores=[StoreEntry('words', 'carryall.services.words.chatstore')],
    paths=['tests/services/words'],
    features=[
        FeatureEntry('WRD-02', PART, 'a chat space that protocols share, with what it keeps'),
        FeatureEntry('WRD-03', PART, "the interface of Twisted 0.19 and 1.2 by Perspective Broker"),
        FeatureEntry('WRD-09', PART, 'spellings of names and groups for IRC'),
    ],
)
