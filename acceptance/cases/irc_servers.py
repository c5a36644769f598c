# Copyright the carryall authors.  See LICENSE.
"""Our client on ngircd, InspIRCd and BitlBee."""
from acceptance import ircservers

PROVES = ['IRC-06', 'IRC-08']
NEEDS = ['ngircd', 'inspircd', 'bitlbee']
PACKAGES = {'ngircd': 'ngircd', 'inspircd': 'inspircd', 'bitlbee': 'bitlbee'}
LONG = True


def run(stage):
    """A visit to each."""
    for start in (ircservers.ngircd, ircservers.inspircd):
        visit(stage, 'irc_visit.py', start(stage), '#tea', start.__name__)
    visit(stage, 'irc_gateway.py', ircservers.bitlbee(stage), '', 'bitlbee')


def visit(stage, peer, port, channel, name):
    """One server."""
    program = stage.peer(peer, port, channel)
    program.wait_for('visited')
    stage.demand(program.wait() == 0, '%s: %s', name, program.output)
