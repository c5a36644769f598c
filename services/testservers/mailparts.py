# Copyright the carryall authors.  See LICENSE.
"""Parts of a message: its text, its HTML, its attachments.

Tests:    tests/services/testservers/test_mailpages.py
"""
from __future__ import absolute_import, division, print_function

import email

try:
    from email.policy import default
except ImportError:                         # py2
    default = None                          # type: ignore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Text

__all__ = ['attachments_of', 'parse', 'text_of']


def parse(data):
    # type: (bytes) -> Any
    """The message as the standard library has it, with the modern interface if there is one."""
    if default is None:                     # py2: str is bytes
        return email.message_from_string(data)
    return email.message_from_bytes(data, policy=default)


def text_of(parsed, kind):
    # type: (Any, str) -> Optional[Text]
    """The text of the first part that is *kind* and no attachment; None if there is none."""
    for part in parsed.walk():
        if part.get_content_type() == kind and not part.get_filename():
            data = part.get_payload(decode=True)
            try:
                text = data.decode(part.get_content_charset() or 'utf-8', 'replace')
            except LookupError:             # a charset that is unknown here
                text = data.decode('utf-8', 'replace')
            return text.replace(u'\r\n', u'\n')
    return None


def attachments_of(parsed):
    # type: (Any) -> List[Any]
    """(name, content) of each part that has a file name."""
    return [(part.get_filename(), part.get_payload(decode=True))
            for part in parsed.walk() if part.get_filename()]
