# Copyright the carryall authors.  See LICENSE.
"""What is served: files, mailboxes, accounts ...;
each service with its options and its type for taps."""
