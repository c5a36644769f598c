# Copyright the carryall authors.  See LICENSE.
"""The figure for C: openssl s_server, which sends a file by HTTP/1.0.

    openssl_server.py bigfile --root DIR --certificate PEM
"""
from __future__ import absolute_import, division, print_function

import argparse
import os
import socket
import sys


def main():
    """Prints a port that is free, and becomes openssl."""
    options = argparse.ArgumentParser()
    options.add_argument('kind')
    options.add_argument('--root')
    options.add_argument('--certificate')
    options = options.parse_args()
    probe = socket.socket()
    probe.bind(('127.0.0.1', 0))
    port = probe.getsockname()[1]
    probe.close()
    print(port)
    sys.stdout.flush()
    os.chdir(options.root)
    os.dup2(2, 1)                   # it talks about each connection
    os.execvp('openssl', ['openssl', 's_server', '-quiet', '-accept', '127.0.0.1:%d' % port,
                          '-cert', options.certificate, '-WWW'])


if __name__ == '__main__':
    main()
