# Copyright the carryall authors.  See LICENSE.
"""The cost of a maildir without a server: a file of SIZE octets made in FOLDER/tmp and renamed into
FOLDER/new, COUNT times.

    python3 file_alone.py FOLDER COUNT SIZE

Prints the microseconds of processor time that one took.
"""
from __future__ import absolute_import, division, print_function

import os
import sys
import time


def main(folder, count, size):
    """Makes them."""
    data = b'x' * size
    for name in ('tmp', 'new'):
        os.makedirs(os.path.join(folder, name))
    begin = time.process_time()
    for number in range(count):
        name = '%d.alone.example' % number
        handle = os.open(os.path.join(folder, 'tmp', name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC,
                         0o600)
        os.write(handle, data)
        os.close(handle)
        os.rename(os.path.join(folder, 'tmp', name), os.path.join(folder, 'new', name))
    print('%.0f' % ((time.process_time() - begin) / count * 1e6))


if __name__ == '__main__':
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
