# Copyright the carryall authors.  See LICENSE.
"""The services, such as files, mailboxes and accounts;
each has its options and its type for taps."""
