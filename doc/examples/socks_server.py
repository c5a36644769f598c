# Copyright the carryall authors.  See LICENSE.
"""A proxy for this machine, but not to itself; try it with:
curl --socks5-hostname 127.0.0.1:1080 http://example.org/
"""
from carryall import runtimes
from carryall.core.wrap.streamrelay import RelaySettings
from carryall.protocols.socks import Gate, Rules, SOCKSServer, parse_rules

loop = runtimes.choose()
rules = Rules(parse_rules([u'deny to 127.0.0.0/8,::1', u'allow port 80,443', u'deny']))
gate = Gate(loop, RelaySettings(idle_seconds=600.0), rules)
loop.listen_tcp(lambda: SOCKSServer(gate), port=1080)
loop.run()
