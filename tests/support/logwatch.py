# Copyright the carryall authors.  See LICENSE.
"""A log record of level WARNING or above that a test did not expect fails it.

    def test_refuses(expect_log):
        seen = expect_log(r'refused 127\\.0\\.0\\.1')
        ...

allows the records whose message matches, and fails the test if there was none (unless
``required=False``).  The records of a test that fails are shown with it.

pytest's own plug-in for logging is not used (``tox.ini``): it installs two handlers for each phase
of each test.  That takes half of the time of an empty test on Jython.  ``caplog`` is its fixture,
as far as tests use it.
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
        self.messages = []          # all, for a test that fails

    def expect(self, pattern, required=True):
        """Allows records that match *pattern*; returns the list that they will be put into."""
        records = []
        self.expected.append((re.compile(pattern), required, records))
        return records

    def emit(self, record):
        """Sorts one record."""
        message = record.getMessage()
        self.messages.append('%s %s: %s' % (record.levelname, record.name, message))
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


class Records(logging.Handler):
    """The log records of a test, and the levels that it has set.

    Attributes:
        records: of the logging module, since the last ``clear()``.
    """

    def __init__(self):
        logging.Handler.__init__(self)
        self.records = []
        self._levels = []           # (logger, level that it had)

    def emit(self, record):
        """Keeps a record."""
        self.records.append(record)

    @property
    def text(self):
        """The messages, a line each."""
        return u'\n'.join(record.getMessage() for record in self.records)

    def clear(self):
        """Forgets the records."""
        del self.records[:]

    def set_level(self, level, name=None):
        """Lets a logger pass records from that level on, until the test ends."""
        logger = logging.getLogger(name)
        self._levels.append((logger, logger.level))
        logger.setLevel(level)

    def restore(self):
        """Sets the levels back."""
        while self._levels:
            logger, level = self._levels.pop()
            logger.setLevel(level)


@pytest.fixture
def caplog():
    """The Records of the test."""
    records = Records()
    root = logging.getLogger()
    root.addHandler(records)
    try:
        yield records
    finally:
        root.removeHandler(records)
        records.restore()


def pytest_exception_interact(node, call, report):
    """Shows the log records of a test that fails."""
    watch = getattr(node, 'funcargs', {}).get('log_watch')
    if watch is not None and watch.messages:
        report.sections.append(('Log records', '\n'.join(watch.messages)))
