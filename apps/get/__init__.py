# Copyright the carryall authors.  See LICENSE.
"""`carryall get`: where the body of a response goes, and how the exchange is shown."""
from __future__ import absolute_import, division, print_function

from carryall.apps.get.bodytarget import BodyTarget
from carryall.apps.get.exchangetext import head_text, request_text, response_text

__all__ = ['BodyTarget', 'head_text', 'request_text', 'response_text']
