# Copyright the carryall authors.  See LICENSE.
"""SMTP and LMTP, server and client (RFC 5321, RFC 2033).

    server      SMTPServer                  maildata        DATA and BDAT
    session     SMTPSession, Transaction, MailBackend       proxycommands   XCLIENT and XFORWARD
    client      SMTPClient, Outgoing        transfer        connect, send
    mailbox     addresses and paths         parameters      of MAIL and RCPT; xtext
    wire        replies                     messagememory   memory of incoming messages
    settings    Settings, ClientSettings    errors          SMTPError, NotTaken
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.smtp.client import Outgoing, SMTPClient
from carryall.protocols.smtp.errors import NotTaken, Refused, SMTPError, TransientError
from carryall.protocols.smtp.mailbox import Mailbox, is_domain, parse_mailbox, parse_path
from carryall.protocols.smtp.parameters import (MailParameters, RcptParameters, mail_parameters,
                                                rcpt_parameters, xtext, xtext_decoded)
from carryall.protocols.smtp.messagememory import MessageMemory
from carryall.protocols.smtp.server import SMTPServer
from carryall.protocols.smtp.session import MailBackend, Recipient, SMTPSession, Transaction
from carryall.protocols.smtp.settings import (MAY, MEND, MUST, NONE, REJECT, WRAPPED,
                                              ClientSettings, Settings)
from carryall.protocols.smtp.transfer import (PORT, SUBMISSION_PORT, TLS_PORT, connect, send,
                                              send_to_first)
from carryall.protocols.smtp.wire import Reply, ReplyReader

__all__ = [
    'ClientSettings', 'MAY', 'MEND', 'MUST', 'MailBackend', 'MailParameters', 'Mailbox',
    'MessageMemory', 'NONE', 'NotTaken', 'Outgoing', 'PORT', 'REJECT', 'RcptParameters',
    'Recipient', 'Refused', 'Reply', 'ReplyReader', 'SMTPClient', 'SMTPError', 'SMTPServer',
    'SMTPSession', 'SUBMISSION_PORT', 'Settings', 'TLS_PORT', 'Transaction', 'TransientError',
    'WRAPPED', 'connect', 'is_domain', 'mail_parameters', 'parse_mailbox', 'parse_path',
    'rcpt_parameters', 'send', 'send_to_first', 'xtext', 'xtext_decoded',
]
