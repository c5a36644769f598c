# Copyright the carryall authors.  See LICENSE.
"""Settings of an IRC server, and of a client."""
from __future__ import absolute_import, division, print_function

from carryall.core.records import Record, names_of

__all__ = ['ClientSettings', 'PORT', 'Settings', 'TLS_PORT']

PORT = 6667                 # RFC 7194 section 1
TLS_PORT = 6697             # RFC 7194 section 2

ROWS = (
    ('hostname', b'localhost', u'our name, for SASL (bytes)'),
    ('clear_auth', False, u'accept passwords that SASL shows without TLS too'),
    ('channel_binding', False, u'offer the mechanisms of SCRAM that are bound to TLS'),
    ('mechanisms', None, u'names of the SASL mechanisms that may be used; None for all'),
    ('register_seconds', 30.0, u'from the connection until NICK and USER have come'),
    ('hold_seconds', 180.0, u'for the proof of a client that the network holds back'),
    ('ping_seconds', 120.0, u'without a line of the client; it is asked by PING then'),
    ('pong_seconds', 60.0, u'from that PING to the next line; the connection is closed'),
    ('burst', 20, u'commands at once, after a pause'),
    ('rate', 2.0, u'commands a second, once the burst is used up; later ones wait'),
    ('max_backlog', 16384, u'octets of commands that wait; a client that sends more is closed'),
    ('max_unread', 1 << 20, u'octets that wait for a client that does not read; it is closed'),
    ('max_nick', 30, u'octets of a nick'),
    ('max_user', 10, u'octets of a user name'),
    ('max_channel', 64, u'octets of the name of a channel'),
    ('max_topic', 390, u'octets of a topic'),
    ('max_away', 200, u'octets of the text of AWAY'),
    ('max_kick', 255, u'octets of the text of KICK'),
    ('max_realname', 150, u'octets of a real name'),
    ('max_channels', 50, u'channels that one client is in'),
    ('max_targets', 4, u'targets of one PRIVMSG, NOTICE, TAGMSG, KICK or NAMES'),
    ('max_modes', 4, u'modes with an argument in one MODE'),
    ('max_list', 100, u'entries in the lists of one channel together'),
    ('max_key', 23, u'octets of the key of a channel'),
    ('max_monitored', 100, u'nicks that one client monitors'),
    ('max_accepted', 50, u'nicks that one client lets write to it under mode g'),
    ('max_silenced', 32, u'masks that one client lets not write to it'),
    ('utf8_only', False, u'refuse lines that are not UTF-8'),
    ('sts_port', None, u'port with TLS that clients in clear go to (IRCv3 sts); None: they stay'),
    ('sts_seconds', 2592000.0, u'that clients remember to come by TLS'),
    ('require_account', False, u'refuse users that have not logged in'),
)


class Settings(Record):
    """How an IRC server limits its clients."""

    __slots__ = names_of(ROWS)
    rows = ROWS


# -- client ------------------------------------------------------------------------

CLIENT_ROWS = (
    ('username', b'carryall', u'for USER'),
    ('realname', b'carryall', u'for USER'),
    ('password', None, u'of the server, for PASS (bytes); None: not sent'),
    ('account', None, u'to log in as by SASL (text); None: no login'),
    ('account_password', b'', u'of that account (bytes)'),
    ('clear_auth', False, u'show the password of the account without TLS too'),
    ('capabilities', (b'account-notify', b'away-notify', b'batch', b'cap-notify', b'chghost',
                      b'extended-join', b'labeled-response', b'message-tags', b'multi-prefix',
                      b'server-time', b'setname'),
     u'of IRCv3, that are asked for where the server has them'),
    ('max_nick_tries', 5, u'nicks with underlines that are tried when ours is taken'),
    ('burst', 5, u'lines at once, after a pause'),
    ('rate', 0.5, u'lines a second, once the burst is used up; later ones wait'),
    ('max_waiting', 1000, u'lines that wait for that; more are refused'),
    ('answer_seconds', 60.0, u'until the answer to a command'),
    ('ping_seconds', 120.0, u'without a line of the server; it is asked by PING then'),
    ('pong_seconds', 60.0, u'from that PING to the next line; the connection is closed'),
    ('version', b'carryall', u'answer to CTCP VERSION; empty: CTCP is not answered'),
    ('source', b'', u'answer to CTCP SOURCE; empty: none'),
    ('pins', (), u'SHA-256 of the certificates that the server may have, in hexadecimal; none: '
                 u'any that the settings of TLS let pass'),
    ('max_rows', 20000, u'lines of the answer to one command'),
    ('max_rooms', 1000, u'channels that the client is in; with more the session ends'),
    ('max_members', 200000, u'members of all those channels together, likewise'),
    ('max_offers', 500, u'capabilities and tokens of ISUPPORT that a server may name, likewise'),
)


class ClientSettings(Record):
    """How an IRC client names and limits itself."""

    __slots__ = names_of(CLIENT_ROWS)
    rows = CLIENT_ROWS
