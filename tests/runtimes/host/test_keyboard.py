# Copyright the carryall authors.  See LICENSE.
"""The keyboard, as far as there is none in a test."""
from __future__ import absolute_import, division, print_function

import os
import subprocess
import sys

from carryall.runtimes.host.keyboard import Keyboard

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
PROGRAM = '''
import sys
sys.path.insert(0, %r)
from carryall.runtimes.host.keyboard import Keyboard
keyboard = Keyboard()
heard = b''
while True:
    piece = keyboard.read()
    if not piece:
        break
    heard += piece
print((keyboard.terminal, keyboard.by_key(True), keyboard.window(), len(heard),
       heard[:5] == b'a\\x00\\xff\\r\\n'))
'''


def test_input_that_is_no_terminal():
    process = subprocess.Popen([sys.executable, '-c', PROGRAM % ROOT], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE)
    said = process.communicate(b'a\0\xff\r\n' * 2000)[0]
    assert said.strip() == b'(False, False, (80, 24), 10000, True)', said


def test_giving_back_what_was_never_taken():
    keyboard = Keyboard()
    keyboard.terminal = True
    assert keyboard.by_key(False) is False
