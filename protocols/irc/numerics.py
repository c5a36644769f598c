# Copyright the carryall authors.  See LICENSE.
"""Numeric replies of a server: codes and texts (RFC 2812 section 5; modern.ircdocs.horse,
"Numerics").

    NO_SUCH_NICK.code, NO_SUCH_NICK.text        # b'401', b'No such nick/channel'

Tests:    tests/protocols/irc/test_server.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.records import namedtuple
from carryall.protocols.irc.textsplit import clipped

__all__ = ['Numeric', 'shown']

MAX_ECHO = 64               # octets of a client's word in a reply


class Numeric(namedtuple('Numeric', 'code text')):
    """A reply: its three digits, and its last parameter; None if that is told each time."""

    __slots__ = ()


# -- welcome -------------------------------------------------------------------
WELCOME = Numeric(b'001', None)
YOUR_HOST = Numeric(b'002', None)
CREATED = Numeric(b'003', None)
MY_INFO = Numeric(b'004', None)
ISUPPORT = Numeric(b'005', b'are supported by this server')

# -- replies to commands ---------------------------------------------------------
UMODE_IS = Numeric(b'221', None)
LUSER_CLIENT = Numeric(b'251', None)
LUSER_OP = Numeric(b'252', b'operator(s) online')
LUSER_UNKNOWN = Numeric(b'253', b'unknown connection(s)')
LUSER_CHANNELS = Numeric(b'254', b'channels formed')
LUSER_ME = Numeric(b'255', None)
ADMIN_ME = Numeric(b'256', b'Administrative info')
ADMIN_LOCATION_1 = Numeric(b'257', None)
ADMIN_LOCATION_2 = Numeric(b'258', None)
ADMIN_EMAIL = Numeric(b'259', None)
LOCAL_USERS = Numeric(b'265', None)
GLOBAL_USERS = Numeric(b'266', None)
AWAY = Numeric(b'301', None)
USERHOST = Numeric(b'302', None)
ISON = Numeric(b'303', None)
UN_AWAY = Numeric(b'305', b'You are no longer marked as being away')
NOW_AWAY = Numeric(b'306', b'You have been marked as being away')
WHOIS_USER = Numeric(b'311', None)
WHOIS_SERVER = Numeric(b'312', None)
WHOIS_OPERATOR = Numeric(b'313', b'is an IRC operator')
WHOWAS_USER = Numeric(b'314', None)
END_OF_WHO = Numeric(b'315', b'End of /WHO list')
WHOIS_IDLE = Numeric(b'317', b'seconds idle, signon time')
END_OF_WHOIS = Numeric(b'318', b'End of WHOIS list')
WHOIS_CHANNELS = Numeric(b'319', None)
LIST_START = Numeric(b'321', b'Users  Name')
LIST = Numeric(b'322', None)
LIST_END = Numeric(b'323', b'End of LIST')
CHANNEL_MODE_IS = Numeric(b'324', None)
CREATION_TIME = Numeric(b'329', None)
WHOIS_ACCOUNT = Numeric(b'330', b'is logged in as')
NO_TOPIC = Numeric(b'331', b'No topic is set')
TOPIC = Numeric(b'332', None)
TOPIC_WHO_TIME = Numeric(b'333', None)
INVITING = Numeric(b'341', None)
INVITE_LIST = Numeric(b'346', None)
END_OF_INVITE_LIST = Numeric(b'347', b'End of channel invite list')
EXCEPT_LIST = Numeric(b'348', None)
END_OF_EXCEPT_LIST = Numeric(b'349', b'End of channel exception list')
VERSION = Numeric(b'351', None)
WHO_REPLY = Numeric(b'352', None)
NAMES = Numeric(b'353', None)
WHOX_REPLY = Numeric(b'354', None)
END_OF_NAMES = Numeric(b'366', b'End of NAMES list')
BAN_LIST = Numeric(b'367', None)
END_OF_BAN_LIST = Numeric(b'368', b'End of channel ban list')
END_OF_WHOWAS = Numeric(b'369', b'End of WHOWAS')
INFO = Numeric(b'371', None)
MOTD = Numeric(b'372', None)
END_OF_INFO = Numeric(b'374', b'End of INFO list')
MOTD_START = Numeric(b'375', None)
END_OF_MOTD = Numeric(b'376', b'End of MOTD command')
TIME = Numeric(b'391', None)
WHOIS_SECURE = Numeric(b'671', b'is using a secure connection')

# -- MONITOR (IRCv3 monitor) ---------------------------------------------------------
MONITOR_ONLINE = Numeric(b'730', None)
MONITOR_OFFLINE = Numeric(b'731', None)
MONITOR_LIST = Numeric(b'732', None)
END_OF_MONITOR_LIST = Numeric(b'733', b'End of MONITOR list')
MONITOR_LIST_FULL = Numeric(b'734', b'Monitor list is full')

# -- SASL (IRCv3 sasl-3.1) ------------------------------------------------------------
LOGGED_IN = Numeric(b'900', None)
SASL_SUCCESS = Numeric(b'903', b'SASL authentication successful')
SASL_FAIL = Numeric(b'904', b'SASL authentication failed')
SASL_TOO_LONG = Numeric(b'905', b'SASL message too long')
SASL_ABORTED = Numeric(b'906', b'SASL authentication aborted')
SASL_ALREADY = Numeric(b'907', b'You have already authenticated using SASL')
SASL_MECHANISMS = Numeric(b'908', b'are available SASL mechanisms')

# -- errors ------------------------------------------------------------------------
NO_SUCH_NICK = Numeric(b'401', b'No such nick/channel')
NO_SUCH_SERVER = Numeric(b'402', b'No such server')
NO_SUCH_CHANNEL = Numeric(b'403', b'No such channel')
CANNOT_SEND = Numeric(b'404', b'Cannot send to channel')
TOO_MANY_CHANNELS = Numeric(b'405', b'You have joined too many channels')
WAS_NO_SUCH_NICK = Numeric(b'406', b'There was no such nickname')
TOO_MANY_TARGETS = Numeric(b'407', b'Too many recipients')
NO_ORIGIN = Numeric(b'409', b'No origin specified')
INVALID_CAP = Numeric(b'410', b'Invalid CAP command')
NO_RECIPIENT = Numeric(b'411', None)
NO_TEXT = Numeric(b'412', b'No text to send')
TOO_LONG = Numeric(b'417', b'Input line was too long')
UNKNOWN_COMMAND = Numeric(b'421', b'Unknown command')
NO_MOTD = Numeric(b'422', b'MOTD File is missing')
NO_NICK = Numeric(b'431', b'No nickname given')
BAD_NICK = Numeric(b'432', b'Erroneous nickname')
NICK_IN_USE = Numeric(b'433', b'Nickname is already in use')
NOT_IN_CHANNEL = Numeric(b'441', b"They aren't on that channel")
NOT_ON_CHANNEL = Numeric(b'442', b"You're not on that channel")
ALREADY_ON_CHANNEL = Numeric(b'443', b'is already on channel')
NOT_REGISTERED = Numeric(b'451', b'You have not registered')
NEED_MORE_PARAMS = Numeric(b'461', b'Not enough parameters')
ALREADY_REGISTERED = Numeric(b'462', b'You may not reregister')
PASSWORD_MISMATCH = Numeric(b'464', b'Password incorrect')
KEY_SET = Numeric(b'467', b'Channel key already set')
CHANNEL_FULL = Numeric(b'471', b'Cannot join channel (+l)')
UNKNOWN_MODE = Numeric(b'472', b'is unknown mode char to me')
INVITE_ONLY = Numeric(b'473', b'Cannot join channel (+i)')
BANNED = Numeric(b'474', b'Cannot join channel (+b)')
BAD_KEY = Numeric(b'475', b'Cannot join channel (+k)')
BAD_CHANNEL = Numeric(b'476', b'Bad Channel Mask')
LIST_FULL = Numeric(b'478', b'Channel list is full')
NO_PRIVILEGES = Numeric(b'481', b"Permission Denied- You're not an IRC operator")
NOT_OPERATOR = Numeric(b'482', b"You're not channel operator")
UNKNOWN_UMODE = Numeric(b'501', b'Unknown MODE flag')
USERS_DONT_MATCH = Numeric(b'502', b'Cannot change mode for other users')
INVALID_KEY = Numeric(b'525', b'Key is not well-formed')
FAILED = Numeric(b'400', b'The server could not do that')


def shown(word):
    # type: (bytes) -> bytes
    """A client's word as a parameter that is not the last: cut at a blank, `*` if nothing is left.
    """
    return clipped(word.partition(b' ')[0].lstrip(b':'), MAX_ECHO) or b'*'
