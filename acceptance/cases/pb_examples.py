# Copyright the carryall authors.  See LICENSE.
"""The examples of Perspective Broker, each server with its client.

A Java program calls Python; Python uses a library of Java, and Jython one of C.
"""
import os
import shutil

from acceptance.stage import ROOT

PROVES = ['PB-06', 'PB-18', 'NEW-06', 'DOC-01']
NEEDS = []
LONG = True
AS_OF_OLD = 'runExampleTest'

EXAMPLES = os.path.join(ROOT, 'doc', 'examples', 'pb')
JYTHON_JAR = '/usr/share/java/jython.jar'

# server, client, its further words, what it must say
PAIRS = (
    ('pbsimple_server.py', 'pbsimple_client.py', (), ('server echoed: hello network',)),
    ('pbecho_server.py', 'pbecho_client.py', (), ('hello world', 'with a wrong password: ')),
    ('copy_receiver.py', 'copy_sender.py', (),
     ('it counted 5', 'refused: twisted.spread.jelly.InsecureJelly')),
    ('cache_server.py', 'cache_client.py', (), ('ducks: one, two\n', 'ducks: one, two, three\n',
                                                'observers: 1\n', 'observers: 0\n')),
    ('viewpoint_server.py', 'viewpoint_client.py', (), ('anna: I was here', 'ben: I was here')),
    ('pbbench_server.py', 'pbbench_client.py', (1, 5), ('simple: ', 'complex: ')),
)


def start(stage, name, *args, runtime=None):
    """Starts a copy of an example, out of the checkout."""
    shutil.copytree(EXAMPLES, stage.path('examples'), dirs_exist_ok=True)
    return stage.script(stage.path('examples', name), *args, runtime=runtime)


def run(stage):
    """Each pair on the side under test; Java, and its library, where there is a JVM."""
    for server_name, client_name, more, expected in PAIRS:
        server = start(stage, server_name, 0)
        port = server.address()[1]
        client = start(stage, client_name, port, *more)
        stage.demand(client.wait() == 0, '%s said:\n%s\nits server:\n%s', client_name,
                     client.output, server.output)
        for words in expected:
            stage.demand(words in client.output, '%s did not say %r:\n%s', client_name, words,
                         client.output)
        if server_name == 'pbsimple_server.py' and os.path.exists(JYTHON_JAR) and shutil.which(
                'java'):
            program = stage.launch(['java', '-cp', JYTHON_JAR, '-Dpython.home=/usr/share/jython',
                                    '-Dpython.path=' + ROOT,
                                    stage.path('examples', 'CallPython.java'), str(port)],
                                   foreign=True)
            program.seconds *= 3
            stage.demand(program.wait() == 0
                         and 'Python answered: hello from Java' in program.output, 'Java said:\n%s',
                         program.output)
        server.end()
    java = next((side for side in stage.others if side.kind == 'jython'), None)
    if java is not None:
        server = start(stage, 'library_server.py', 0, runtime=java)
        library(stage, server)
        server.end()
    if stage.runtime.kind != 'jython':
        server = start(stage, 'sqlite_server.py', 0)
        client = start(stage, 'sqlite_client.py', server.address()[1], runtime=java)
        stage.demand(client.wait() == 0 and 'cheaper: fly for 5, frog for 300' in client.output,
                     'with a library of C: %s\n%s', client.output, server.output)
        server.end()


def library(stage, server):
    """A client on the side under test, of a server with a library of Java."""
    client = start(stage, 'library_client.py', server.address()[1])
    stage.demand(client.wait() == 0 and 'compare: -1' in client.output,
                 'with the library of Java: %s\n%s', client.output, server.output)
    java_sort = client.output.split('as Java sorts: ')[1].split('\n')[0]
    stage.demand(java_sort.index('apfel') < java_sort.index('xe4pfel') < java_sort.index('ofen')
                 < java_sort.index('xd6l')
                 < java_sort.index('zebra'), 'the words came as %s', java_sort)


def show(stage):
    """The example of 2002, with the words of both its programs."""
    server = start(stage, 'pbecho_server.py', 0)
    client = start(stage, 'pbecho_client.py', server.address()[1])
    client.wait()
    return 'The client of the example should have said "hello world".  It said:\n%s' % client.output
