# Copyright the carryall authors.  See LICENSE.
"""A log record of level WARNING or above that a test did not expect fails it.

    def test_refuses(expect_log):
        seen = expect_log(r'refused 127\\.0\\.0\\.1')
        ...

allows the records whose message matches, and fails the test if there was none (unless
``required=False``).
"""
from __future__ import absolute_import, division, print_function

import logging
import re

import pytest


class Watch(logging.Handler):
    """Keeps unexpected records, and gives expected ones to the test that announced them."""

    def __init__(self):
        logging.Handler.__init__(self, logging.WARNING)
        self.unexpected = []        # messages, with the traceback that came along
        self.expected = []          # (pattern, required, records)

    def expect(self, pattern, required=True):
        """Allows records that match *pattern*; returns the list that they will be put into."""
        records = []
        self.expected.append((re.compile(pattern), required, records))
        return records

    def emit(self, record):
        """Sorts one record."""
        message = record.getMessage()
        for pattern, _, records in self.expected:
            if pattern.search(message):
                records.append(record)
                return
        self.unexpected.append('%s %s: %s' % (record.levelname, record.name, self.format(record)))

    def verdict(self):
        """The faults as text; empty if there are none."""
        wrong = ['unexpected log record: ' + each for each in list(self.unexpected)]
        wrong.extend('no log record matched %r' % pattern.pattern
                     for pattern, required, records in self.expected if required and not records)
        return '\n'.join(wrong)


@pytest.fixture(autouse=True)
def log_watch():
    """Listens at the root of all loggers for as long as the test and its fixtures last."""
    watch = Watch()
    root = logging.getLogger()
    root.addHandler(watch)
    try:
        yield watch
    finally:
        root.removeHandler(watch)
    wrong = watch.verdict()
    if wrong:
        pytest.fail(wrong, pytrace=False)


@pytest.fixture
def expect_log(log_watch):
    """Call it with a regular expression for each log record of level WARNING or above that is meant
    to come."""
    return log_watch.expect
