# Copyright the carryall authors.  See LICENSE.
"""The contract tests hold under each toolkit's loop: Tk, GTK, Qt, wx, trio, asyncio, Swing."""
from acceptance import display

PROVES = ['RT-06']
NEEDS = display.NEEDS
PACKAGES = display.PACKAGES
PYTHON = display.PYTHON
LONG = True


def run(stage):
    """Each guest of this kind of runtime, one after the other, on a display of this case."""
    name = display.start_display(stage)
    for guest in display.GUESTS[stage.runtime.kind]:
        paths = ['tests/contract']
        if guest.display:
            paths.append('tests/runtimes/guests/test_dialogs.py')
        last = display.run_contract(stage, guest, name if guest.display else '', paths)
        stage.demand(' passed' in last, '%s: %s', guest.name, last)
        print('    %s: %s' % (guest.name, last))
