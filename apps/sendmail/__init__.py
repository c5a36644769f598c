# Copyright the carryall authors.  See LICENSE.
"""`carryall sendmail`: a message from stdin, made ready for a mail server."""
from __future__ import absolute_import, division, print_function

from carryall.apps.sendmail.composition import address_of, compose, message_and_recipients

__all__ = ['address_of', 'compose', 'message_and_recipients']
