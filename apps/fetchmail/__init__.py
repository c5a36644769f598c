# Copyright the carryall authors.  See LICENSE.
"""`carryall fetchmail`: new mail of a POP3 account, in a maildir."""
from __future__ import absolute_import, division, print_function

from carryall.apps.fetchmail.mailfetcher import SEEN, MailFetcher

__all__ = ['MailFetcher', 'SEEN']
