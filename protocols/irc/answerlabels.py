# Copyright the carryall authors.  See LICENSE.
"""Labels of a client's commands, by which it knows the answers (IRCv3 labeled-response, batch).

    label = labels.new(wait)                # goes with the command
    labels.owner_of(message)                # the wait whose answer the message is, or None

A server that sends a label which was not given, or batches without an end, makes nothing grow.

Tests:    tests/protocols/irc/test_answerlabels.py
"""
from __future__ import absolute_import, division, print_function

from collections import OrderedDict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict
    from carryall.protocols.irc.wire import Message

__all__ = ['AnswerLabels']

MAX_BATCHES = 100           # that are open; the oldest is forgotten then


class AnswerLabels(object):
    """The labels of one client."""

    __slots__ = ('_count', '_owners', '_batches')

    def __init__(self):
        # type: () -> None
        self._count = 0
        self._owners = {}               # type: Dict[bytes, Any]
        self._batches = OrderedDict()   # type: Dict[bytes, bytes]  # reference -> label

    def new(self, owner):
        # type: (Any) -> bytes
        """A label for a command."""
        self._count += 1
        label = b'%d' % self._count
        self._owners[label] = owner
        return label

    def forget(self, owner):
        # type: (Any) -> None
        """Drops the label of a command that has its answer, or waits no longer."""
        for label in [each for each, known in self._owners.items() if known is owner]:
            del self._owners[label]

    def owner_of(self, message):
        # type: (Message) -> Any
        """The owner of the command that the message answers; None if no label says."""
        tags = message.tags
        label = tags.get(b'label')
        if label is None and b'batch' in tags:
            label = self._batches.get(tags[b'batch'])
        if message.command == b'BATCH' and message.params:
            label = self._note_batch(message.params[0], label)
        return None if label is None else self._owners.get(label)

    def _note_batch(self, word, label):
        # type: (bytes, Any) -> Any
        """Notes where a batch begins and ends; gives its label."""
        reference = word[1:]
        if word[:1] == b'-':
            return self._batches.pop(reference, None)
        if word[:1] == b'+' and label in self._owners:
            self._batches[reference] = label
            while len(self._batches) > MAX_BATCHES:
                self._batches.popitem(last=False)       # type: ignore
        return label
