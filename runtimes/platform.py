# Copyright the carryall authors.  See LICENSE.
"""Which platform this is, decided once: what has one spelling over BSD sockets and another over
Java.

Tests:    tests/runtimes/test_choice.py
"""
from __future__ import absolute_import, division, print_function

import os

__all__ = ['ON_JVM', 'look_up']

ON_JVM = os.name == 'java'          # jython: the one interpreter that says so

if ON_JVM:
    from carryall.core.files import appendfile, folders, octetpaths, plainfile
    from carryall.runtimes.jvm import appendchannel as _appendfile
    from carryall.runtimes.jvm import heldfolders as _folders
    from carryall.runtimes.jvm import nionames as _octetpaths
    from carryall.runtimes.jvm import systemcalls as _plainfile
    from carryall.runtimes.jvm.addresses import look_up
    appendfile.provide(_appendfile.open_append)
    folders.provide(_folders.open_folder, _folders.close_folder, _folders.works)
    octetpaths.provide(_octetpaths)
    plainfile.provide(_plainfile.opened)
else:
    from carryall.runtimes.names import look_up
