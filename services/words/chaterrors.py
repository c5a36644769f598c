# Copyright the carryall authors.  See LICENSE.
"""Refusals of the chat space.  Over Perspective Broker they have the names of Twisted's classes.

Tests:    tests/services/words/test_chatspace.py, tests/services/words/test_pbchat.py
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.pb import PBError

__all__ = ['BadNameError', 'BannedError', 'NotAllowedError', 'NotInCollectionError',
           'NotInGroupError', 'TooMuchError', 'UserNonexistantError', 'WordsError',
           'WrongStatusError']


class WordsError(PBError):
    """The chat space refuses something; the text is meant for the participant."""

    wire_name = 'twisted.words.service.WordsError'


class NotInCollectionError(WordsError):
    """A contact is not in the list."""

    wire_name = 'twisted.words.service.NotInCollectionError'


class NotInGroupError(NotInCollectionError):
    """The participant is not in the group."""

    wire_name = 'twisted.words.service.NotInGroupError'

    def __init__(self, group):
        # type: (str) -> None
        NotInCollectionError.__init__(self, u"You are not in group '%s'." % group)


class UserNonexistantError(NotInCollectionError):
    """There is no participant of that name."""

    wire_name = 'twisted.words.service.UserNonexistantError'

    def __init__(self, name):
        # type: (str) -> None
        NotInCollectionError.__init__(self, u"'%s' does not exist." % name)


class WrongStatusError(WordsError):
    """The participant is offline, and its messages are not kept."""

    wire_name = 'twisted.words.service.WrongStatusError'

    def __init__(self, name):
        # type: (str) -> None
        WordsError.__init__(self, u"'%s' is offline." % name)


class BadNameError(WordsError):
    """The name, or the text, cannot be used."""

    wire_name = 'carryall.services.words.chaterrors.BadNameError'


class BannedError(WordsError):
    """The participant may not enter the group."""

    wire_name = 'carryall.services.words.chaterrors.BannedError'


class NotAllowedError(WordsError):
    """The participant may not do that."""

    wire_name = 'carryall.services.words.chaterrors.NotAllowedError'


class TooMuchError(WordsError):
    """A limit is reached."""

    wire_name = 'carryall.services.words.chaterrors.TooMuchError'
