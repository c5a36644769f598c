# Copyright the carryall authors.  See LICENSE.
"""The manifest of IRC."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import DONE, OPEN, FeatureEntry, FuzzEntry, Manifest

MANIFEST = Manifest(
    name='irc',
    summary='the grammar of IRC (RFC 1459, 2812; IRCv3 message-tags)',
    port=6667,
    fuzz=[FuzzEntry('tests.fuzz.irc_targets', ['irc-grammar'])],
    paths=['tests/fuzz/corpus/irc-grammar.txt', 'tests/fuzz/irc_targets.py', 'tests/protocols/irc'],
    features=[
        FeatureEntry('IRC-01', OPEN, 'a server with every command of RFC 2812'),
        FeatureEntry('IRC-06', OPEN, 'a client with the capabilities of IRCv3'),
        FeatureEntry('IRC-07', DONE, 'messages, masks, modes, tokens, CTCP and DCC as values'),
    ],
)
