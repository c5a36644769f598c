# Copyright the carryall authors.  See LICENSE.
"""IRC: the grammar that servers and clients share (RFC 1459, 2812; IRCv3 message-tags)."""
from __future__ import absolute_import, division, print_function

from carryall.protocols.irc.foldednames import MAPPINGS, fold_ascii, fold_rfc1459, fold_strictly
from carryall.protocols.irc.channelmodes import (FLAG, LIST, MEMBER, SETTING, SETTING_WHEN_ADDED,
                                                 UNKNOWN, ModeChange, ModeTable, format_modes)
from carryall.protocols.irc.ctcp import (CTCP, Offer, format_ctcp, format_offer, parse_ctcp,
                                         parse_offer, safe_name)
from carryall.protocols.irc.errors import IRCError
from carryall.protocols.irc.hostmask import Mask, Source, normalised_mask, split_source
from carryall.protocols.irc.isupport import Support, format_tokens
from carryall.protocols.irc.textformat import Style, plain, spans
from carryall.protocols.irc.textsplit import clipped, room_for, split_text
from carryall.protocols.irc.wire import (MAX_CLIENT_TAGS, MAX_LINE, MAX_PARAMETERS, MAX_TAGS,
                                         Message, format_message, format_tags, parse_message,
                                         parse_tags)

__all__ = ['CTCP', 'FLAG', 'IRCError', 'LIST', 'MAPPINGS', 'MAX_CLIENT_TAGS', 'MAX_LINE',
           'MAX_PARAMETERS', 'MAX_TAGS', 'MEMBER', 'Mask', 'Message', 'ModeChange', 'ModeTable',
           'Offer', 'PORT', 'SETTING', 'SETTING_WHEN_ADDED', 'Source', 'Style', 'Support',
           'TLS_PORT', 'UNKNOWN', 'clipped', 'fold_ascii', 'fold_rfc1459', 'fold_strictly',
           'format_ctcp', 'format_message', 'format_modes', 'format_offer', 'format_tags',
           'format_tokens', 'normalised_mask', 'parse_ctcp', 'parse_message', 'parse_offer',
           'parse_tags', 'plain', 'room_for', 'safe_name', 'spans', 'split_source', 'split_text']

PORT = 6667
TLS_PORT = 6697             # RFC 7194
