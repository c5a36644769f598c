# Copyright the carryall authors.  See LICENSE.
"""Runs a program on a pseudo terminal of 80 columns, and passes on what it writes there.

    terminal.py PROGRAM WORD ...

SIGINT types Ctrl-C, SIGHUP takes the terminal away.  It ends with the status of the program.
"""
import fcntl
import os
import pty
import signal
import struct
import sys
import termios

SIZE = struct.pack('HHHH', 24, 80, 0, 0)
CTRL_C = b'\x03'


def main(words):
    """The exit status of the program."""
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, SIZE)
        os.execvp(words[0], words)
    signal.signal(signal.SIGINT, lambda *_: os.write(terminal, CTRL_C))
    signal.signal(signal.SIGHUP, lambda *_: os.close(terminal))
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:         # EIO: no process has the terminal open
            break
        if not piece:
            break
        os.write(1, piece)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
