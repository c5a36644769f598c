# Copyright the carryall authors.  See LICENSE.
"""carryall.jar and nothing else of ours: a Java program calls a Python object; Python uses a
library of Java, Java's Python one of C."""
import os
import shutil

from acceptance.artifacts import NotMade, path_of
from acceptance.cases.pb_examples import EXAMPLES, library, start
from acceptance.stage import Missing

PROVES = ['PB-18', 'NEW-06']
NEEDS = ['java', 'javac']
PACKAGES = {'javac': 'default-jdk-headless'}
LONG = True


def run(stage):
    """The jar, in a folder away from the checkout, with the side under test at the other end."""
    try:
        jar = shutil.copy(path_of('jar'), stage.path('carryall.jar'))
    except NotMade as exc:
        raise Missing(str(exc))
    shutil.copy(os.path.join(EXAMPLES, 'CallPython.java'), stage.folder)
    stage.foreign('javac', '-cp', jar, '-d', stage.path('classes'), stage.path('CallPython.java'))

    server = start(stage, 'pbsimple_server.py', 0)
    program = stage.launch(['java', '-cp', os.pathsep.join((jar, stage.path('classes'))),
                            'CallPython', str(server.address()[1])],
                           foreign=True)
    program.seconds *= 3
    stage.demand(program.wait() == 0 and 'Python answered: hello from Java' in program.output,
                 'Java said:\n%s\nthe server:\n%s', program.output, server.output)
    server.end()

    server = on_the_jar(stage, jar, 'library_server.py', 0)
    library(stage, server)
    server.end()

    if stage.runtime.kind != 'jython':
        server = start(stage, 'sqlite_server.py', 0)
        client = on_the_jar(stage, jar, 'sqlite_client.py', server.address()[1])
        stage.demand(client.wait() == 0 and 'cheaper: fly for 5, frog for 300' in client.output,
                     'with a library of C: %s\n%s', client.output, server.output)
        server.end()


def on_the_jar(stage, jar, name, *args):
    """Starts a copy of an example in a JVM that has the jar."""
    shutil.copytree(EXAMPLES, stage.path('examples'), dirs_exist_ok=True)
    process = stage.launch(['java', '-jar', jar, 'run', stage.path('examples', name)]
                           + [str(arg) for arg in args], foreign=True)
    process.seconds *= 3
    return process
