# Copyright the carryall authors.  See LICENSE.
"""carryall-image/: the jar with a Java runtime of its own, for machines that have no Java.

carryall-image.tar.gz is the same folder as a tar.

    carryall-image/bin/carryall web --path .

jlink takes the modules that Jython and carryall use out of the JDK at hand.  Java ties the class
data archive of the jar to the place where it lies, so that is made where the folder is put:
``bin/carryall --archive``.
"""
import os
import shutil

from dist import OUT
from dist.archives import gzip_bytes, read_folder, tar_bytes, write_file
from dist.jar import make as make_jar
from dist.tools import epoch, need, run

# What jdeps says of the jar, and what is only asked for by name: cryptography, file systems,
# character sets.
MODULES = ('java.base', 'java.compiler', 'java.desktop', 'java.logging', 'java.management',
           'java.naming', 'java.rmi', 'java.security.jgss', 'java.security.sasl', 'java.sql',
           'java.xml', 'jdk.charsets', 'jdk.crypto.cryptoki', 'jdk.crypto.ec', 'jdk.management',
           'jdk.net', 'jdk.unsupported', 'jdk.zipfs')
ENTRY = """#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
# A link to this file that is called mktap, twistd ... is that command.
self=$(readlink -f "$0")
export CARRYALL_NAME=$(basename "$0")
exec "${self%/bin/*}/carryall.sh" "$@"
"""


def make():
    """Writes the folder and its tar; the folder's path."""
    target = os.path.join(OUT, 'carryall-image')
    shutil.rmtree(target, ignore_errors=True)
    os.makedirs(target)
    runtime = os.path.join(target, 'runtime')
    run([need('jlink', 'default-jdk-headless'), '--add-modules', ','.join(MODULES),
         '--strip-debug', '--no-man-pages', '--no-header-files', '--compress=2',
         '--output', runtime])
    run(['strip', '--strip-unneeded', os.path.join(runtime, 'lib', 'server', 'libjvm.so')])
    shutil.copy(make_jar(), os.path.join(target, 'carryall.jar'))
    shutil.copy(os.path.join(OUT, 'carryall.sh'), os.path.join(target, 'carryall.sh'))
    write_file(os.path.join(target, 'bin', 'carryall'), ENTRY.encode('ascii'), True)
    # An archive of the runtime's own classes.
    run([os.path.join(runtime, 'bin', 'java'), '-XX:+UseSerialGC', '-Xshare:dump'], target)
    entries = [('carryall-image/' + name, data, executable)
               for name, data, executable in read_folder(target)]
    write_file(os.path.join(OUT, 'carryall-image.tar.gz'),
               gzip_bytes(tar_bytes(entries, epoch()), epoch()))
    return target
