# Copyright the carryall authors.  See LICENSE.
"""IRC: a server, and the grammar that servers and clients share (RFC 1459, 2812; IRCv3)."""
from __future__ import absolute_import, division, print_function

from carryall.protocols.irc.channelmodes import (FLAG, LIST, MEMBER, SETTING, SETTING_WHEN_ADDED,
                                                 UNKNOWN, ModeChange, ModeTable, format_modes)
from carryall.protocols.irc.chatchannel import Channel, Entry
from carryall.protocols.irc.chatnetwork import ADMITTED, HELD_BACK, REFUSED, Network, User
from carryall.protocols.irc.client import IRCClient, connect
from carryall.protocols.irc.cloaks import Cloak
from carryall.protocols.irc.connectionclasses import ConnectionClass, ConnectionClasses
from carryall.protocols.irc.ctcp import (CTCP, Offer, format_ctcp, format_offer, parse_ctcp,
                                         parse_offer, safe_name)
from carryall.protocols.irc.dccstreams import ChatStream
from carryall.protocols.irc.directconnections import DirectConnections, Offered
from carryall.protocols.irc.errors import AccountRefused, DCCError, IRCError
from carryall.protocols.irc.foldednames import MAPPINGS, fold_ascii, fold_rfc1459, fold_strictly
from carryall.protocols.irc.gateways import Gateway
from carryall.protocols.irc.hostmask import Mask, Source, normalised_mask, split_source
from carryall.protocols.irc.isupport import Support, format_tokens
from carryall.protocols.irc.lastingclient import LastingClient, connect_by_policy
from carryall.protocols.irc.messagearchive import Archived, MessageArchive, conversation_of
from carryall.protocols.irc.metadatacommands import MetadataBook
from carryall.protocols.irc.networkbans import DLINE, KLINE, NetworkBans
from carryall.protocols.irc.numerics import NICK_IN_USE, Numeric
from carryall.protocols.irc.operatorclasses import OPERATOR_CLASSES, Operator, OperatorClass
from carryall.protocols.irc.roombook import Room
from carryall.protocols.irc.server import IRCServer
from carryall.protocols.irc.settings import PORT, TLS_PORT, ClientSettings, Settings
from carryall.protocols.irc.stspolicies import STSPolicies, STSUpgrade, parse_sts
from carryall.protocols.irc.taggedlines import Event
from carryall.protocols.irc.textformat import Style, plain, spans
from carryall.protocols.irc.textsplit import clipped, room_for, split_text
from carryall.protocols.irc.wire import (MAX_CLIENT_TAGS, MAX_LINE, MAX_PARAMETERS, MAX_TAGS,
                                         Message, format_message, format_tags, parse_message,
                                         parse_tags)

__all__ = ['ADMITTED', 'AccountRefused', 'Archived', 'CTCP', 'Channel', 'ChatStream',
           'ClientSettings', 'Cloak', 'ConnectionClass', 'ConnectionClasses', 'DCCError', 'DLINE',
           'DirectConnections', 'Entry', 'Event', 'FLAG', 'Gateway', 'HELD_BACK', 'IRCClient',
           'IRCError', 'IRCServer', 'KLINE', 'LIST', 'LastingClient', 'MAPPINGS', 'MAX_CLIENT_TAGS',
           'MAX_LINE', 'MAX_PARAMETERS', 'MAX_TAGS', 'MEMBER', 'Mask', 'Message', 'MessageArchive',
           'MetadataBook', 'ModeChange', 'ModeTable', 'NICK_IN_USE', 'Network', 'NetworkBans',
           'Numeric', 'OPERATOR_CLASSES', 'Offer', 'Offered', 'Operator', 'OperatorClass', 'PORT',
           'REFUSED', 'Room', 'SETTING', 'SETTING_WHEN_ADDED', 'STSPolicies', 'STSUpgrade',
           'Settings', 'Source', 'Style', 'Support', 'TLS_PORT', 'UNKNOWN', 'User', 'clipped',
           'connect', 'connect_by_policy', 'conversation_of', 'fold_ascii', 'fold_rfc1459',
           'fold_strictly', 'format_ctcp', 'format_message', 'format_modes', 'format_offer',
           'format_tags', 'format_tokens', 'normalised_mask', 'parse_ctcp', 'parse_message',
           'parse_offer', 'parse_sts', 'parse_tags', 'plain', 'room_for', 'safe_name', 'spans',
           'split_source', 'split_text']
