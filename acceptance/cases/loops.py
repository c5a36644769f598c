# Copyright the carryall authors.  See LICENSE.
"""The contract tests hold under each toolkit's loop, as doc/loop-laws.md says.

Tk, GTK, Qt, wx, trio, asyncio, uvloop, Swing, and a message loop of Windows that is a fake.
"""
from acceptance import display, lawtable

PROVES = ['RT-05', 'RT-06']
NEEDS = display.NEEDS
PACKAGES = display.PACKAGES
PYTHON = display.PYTHON
LONG = True


def run(stage):
    """Each guest of this kind of runtime, one after the other, on a display of this case."""
    name = display.start_display(stage)
    tallies = []
    for guest in display.GUESTS[stage.runtime.kind]:
        results = stage.path(guest.name.replace(', ', '-'))
        shown = name if guest.display else ''
        version = display.version_of(stage, guest, shown)
        last = display.run_contract(stage, guest, shown, results)
        stage.demand(' passed' in last, '%s: %s', guest.name, last)
        print('    %s: %s' % (guest.name, last))
        tallies.append(lawtable.tally(guest.name, version, results))
    lawtable.keep(stage.runtime.kind, tallies)
    differs = lawtable.differences(stage.runtime.kind, tallies)
    stage.demand(not differs, 'doc/loop-laws.md says otherwise (python3 -m acceptance.lawtable '
                              'writes it): %s', '; '.join(differs))
