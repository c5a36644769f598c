# Copyright the carryall authors.  See LICENSE.
"""`carryall ask user@host`: finger; `carryall whois NAME`: whois.  What comes back is shown clean (RFC 1288 section 3.3).

The command is called ``ask``, for ``carryall finger`` starts a server; ``bin/`` has it as ``carryall-finger`` too.

Status:   0 there was an answer; 1 there was none; 2 the command line cannot be; 130 Ctrl-C.
Tests:    tests/commands/test_finger.py
"""
from __future__ import absolute_import, division, print_function
