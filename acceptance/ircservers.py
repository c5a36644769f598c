# Copyright the carryall authors.  See LICENSE.
"""Foreign servers of IRC on loopback ports, without pauses between commands."""
import os

from acceptance.servers import wait_until_up

NGIRCD = """[Global]
Name = ngircd.example
Info = ngircd
Listen = 127.0.0.1
Ports = %(port)d
ServerUID = irc
ServerGID = irc
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 100
MaxPenaltyTime = 0
PingTimeout = 600
[Options]
DNS = no
Ident = no
PAM = no
Syslog = no
"""
INSPIRCD = """<server name="inspircd.example" description="x" network="Test">
<admin name="a" nick="a" email="a@host.example">
<bind address="127.0.0.1" port="%(port)d" type="clients">
<connect allow="*" timeout="60" pingfreq="600" hardsendq="4194304" softsendq="4194304"
    recvq="262144" threshold="100000" commandrate="100000000" fakelag="no" localmax="1000"
    globalmax="1000" limit="1000" maxchans="100" resolvehostnames="no" useident="no">
<files motd="">
<options hideserver="">
<security hidelistmodes="no">
<pid file="%(folder)s/inspircd.pid">
<log method="file" type="* -USERINPUT -USEROUTPUT" level="default" target="%(folder)s/inspircd.log">
"""


def ngircd(stage):
    """The port of ngircd, which listens."""
    port = stage.free_port()
    path = stage.write('ngircd-%d.conf' % port, (NGIRCD % {'port': port}).encode())
    return _launched(stage, ['ngircd', '-n', '-f', path], port, 'ngircd')


def inspircd(stage):
    """The port of InspIRCd, which listens."""
    port = stage.free_port()
    path = stage.write('inspircd-%d.conf' % port,
                       (INSPIRCD % {'port': port, 'folder': stage.folder}).encode())
    words = ['inspircd', '--nofork', '--config', path]
    if os.geteuid() == 0:
        words.insert(1, '--runasroot')
    return _launched(stage, words, port, 'inspircd')


def bitlbee(stage):
    """The port of BitlBee, a gateway that looks like a server."""
    port = stage.free_port()
    os.makedirs(stage.path('bitlbee'), exist_ok=True)
    path = stage.write('bitlbee.conf', b'[settings]\nUser = root\n')
    return _launched(stage, ['bitlbee', '-Dn', '-i', '127.0.0.1', '-p', str(port), '-c', path,
                             '-d', stage.path('bitlbee')], port, 'bitlbee')


def _launched(stage, words, port, name):
    stage.launch(words, foreign=True)
    wait_until_up(stage, port, name)
    return port
