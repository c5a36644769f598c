# Copyright the carryall authors.  See LICENSE.
"""A Java program starts, asks and stops servers inside itself, as doc/howto/java.md shows it."""
import os
import shutil

from acceptance.artifacts import NotMade, path_of
from acceptance.stage import ROOT, Missing

PROVES = ['DOC-01', 'NEW-06']
NEEDS = ['java', 'javac']
PACKAGES = {'javac': 'default-jdk-headless'}
LONG = True
EACH_RUNTIME = False        # it is about the jar alone

COMMAND = 'java -cp carryall.jar ServeFolder.java'


def run(stage):
    """The command of the page, in a folder with the jar and the program."""
    with open(os.path.join(ROOT, 'doc', 'howto', 'java.md'), encoding='utf-8') as page:
        stage.demand('\n%s\n' % COMMAND in page.read(), 'the page shows another command')
    try:
        shutil.copy(path_of('jar'), stage.path('carryall.jar'))
    except NotMade as exc:
        raise Missing(str(exc))
    shutil.copy(os.path.join(ROOT, 'doc', 'examples', 'java', 'ServeFolder.java'), stage.folder)
    program = stage.launch(COMMAND.split(), foreign=True)
    program.seconds *= 3
    stage.demand(program.wait() == 0, 'it ended badly:\n%s', program.output)
    for expected in ('served inside a Java program', 'echo listens on 127.0.0.1:', 'stopped'):
        stage.demand(expected in program.output, 'it does not say %r:\n%s', expected,
                     program.output)
